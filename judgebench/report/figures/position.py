"""Position: how often both orders give one verdict, beside how much the place shown first gains; a row a judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.report import formats
from judgebench.report.effects import Line, lines_of
from judgebench.report.figures.look import (
    GREY,
    LOOKS,
    below,
    glyphs,
    house_style,
    ink,
    margin_band,
    points_axis,
    whisker,
)
from judgebench.report.labels import DECISIONS, bias_of
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["position_figure"]

_ROW: Final = 0.27  # inches


def position_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """A row a judge: on the left the pairs with one verdict in both orders, on the right the gain of the first place.

    A tick on the left marks how many verdicts stay when the same question is put again: no judge can be expected to
    be steadier than that.

    Returns:
        The figure, or None where no judge was asked in both orders.
    """
    with house_style(style):
        found = [
            (name, formats.line_name(line).removeprefix(bias_of("position").name), line)
            for name, audit in zip(judge_names(audits), audits, strict=True)
            for line in lines_of(audit)
            if line.primary.estimand == "first_preference" and line.flips is not None
        ]
        same = len({way for _, way, _ in found}) == 1
        return _drawn([(name if same else name + way, line) for name, way, line in found]) if found else None


def _drawn(rows: Sequence[tuple[str, Line]]) -> Figure:
    figure = Figure(figsize=(7.2, len(rows) * _ROW + 1.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for y, (_, line) in enumerate(rows):
        _steady(left, y, line)
        look = LOOKS[line.primary.verdict]
        whisker(right, line.primary, y, along="x", colour=look.colour)
        right.plot(100 * (line.primary.estimate or 0), y, zorder=3, **look.marks)
    left.set_yticks(range(len(rows)), [glyphs(shorten(name, 48)) for name, _ in rows], parse_math=False)
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.set_xlim(right=100.9)
    left.set_xlabel("one verdict in both orders, %")
    margin_band(
        right, next((line.primary.margin for _, line in rows if line.primary.margin), None), along="x"
    )
    right.set_xlabel("gain of the place shown first, points")
    points_axis(left.xaxis, signed=False)
    points_axis(right.xaxis)
    below(figure, _handles(rows), 4)
    return figure


def _steady(axis: Axes, y: float, line: Line) -> None:
    """Consistency with its interval, and the noise floor's tick."""
    flips = line.flips
    if flips is None or flips.estimate is None:
        return
    if flips.conf_low is not None and flips.conf_high is not None:
        ends = [100 * (1 - flips.conf_high), 100 * (1 - flips.conf_low)]
        axis.plot(ends, [y, y], color=ink(), marker="", linestyle="-")
    axis.plot(100 * (1 - flips.estimate), y, marker="s", color=ink(), markersize=5)
    if line.noise is not None and line.noise.estimate is not None:
        axis.plot(
            100 * (1 - line.noise.estimate), y, marker="|", color=GREY, markersize=13, markeredgewidth=2
        )


def _handles(rows: Sequence[tuple[str, Line]]) -> list[Line2D]:
    shown = {line.primary.verdict for _, line in rows}
    handles = [Line2D([], [], color=ink(), marker="s", markersize=5, label="both orders")]
    if any(line.noise is not None for _, line in rows):
        tick: dict[str, Any] = {
            "color": GREY,
            "marker": "|",
            "linestyle": "none",
            "markersize": 13,
            "markeredgewidth": 2,
        }
        handles.append(Line2D([], [], label="same order, asked again", **tick))
    looks = ((key, look) for key, look in LOOKS.items() if key in shown)
    return [*handles, *(Line2D([], [], label=DECISIONS[key].words, **look.marks) for key, look in looks)]
