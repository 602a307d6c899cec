"""Mitigations: what each leaves of a bias, against the accuracy it leaves or what it costs; a panel each bias."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from judgebench.report import formats
from judgebench.report.effects import Effect
from judgebench.report.estimands import COSTS
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
from judgebench.report.mitigation_table import PLAIN, Mitigated, mitigated
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["mitigation_cost_figure", "mitigation_figure"]


@dataclass(frozen=True, slots=True)
class _Across:
    """What a bias is drawn against.

    Attributes:
        label: What stands under the axis.
        scale: From the effect's unit to that of the axis.
        better: 1 where more of it is better, -1 where less is.
        effect: The effect that says how much of it there is.
        plain: What there is of it without a mitigation, where no effect says so.
    """

    label: str
    scale: float
    better: int
    effect: Callable[[Mitigated], Effect | None]
    plain: float | None = None

    def at(self, found: Mitigated) -> float | None:
        """The place on the axis; None where it is not known."""
        if self.plain is not None and found.mitigation in PLAIN:
            return self.plain
        effect = self.effect(found)
        return None if effect is None or effect.estimate is None else self.scale * effect.estimate


_ACCURACY: Final = _Across("agreement with gold, %", 100, 1, lambda found: found.accuracy)
_LABELS: Final[Mapping[str, tuple[str, float]]] = {
    "usd": ("extra USD per 1000 verdicts", 1000),
    "tokens": ("extra tokens per verdict", 1),
    "seconds": ("extra seconds per verdict", 1),
}


def mitigation_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """Effect against accuracy under every mitigation; the line joins those that no other beats in both.

    Returns:
        The figure, or None where no mitigation of an effect that is a share was tried on items with gold.
    """
    return _figure(audits, _ACCURACY, style)


def mitigation_cost_figure(
    audits: Sequence[Audit], style: Path | None = None, *, cost: str | None = None
) -> Figure | None:
    """Effect against what a verdict costs more under every mitigation, with the same line.

    Args:
        audits: One a judge.
        style: A style sheet of matplotlib's, laid over the house's own.
        cost: `usd`, `tokens` or `seconds`; the first of these that is known where None.

    Returns:
        The figure, or None where no mitigation of an effect that is a share was tried or that cost is not known.
    """
    drawn = (_figure(audits, _cost(name), style) for name in (COSTS if cost is None else (cost,)))
    return next((figure for figure in drawn if figure is not None), None)


def _cost(name: str) -> _Across:
    label, scale = _LABELS[name]
    return _Across(label, scale, -1, lambda found: found.extra.get(name), plain=0.0)


def _figure(audits: Sequence[Audit], across: _Across, style: Path | None) -> Figure | None:
    panels: dict[str, list[Mitigated]] = {}
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for found in mitigated(audit):
            if formats.is_share(found.effect) and across.at(found) is not None:
                title = "\n".join((shorten(judge, 28), found.bias)) if len(audits) > 1 else found.bias
                panels.setdefault(title, []).append(found)
    if across.plain is not None:  # alone at its origin, a judge as it is tells nothing
        panels = {title: own for title, own in panels.items() if len(own) > 1}
    if not panels:
        return None
    names = list(dict.fromkeys(found.mitigation for own in panels.values() for found in own))
    with house_style(style):
        return _drawn(panels, names, across)


def _drawn(panels: Mapping[str, list[Mitigated]], names: Sequence[str], across: _Across) -> Figure:
    wide = min(3, len(panels))
    down = -(-len(panels) // wide)
    figure = Figure(figsize=(2.7 * wide + 0.6, 2.5 * down + 0.7), layout="constrained")
    axes = figure.subplots(down, wide, squeeze=False).ravel()
    for axis, (title, own) in zip(axes, panels.items(), strict=False):
        _panel(axis, own, names, across)
        words = [glyphs(shorten(part, 28)) for part in title.split("\n")]
        axis.set_title("\n".join(words), parse_math=False, loc="left", fontweight="bold")
        axis.set_xlabel(across.label)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[::wide]:
        axis.set_ylabel("effect, points")
    handles = [
        Line2D([], [], label=glyphs(shorten(name, 30)), **{**judge_look(i), "linestyle": "none"})
        for i, name in enumerate(names)
    ]
    best = Line2D([], [], color=GREY, linestyle="--", linewidth=1, label="not beaten in both")
    below(figure, [*handles, best], 2 * wide)
    return figure


def _panel(axis: Axes, own: Sequence[Mitigated], names: Sequence[str], across: _Across) -> None:
    margin_band(axis, next((found.effect.margin for found in own if found.effect.margin), None), along="y")
    for found in own:
        look = judge_look(names.index(found.mitigation))
        x, y = _place(found, across)
        whisker(axis, found.effect, x, along="y", colour=look["color"])
        whisker(axis, across.effect(found), y, along="x", colour=look["color"], scale=across.scale)
        axis.plot(x, y, zorder=3, **{**look, "linestyle": "none"})
    front = sorted(
        _place(found, across) for found in own if not any(_beats(other, found, across) for other in own)
    )
    if len(front) > 1:
        axis.plot(*zip(*front, strict=True), color=GREY, linestyle="--", linewidth=1, marker="", zorder=1)
    if across is _ACCURACY:
        points_axis(axis.xaxis, signed=False)
    else:
        axis.xaxis.set_major_locator(MaxNLocator(nbins=4))
    points_axis(axis.yaxis)


def _place(found: Mitigated, across: _Across) -> tuple[float, float]:
    return across.at(found) or 0.0, 100 * (found.effect.estimate or 0)


def _beats(one: Mitigated, two: Mitigated, across: _Across) -> bool:
    """Whether one is no worse than the other in both and better in one; a bias counts by its size."""
    (x, y), (u, v) = _place(one, across), _place(two, across)
    x, u = across.better * x, across.better * u
    return x >= u and abs(y) <= abs(v) and (x > u or abs(y) < abs(v))
