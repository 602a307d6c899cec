"""The heat map: judges as columns, biases as rows, each cell with its figure, its interval and its decision."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.report import formats
from judgebench.report.effects import Effect, Line, lines_of
from judgebench.report.figures.look import LOOKS, below, glyphs, house_style, ink
from judgebench.report.labels import DECISIONS
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["heat_figure"]

_SHADES: Final = LinearSegmentedColormap.from_list("judgebench", ["#3D8FC4", "#FFFFFF", "#E8843C"])
"""Blue for losses and orange for gains, both light enough for black text; in grey the signs in the cells tell."""
_LEAST: Final = 0.1  # a map of small effects is not painted as if they were large
_ABREAST: Final = 15  # characters of a judge's name on a line
_USUAL: Final = 0.8  # the share of effects that the colours tell apart; farther ones have the fullest


def heat_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """The effects of several judges as colours, with the figures in the cells. None for a single judge."""
    found = [{line.key: line for line in lines_of(audit) if _drawable(line)} for audit in audits]
    every = {key: line for lines in found for key, line in lines.items()}
    if len(audits) < 2 or not every:
        return None
    rows = sorted(every.values(), key=lambda line: line.family.rank)
    with house_style(style):
        figure = Figure(figsize=(1.9 + 1.25 * len(audits), 0.9 + 0.42 * len(rows)), layout="constrained")
        axis = figure.subplots()
        sizes = [abs(line.primary.estimate or 0) for lines in found for line in lines.values()]
        most = max(float(np.quantile(sizes, _USUAL)), _LEAST)
        scale = Normalize(-most, most, clip=True)
        for x, lines in enumerate(found):
            for y, row in enumerate(rows):
                _cell(axis, x, y, lines[row.key].primary if row.key in lines else None, scale)
        _frame(axis, rows, judge_names(audits))
        shown = {line.primary.verdict for lines in found for line in lines.values()}
        below(figure, list(_handles(shown)), 2)
        return figure


def _drawable(line: Line) -> bool:
    return formats.is_share(line.primary) and line.primary.estimate is not None


def _cell(axis: Axes, x: int, y: int, effect: Effect | None, scale: Normalize) -> None:
    if effect is None:
        axis.text(x, y, formats.ABSENT, ha="center", va="center")
        return
    colour = _SHADES(scale(effect.estimate or 0))
    axis.fill(
        [x - 0.5, x + 0.5, x + 0.5, x - 0.5], [y - 0.5, y - 0.5, y + 0.5, y + 0.5], color=colour, linewidth=0
    )
    mark = f" {DECISIONS[effect.verdict].mark}" if effect.verdict else ""
    axis.text(x, y - 0.14, f"{formats.estimate(effect)}{mark}", ha="center", va="center", fontweight="bold")
    axis.text(x, y + 0.22, formats.interval(effect), ha="center", va="center", fontsize=7)


def _frame(axis: Axes, rows: Sequence[Line], judges: Sequence[str]) -> None:
    """Names on the left and above, a line between families, and the marks' meanings below."""
    axis.set_xlim(-0.5, len(judges) - 0.5)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_yticks(
        range(len(rows)), [glyphs(shorten(formats.line_name(row), 32)) for row in rows], parse_math=False
    )
    axis.xaxis.tick_top()
    names = [_broken(glyphs(shorten(name, 45))) for name in judges]
    axis.set_xticks(range(len(judges)), names, fontsize=7.5, parse_math=False)
    axis.tick_params(length=0)
    axis.spines["bottom"].set_visible(False)
    for y, (one, two) in enumerate(pairwise(rows)):
        if one.family != two.family:
            axis.axhline(y + 0.5, color=ink(), linewidth=0.8)
    axis.set_xlabel("effects in points", fontsize=8)


def _handles(shown: Collection[str]) -> Iterator[Line2D]:
    """The marks and what they stand for, in the ink of the cells."""
    for key, look in LOOKS.items():
        if key and key in shown:
            marks = {**look.marks, "color": ink(), "markerfacecolor": ink() if look.filled else "white"}
            yield Line2D([], [], label=DECISIONS[key].words, linestyle="none", **marks)


def _broken(name: str) -> str:
    """A long name on several lines, broken after a separator where it can be, so that neighbours do not meet."""
    lines = [""]
    for part in re.findall(rf"[^/_ -]{{0,{_ABREAST - 1}}}[/_ -]|[^/_ -]{{1,{_ABREAST}}}", name):
        if len(lines[-1]) + len(part) > _ABREAST:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)
