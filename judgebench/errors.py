"""Every error that judgebench raises on purpose.

JudgebenchError
+-- InputError        the user's input is wrong               exit status 2
|   +-- PluginError   a plugin is missing, broken or clashes  exit status 2
+-- FetchFailed       a public set cannot be fetched          exit status 1
+-- IncompleteRun     some trials have no reply               exit status 3
+-- GateFailed        an effect is worse than the gate allows exit status 4
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

__all__ = [
    "FetchFailed",
    "GateFailed",
    "IncompleteRun",
    "InputError",
    "JudgebenchError",
    "PluginError",
    "nearest",
]


class JudgebenchError(Exception):
    """The base of all errors that judgebench raises on purpose; an unexpected fault is not one of them."""

    exit_status: ClassVar[int] = 1


class InputError(JudgebenchError):
    """The user's input is wrong: where, what was found, what was expected, and the nearest valid name.

    Args:
        message: What is wrong, in one line.
        file: The file that holds the fault, if a file does.
        line: Line in that file, counted from 1.
        column: Column in that line, counted from 1.
        expected: What would have been right.
        suggestion: The nearest valid name, shown as "did you mean ...?".
    """

    exit_status = 2

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.expected = expected
        self.suggestion = suggestion

    @property
    def where(self) -> str:
        """The place of the fault as `file:line:column`, with the parts that are known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.suggestion:
            lines.append(f"  did you mean {self.suggestion!r}?")
        return "\n".join(lines)


class PluginError(InputError):
    """A plugin cannot be found, fails to load, or takes a name that is taken."""


class FetchFailed(JudgebenchError):  # the network's fault, or the server's
    """A public set cannot be fetched: no network, another answer than was expected, or another content."""


class IncompleteRun(JudgebenchError):  # a state of a run, not a mistake
    """A run has trials without a reply; running the same command again continues it."""

    exit_status = 3


class GateFailed(JudgebenchError):  # an outcome that was asked for, not a mistake
    """At least one effect is worse than the gate allows."""

    exit_status = 4


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that looks most like `name`, or None when none looks like it."""
    found = difflib.get_close_matches(name.lower(), candidates := list(valid), n=1, cutoff=0.6)
    return found[0] if found else next((v for v in candidates if v.lower() == name.lower()), None)
