"""How a run is getting on: a bar on a terminal, a line now and then elsewhere if asked for."""

from __future__ import annotations

import sys
import time
from typing import Any, Final, Literal, Self, TextIO

from tqdm import tqdm

Mode = Literal["auto", "bar", "lines", "off"]

_LINE_EVERY_S: Final = 10.0


class Progress:
    """Counts requests as they are answered, fail or are asked again.

    Args:
        total: Requests in all, if known; those answered in an earlier process are part of it.
        mode: `auto` shows a bar on a terminal and nothing elsewhere; `lines` writes a plain line every ten
            seconds.
        spent_usd: What the run had spent before.
        file: Where to write; standard error by default.
    """

    def __init__(
        self,
        total: int | None = None,
        *,
        mode: Mode = "auto",
        spent_usd: float = 0.0,
        file: TextIO | None = None,
    ) -> None:
        self._file = file or sys.stderr
        self._total = total
        self._done = self._retries = self._failures = 0
        self._cost: float | None = None
        self._spent = spent_usd
        self._note = ""
        self._started = self._line_at = time.monotonic()
        if mode == "auto":
            mode = "bar" if self._file.isatty() else "off"
        self._lines = mode == "lines"
        self._bar: tqdm[Any] | None = None
        if mode == "bar":
            self._bar = tqdm(total=total, file=self._file, unit="request", smoothing=0.1, dynamic_ncols=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answered(self, cost_usd: float | None = None) -> None:
        """A request has its answer."""
        if cost_usd is not None:
            self._cost = (self._cost or 0.0) + cost_usd
        self._advance()

    def skipped(self) -> None:
        """A request had its answer before."""
        self._done += 1
        if self._bar is not None:
            # not part of the rate, or the time left would look too short
            self._bar.initial += 1
            self._bar.update(1)

    def failed(self) -> None:
        """A request is given up."""
        self._failures += 1
        self._advance()

    def retried(self) -> None:
        """A request will be asked again."""
        self._retries += 1

    def note(self, text: str) -> None:
        """Say something that is not about one request, beside the counts; an empty text takes it back."""
        self._note = text
        if self._bar is not None:
            self._bar.set_postfix_str(self._notes(), refresh=True)
        elif self._lines and time.monotonic() - self._line_at >= _LINE_EVERY_S:
            self._write()

    def close(self) -> None:
        """Show the last state."""
        if self._bar is not None:
            self._bar.set_postfix_str(self._notes(), refresh=True)
            self._bar.close()
        elif self._lines:
            self._write()

    def _advance(self) -> None:
        self._done += 1
        if self._bar is not None:
            if self._bar.update(1):
                self._bar.set_postfix_str(self._notes(), refresh=False)
        elif self._lines and time.monotonic() - self._line_at >= _LINE_EVERY_S:
            self._write()

    def _notes(self) -> str:
        """Cost, retries and failures: those there are."""
        notes = [] if self._cost is None else [f"${self._spent + self._cost:.4f}"]
        if self._retries:
            notes.append(f"{self._retries} retries")
        if self._failures:
            notes.append(f"{self._failures} failed")
        if self._note:
            notes.append(self._note)
        return ", ".join(notes)

    def _write(self) -> None:
        self._line_at = time.monotonic()
        elapsed = self._line_at - self._started
        of_total = f"/{self._total}" if self._total is not None else ""
        rate = f"{self._done / elapsed:.1f}/s" if elapsed > 0 else ""
        line = ", ".join(note for note in (f"{self._done}{of_total} requests", rate, self._notes()) if note)
        print(line, file=self._file, flush=True)
