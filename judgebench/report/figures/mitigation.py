"""Mitigations: what each leaves of a bias against the accuracy that it leaves; a panel a bias, a row a judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.report.figures.look import (
    GREY,
    below,
    glyphs,
    house_style,
    judge_look,
    margin_band,
    points_axis,
    whisker,
)
from judgebench.report.mitigation_table import Mitigated, mitigated
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["mitigation_figure"]


def mitigation_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """Effect against accuracy under every mitigation; the line joins those that no other beats in both.

    Returns:
        The figure, or None where no mitigation was tried on items with gold.
    """
    panels: dict[str, list[Mitigated]] = {}
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for found in mitigated(audit):
            if found.accuracy is not None and found.accuracy.estimate is not None:
                title = "\n".join((shorten(judge, 28), found.bias)) if len(audits) > 1 else found.bias
                panels.setdefault(title, []).append(found)
    if not panels:
        return None
    names = list(dict.fromkeys(found.mitigation for own in panels.values() for found in own))
    with house_style(style):
        return _drawn(panels, names)


def _drawn(panels: dict[str, list[Mitigated]], names: Sequence[str]) -> Figure:
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(2.7 * across + 0.6, 2.5 * down + 0.7), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for axis, (title, own) in zip(axes, panels.items(), strict=False):
        _panel(axis, own, names)
        words = [glyphs(shorten(part, 28)) for part in title.split("\n")]
        axis.set_title("\n".join(words), parse_math=False, loc="left", fontweight="bold")
        axis.set_xlabel("agreement with gold, %")
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[::across]:
        axis.set_ylabel("effect, points")
    handles = [
        Line2D([], [], label=glyphs(shorten(name, 30)), **{**judge_look(i), "linestyle": "none"})
        for i, name in enumerate(names)
    ]
    best = Line2D([], [], color=GREY, linestyle="--", linewidth=1, label="not beaten in both")
    below(figure, [*handles, best], 2 * across)
    return figure


def _panel(axis: Axes, own: Sequence[Mitigated], names: Sequence[str]) -> None:
    margin_band(axis, next((found.effect.margin for found in own if found.effect.margin), None), along="y")
    for found in own:
        look = judge_look(names.index(found.mitigation))
        x, y = _place(found)
        whisker(axis, found.effect, x, along="y", colour=look["color"])
        whisker(axis, found.accuracy, y, along="x", colour=look["color"])
        axis.plot(x, y, zorder=3, **{**look, "linestyle": "none"})
    front = sorted(_place(found) for found in own if not any(_beats(other, found) for other in own))
    if len(front) > 1:
        axis.plot(*zip(*front, strict=True), color=GREY, linestyle="--", linewidth=1, marker="", zorder=1)
    points_axis(axis.xaxis, signed=False)
    points_axis(axis.yaxis)


def _place(found: Mitigated) -> tuple[float, float]:
    accuracy = found.accuracy.estimate if found.accuracy is not None else None
    return 100 * (accuracy or 0), 100 * (found.effect.estimate or 0)


def _beats(one: Mitigated, two: Mitigated) -> bool:
    """Whether one is no worse than the other in both and better in one; a bias counts by its size."""
    (x, y), (u, v) = _place(one), _place(two)
    return x >= u and abs(y) <= abs(v) and (x > u or abs(y) < abs(v))
