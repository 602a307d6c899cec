"""The forest plot: every bias with its interval on the margin's band, by family, a column a judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.report import formats
from judgebench.report.effects import Effect, Line, lines_of
from judgebench.report.figures.look import (
    GREY,
    LOOKS,
    SHADE,
    glyphs,
    house_style,
    margin_band,
    plain,
    points_axis,
    truth_mark,
    whisker,
)
from judgebench.report.labels import DECISIONS
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["forest_figure"]

_ROW: Final = 0.25  # this and the next three in inches
_PANEL: Final = 2.8
_NAMES: Final = 1.9
_FIGURES: Final = 1.3


def forest_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """A column a judge and a band a family, each family on its own scale; a row a bias in it.

    Each row has estimate and interval, on the margin's band, and for a simulated judge the truth.

    Returns:
        The figure, or None where no audit has an effect that is a share.
    """
    with house_style(style):
        return _drawn_forest(audits)


def _drawn_forest(audits: Sequence[Audit]) -> Figure | None:
    found = [{line.key: line for line in lines_of(audit) if _drawn(line)} for audit in audits]
    families = _families(found)
    if not families:
        return None
    sizes = [len(lines) for lines in families]
    width = _PANEL * len(audits) + (_NAMES + _FIGURES if len(audits) == 1 else _NAMES)
    figure = Figure(figsize=(width, sum(sizes) * _ROW + 0.75 * len(sizes) + 0.8), layout="constrained")
    grid = {"height_ratios": [size + 0.4 for size in sizes]}
    bands = figure.subplots(len(sizes), len(audits), sharex="row", squeeze=False, gridspec_kw=grid)
    for band, lines in zip(bands, families, strict=True):
        _band(band, lines, found)
    for axis in bands[-1]:
        axis.set_xlabel("effect, points")
    for axis, name in zip(bands[0], judge_names(audits), strict=True):
        _judge_name(axis, name)
    shown = [line for lines in found for line in lines.values()]
    columns = 3 if len(audits) == 1 else 6
    plain(figure.legend(handles=list(_legend(shown)), loc="outside lower center", ncols=columns))
    return figure


def _families(found: Sequence[dict[tuple[str, str, str, str], Line]]) -> list[list[Line]]:
    """The lines of all judges, each once, by family."""
    every = {key: line for lines in found for key, line in lines.items()}
    by_family: dict[int, list[Line]] = {}
    for line in every.values():
        by_family.setdefault(line.family.rank, []).append(line)
    return [by_family[rank] for rank in sorted(by_family)]


def _drawn(line: Line) -> bool:
    return formats.is_share(line.primary) and line.primary.estimate is not None


def _band(
    axes: Sequence[Axes], lines: Sequence[Line], found: Sequence[dict[tuple[str, str, str, str], Line]]
) -> None:
    """One family: a panel a judge, names on the left, and the figures on the right of a single judge."""
    heights = range(len(lines))
    for axis, own in zip(axes, found, strict=True):
        _panel(axis, [(y, own[line.key]) for y, line in zip(heights, lines, strict=True) if line.key in own])
        axis.set_ylim(len(lines) - 0.4, -0.6)
        axis.set_yticks([])
    names = [glyphs(shorten(formats.line_name(line), 28)) for line in lines]
    axes[0].set_yticks(list(heights), names, parse_math=False)
    axes[0].set_title(lines[0].family.name, loc="left", style="italic")
    if len(axes) == 1:
        right = axes[0].twinx()
        right.set_ylim(axes[0].get_ylim())
        figures = [f"{formats.estimate(line.primary)} {formats.interval(line.primary)}" for line in lines]
        right.set_yticks(list(heights), figures, fontsize=8)


def _judge_name(axis: Axes, name: str) -> None:
    axis.annotate(
        glyphs(shorten(name, 30)),
        (0, 1),
        (0, 20),
        xycoords="axes fraction",
        textcoords="offset points",
        fontweight="bold",
        parse_math=False,
        annotation_clip=False,
    )


def _panel(axis: Axes, rows: Sequence[tuple[float, Line]]) -> None:
    margin = next((line.primary.margin for _, line in rows if line.primary.margin), None)
    margin_band(axis, margin, along="x")
    for y, line in rows:
        _mark(axis, y, line.primary)
    axis.margins(x=0.08)
    points_axis(axis.xaxis)


def _mark(axis: Axes, y: float, effect: Effect) -> None:
    look = LOOKS[effect.verdict]
    whisker(axis, effect, y, along="x", colour=look.colour)
    if effect.truth is not None:
        axis.plot(100 * effect.truth, y, zorder=2.5, **truth_mark())
    axis.plot(100 * (effect.estimate or 0), y, zorder=3, **look.marks)


def _legend(lines: Sequence[Line]) -> Iterator[Line2D]:
    shown = {line.primary.verdict for line in lines}
    for verdict, look in LOOKS.items():
        if verdict in shown:
            yield Line2D([], [], label=DECISIONS[verdict].words, **look.marks)
    if any(line.primary.truth is not None for line in lines):
        yield Line2D([], [], label="truth", **truth_mark())
    margins = formats.margins(line.primary for line in lines if line.primary.margin)
    if margins:
        words = f"margin {margins}"
        yield Line2D([], [], color=GREY, alpha=SHADE, linewidth=8, label=words)
