"""A leaderboard before and after the measured biases are taken out."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

from judgebench.analysis.leaderboard import EXPOSURE, FIRST_SHARE, LOG_LENGTH_RATIO, Corrected
from judgebench.report import formats
from judgebench.report.csv import csv_text
from judgebench.report.labels import perturbation_name
from judgebench.report.table import Row, Table
from judgebench.report.text import shorten

__all__ = ["leaderboard_csv", "leaderboard_table"]

_NAMES: Final = {FIRST_SHARE: "Position", LOG_LENGTH_RATIO: "Length"}
_NUMBERS: Final = ("before", "before_low", "before_high", "after", "after_low", "after_high")
_RANKS: Final = ("rank_before", "rank_after", "rank_after_low", "rank_after_high")


def leaderboard_table(found: Corrected) -> Table:
    """A row a model, the best by its corrected win rate first.

    Each has both win rates with intervals, both ranks with simultaneous sets, how far each bias had moved it, and
    where there are human labels the win rate by people.
    """
    people = any(s.anchored for s in found.standings)
    columns = (
        "Model",
        "Win rate, %",
        "Rank",
        *(f"{_name(bias.column)}, points" for bias in found.biases),
        "Corrected, %",
        "Rank",
        *(("By people, %",) if people else ()),
    )
    order = sorted(range(len(found.standings)), key=lambda i: (-found.wins[i], found.standings[i].model))
    rows = tuple(Row(_cells(found, i, people=people)) for i in order)
    caption = f"Win rates and ranks, before and after, with {formats.level(found.level)} intervals"
    return Table("leaderboard", caption, columns, rows)


def leaderboard_csv(found: Corrected) -> str:
    """The same at full precision, in shares."""
    moved = [f"moved.{bias.column}" for bias in found.biases]
    people = ("people", "people_low", "people_high")
    columns = ("model", "n", *_NUMBERS, *_RANKS, *moved, *people)
    return csv_text(columns, [_line(found, i) for i in range(len(found.standings))])


def _line(found: Corrected, i: int) -> list[str | float | None]:
    standing = found.standings[i]
    by_people = standing.anchored
    anchored = (by_people.estimate, by_people.conf_low, by_people.conf_high) if by_people else (None,) * 3
    return [
        standing.model,
        standing.n,
        standing.wins,
        *_limits(found, standing.wins, standing.variance**0.5),
        float(found.wins[i]),
        *_limits(found, float(found.wins[i]), float(found.std_error[i])),
        int(found.before.rank[i]),
        int(found.after.rank[i]),
        int(found.after.conf_low[i]),
        int(found.after.conf_high[i]),
        *map(float, found.moved[i]),
        *anchored,
    ]


def _cells(found: Corrected, i: int, *, people: bool) -> tuple[str, ...]:
    standing, by_people = found.standings[i], found.standings[i].anchored
    after = float(found.wins[i])
    last = _rate(by_people.estimate, by_people.conf_low, by_people.conf_high) if by_people else formats.ABSENT
    return (
        shorten(standing.model, 40),
        _rate(standing.wins, *_limits(found, standing.wins, standing.variance**0.5)),
        _rank(found.before.rank[i], found.before.conf_low[i], found.before.conf_high[i]),
        *(formats.points(float(moved)) for moved in found.moved[i]),
        _rate(after, *_limits(found, after, float(found.std_error[i]))),
        _rank(found.after.rank[i], found.after.conf_low[i], found.after.conf_high[i]),
        *((last,) if people else ()),
    )


def _limits(found: Corrected, estimate: float, error: float) -> tuple[float, float]:
    half = NormalDist().inv_cdf(0.5 + found.level / 2) * error
    return max(estimate - half, 0.0), min(estimate + half, 1.0)


def _rate(estimate: float, low: float, high: float) -> str:
    value, least, most = (formats.quantity(100 * share, signed=False) for share in (estimate, low, high))
    return f"{value} [{least}, {most}]"


def _rank(rank: int, low: int, high: int) -> str:
    return f"{rank} [{low}, {high}]"


def _name(column: str) -> str:
    variant = column.removeprefix(EXPOSURE)
    return _NAMES.get(column) or perturbation_name(variant.partition("@")[0], variant)
