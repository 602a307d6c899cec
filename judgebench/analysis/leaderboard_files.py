"""Leaderboards from files: a row a model, or a row a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from judgebench.analysis.leaderboard import (
    EXPOSURE,
    FIRST_SHARE,
    LOG_LENGTH_RATIO,
    Standing,
    exposure_columns,
    rate_variance,
    standings_of,
)
from judgebench.errors import InputError, nearest
from judgebench.items.rows import column_of, read_rows

_COUNTS: Final = ("wins", "ties", "losses")
_OF_MODELS: Final = ("model", "win_rate", "n", *_COUNTS)
_OF_COMPARISONS: Final = ("model", "item_id", "judged", "gold")
_EXPOSURES: Final = (FIRST_SHARE, LOG_LENGTH_RATIO)


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard with the exposures that its file tells."""

    standings: tuple[Standing, ...]
    exposures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its place, for messages."""

    path: Path
    number: int
    text: str
    cells: Mapping[str, Any]

    def fault(self, key: str, message: str, expected: str) -> InputError:
        column = column_of(self.text, key) if key in self.cells else None
        return InputError(message, file=self.path, line=self.number, column=column, expected=expected)

    def name(self, key: str) -> str:
        """The text under a key, which must be there."""
        value = self.cells.get(key)
        if value is None or not str(value).strip():
            raise self.fault(key, f"{key!r} is missing", "text")
        return str(value)

    def number_of(self, key: str, low: float, high: float, *, needed: bool = True) -> float:
        """The number under a key; NaN where it may be absent and is.

        Raises:
            InputError: It is absent, no number, or out of range.
        """
        value = self.cells.get(key)
        if value is None or value == "":
            if needed:
                raise self.fault(key, f"{key!r} is missing", _range(low, high))
            return math.nan
        try:
            found = float(value)
        except (TypeError, ValueError):
            raise self.fault(key, f"{key!r} is {str(value)[:40]!r}", _range(low, high)) from None
        if not (math.isfinite(found) and low <= found <= high) or isinstance(value, bool):
            raise self.fault(key, f"{key!r} is {str(value)[:40]}", _range(low, high))
        return found


def _range(low: float, high: float) -> str:
    return (
        "a number"
        if math.isinf(low)
        else f"a number of at least {low:g}"
        if math.isinf(high)
        else (f"a number from {low:g} to {high:g}")
    )


def read_board(path: Path, *, level: float = 0.95) -> Board:
    """A leaderboard from a CSV, JSONL or Parquet file.

    A row a model: `model`, and `win_rate` with `n` or `wins`, `ties`, `losses`. Or a row a comparison: `model`,
    `item_id`, `judged` (the model's win by the judge: 1, 0.5 or 0) and, for some, `gold` (the same by people). With
    either, the exposures of `exposure_columns`; in a row of one comparison `first_share` is 1 or 0.

    Raises:
        InputError: A column is unknown or missing, or a value is none; with line and column.
    """
    lines = [
        _Line(path, number, text, values) for number, text, values in read_rows(path, kind="leaderboard")
    ]
    if not lines:
        raise InputError("the leaderboard is empty", file=path, expected="a row a model or a comparison")
    columns = list(dict.fromkeys(key for line in lines for key in line.cells))
    single = "item_id" in columns
    known = _OF_COMPARISONS if single else _OF_MODELS
    for key in columns:
        if key not in known and not exposure_columns([key]):
            raise _unknown(lines, key, (*known, *_EXPOSURES))
    exposures = exposure_columns(columns)
    if single:
        table = pd.DataFrame(list(_comparisons(lines, exposures)))
        return Board(tuple(standings_of(table, exposures, level=level)), exposures)
    return Board(tuple(_models(lines, exposures)), exposures)


def _unknown(lines: list[_Line], key: str, known: tuple[str, ...]) -> InputError:
    line = next(line for line in lines if key in line.cells)
    error = line.fault(key, f"unknown column {key!r}", f"{', '.join(known)} or {EXPOSURE}<perturbation>")
    error.suggestion = nearest(key, known)
    return error


def _comparisons(lines: list[_Line], exposures: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        place = (line.name("model"), line.name("item_id"))
        if place in seen:
            raise line.fault(
                "item_id",
                f"{place[0]!r} on {place[1]!r} stands in line {seen[place]} already",
                "each comparison once",
            )
        seen[place] = line.number
        yield {
            "model": place[0],
            "judged": line.number_of("judged", 0, 1),
            "gold": line.number_of("gold", 0, 1, needed=False),
            **_exposed(line, exposures),
        }


def _models(lines: list[_Line], exposures: tuple[str, ...]) -> Iterator[Standing]:
    seen: dict[str, int] = {}
    for line in lines:
        model = line.name("model")
        if model in seen:
            raise line.fault("model", f"{model!r} stands in line {seen[model]} already", "each model once")
        seen[model] = line.number
        yield _counted(line, model, exposures) if "wins" in line.cells else _rated(line, model, exposures)


def _rated(line: _Line, model: str, exposures: tuple[str, ...]) -> Standing:
    rate, n = line.number_of("win_rate", 0, 1), line.number_of("n", 1, math.inf)
    return Standing(model, rate, rate_variance(rate, int(n)), int(n), _exposed(line, exposures))


def _counted(line: _Line, model: str, exposures: tuple[str, ...]) -> Standing:
    wins, losses = (line.number_of(key, 0, math.inf) for key in ("wins", "losses"))
    ties = line.number_of("ties", 0, math.inf, needed=False)
    ties = 0.0 if math.isnan(ties) else ties
    n = wins + ties + losses
    if n < 1:
        raise line.fault("wins", f"{model!r} has no comparison", "at least one win, tie or loss")
    rate = (wins + ties / 2) / n
    spread = (wins * (1 - rate) ** 2 + ties * (0.5 - rate) ** 2 + losses * rate**2) / n
    return Standing(model, rate, rate_variance(rate, int(n), spread), int(n), _exposed(line, exposures))


def _exposed(line: _Line, exposures: tuple[str, ...]) -> dict[str, float]:
    return {name: line.number_of(name, *_limits(name)) for name in exposures}


def _limits(name: str) -> tuple[float, float]:
    if name == LOG_LENGTH_RATIO:
        return -math.inf, math.inf
    return (0.0, 1.0) if name == FIRST_SHARE else (-1.0, 1.0)
