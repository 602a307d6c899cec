"""Self-preference: DBG and the adjusted estimate against how good the judge's own responses are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.report.effects import Effect
from judgebench.report.figures.look import below, glyphs, house_style, ink, judge_look, points_axis, whisker
from judgebench.report.judge_tables import self_effects
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["self_preference_figure"]


def self_preference_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """DBG (filled) and the adjusted estimate (hollow) by the judge's own quality gap.

    A colour and a shape a judge; of a judge alone, an opponent and its task.

    DBG that falls as the gap grows is the mark of a noisy judge, not of self-preference.

    Returns:
        The figure, or None where no DBG stands beside a quality gap.
    """
    found = _found(audits)
    if not found:
        return None
    with house_style(style):
        figure = Figure(figsize=(5.2, 3.9), layout="constrained")
        axis = figure.subplots()
        axis.axhline(0, color=ink(), linewidth=0.8)
        axis.axvline(0, color=ink(), linewidth=0.8, linestyle=":")
        for i, own in enumerate(found.values()):
            for effects in own:
                _mark(axis, effects, judge_look(i))
        axis.set_xlabel("own quality gap by gold, points")
        axis.set_ylabel("preference for own responses, points")
        points_axis(axis.xaxis)
        points_axis(axis.yaxis)
        below(figure, _handles(list(found)), 2)
        return figure


def _found(audits: Sequence[Audit]) -> dict[str, list[dict[str, Effect]]]:
    """What is drawn, by its name in the legend."""
    found: dict[str, list[dict[str, Effect]]] = {}
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for against, own in self_effects(audit).items():
            if _drawable(own):
                found.setdefault(judge if len(audits) > 1 else against.name, []).append(own)
    return found


def _drawable(own: dict[str, Effect]) -> bool:
    return all(name in own and own[name].estimate is not None for name in ("dbg", "own_quality_gap"))


def _mark(axis: Axes, own: dict[str, Effect], look: dict[str, Any]) -> None:
    gap, dbg, adjusted = own["own_quality_gap"], own["dbg"], own.get("adjusted")
    x, y = 100 * (gap.estimate or 0), 100 * (dbg.estimate or 0)
    style = {"marker": look["marker"], "color": look["color"], "linestyle": "none", "zorder": 3}
    whisker(axis, gap, y, along="x", colour=look["color"])
    whisker(axis, dbg, x, along="y", colour=look["color"])
    axis.plot(x, y, **style)
    if adjusted is not None and adjusted.estimate is not None:
        aside = x + 0.6
        whisker(axis, adjusted, aside, along="y", colour=look["color"])
        axis.plot(aside, 100 * adjusted.estimate, **style, markerfacecolor="white")


def _handles(names: Sequence[str]) -> list[Line2D]:
    judges = [
        Line2D([], [], label=glyphs(shorten(name, 40)), **{**judge_look(i), "linestyle": "none"})
        for i, name in enumerate(names)
    ]
    kinds = (("DBG", ink()), ("adjusted", "white"))
    return [
        *judges,
        *(
            Line2D([], [], color=ink(), marker="o", markerfacecolor=face, linestyle="none", label=label)
            for label, face in kinds
        ),
    ]
