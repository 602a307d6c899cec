"""The dose-response plot: how an effect grows with its dose, a panel a bias and a line a judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from judgebench.report import formats
from judgebench.report.effects import Effect, Line, lines_of
from judgebench.report.figures.look import (
    glyphs,
    house_style,
    judge_look,
    margin_band,
    plain,
    points_axis,
    spread,
    truth_mark,
    whisker,
)
from judgebench.report.labels import bias_of, dose_of
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["dose_figure"]


def dose_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """The effect by dose: a panel a bias that has doses, a line a judge. None without doses."""
    with house_style(style):
        return _drawn_doses(audits)


def _drawn_doses(audits: Sequence[Audit]) -> Figure | None:
    doses = _doses(audits)
    if not doses:
        return None
    figure = Figure(figsize=(3.6 * len(doses) + 0.6, 3.2), layout="constrained")
    axes = figure.subplots(1, len(doses), squeeze=False)[0]
    for axis, (bias, lines) in zip(axes, doses.items(), strict=True):
        _dose_panel(axis, lines, judge_names(audits))
        axis.set_title(
            glyphs(shorten(bias_of(bias).name, 34)), parse_math=False, loc="left", fontweight="bold"
        )
    axes[0].set_ylabel("effect, points")
    handles, labels = axes[0].get_legend_handles_labels()
    if len(audits) > 1 or "truth" in labels:
        named = dict(zip(labels, handles, strict=True))
        plain(figure.legend(named.values(), named, loc="outside lower center", ncols=2))
    return figure


def _doses(audits: Sequence[Audit]) -> dict[str, list[list[Line]]]:
    """By bias, the dosed lines of each judge, in the order of the dose; a bias with one dose is left out."""
    found: dict[str, list[list[Line]]] = {}
    for i, audit in enumerate(audits):
        for line in lines_of(audit):
            plain = line.primary.protocol in ("pairwise", "") and line.primary.mitigation in ("none", "")
            if (
                plain
                and formats.is_share(line.primary)
                and line.primary.estimate is not None
                and dose_of(line.primary.perturbation) is not None
            ):
                found.setdefault(line.primary.bias, [[] for _ in audits])[i].append(line)
    return {
        bias: [sorted(own, key=lambda line: _dose(line.primary)) for own in lines]
        for bias, lines in found.items()
        if max(map(len, lines)) > 1
    }


def _dose_panel(axis: Axes, judges: Sequence[Sequence[Line]], names: Sequence[str]) -> None:
    effects = [line.primary for lines in judges for line in lines]
    margin = next((effect.margin for effect in effects if effect.margin), None)
    margin_band(axis, margin, along="y")
    doses = {_dose(effect) for effect in effects}
    for i, (lines, name) in enumerate(zip(judges, names, strict=True)):
        if not lines:
            continue
        own = [line.primary for line in lines]
        aside = spread(i, len(judges), 0.012 * (max(doses) - min(doses)))
        _dose_line(axis, own, [_dose(effect) + aside for effect in own], i, glyphs(shorten(name, 40)))
    axis.set_xticks(sorted(doses))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    points_axis(axis.yaxis)
    axis.set_xlabel("dose")


def _dose_line(axis: Axes, effects: Sequence[Effect], doses: Sequence[float], index: int, name: str) -> None:
    look = judge_look(index)
    axis.plot(doses, [100 * (e.estimate or 0) for e in effects], label=name, **look)
    for dose, effect in zip(doses, effects, strict=True):
        whisker(axis, effect, dose, along="y", colour=look["color"])
    known = [(dose, 100 * e.truth) for dose, e in zip(doses, effects, strict=True) if e.truth is not None]
    if known:
        x, y = zip(*known, strict=True)
        axis.plot(x, y, zorder=2.5, label="truth", **truth_mark("_"))


def _dose(effect: Effect) -> float:
    return dose_of(effect.perturbation) or 0.0
