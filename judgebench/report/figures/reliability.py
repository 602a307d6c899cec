"""The reliability curve: how often the judge is right where it states a probability; the diagonal is calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from judgebench.report.figures.look import GREY, glyphs, house_style, judge_look, plain, spread
from judgebench.report.model import Audit
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["reliability_figure"]


def reliability_figure(audits: Sequence[Audit], style: Path | None = None) -> Figure | None:
    """Observed against stated probability that the first response of the item is the better one; a line a judge.

    Returns:
        The figure, or None where no judge gave probabilities on items with gold.
    """
    named = zip(judge_names(audits), audits, strict=True)
    curves = [(name, audit.reliability) for name, audit in named if audit.reliability is not None]
    if not curves:
        return None
    with house_style(style):
        figure = Figure(figsize=(4.2, 4.2), layout="constrained")
        axis = figure.subplots()
        axis.plot([0, 100], [0, 100], color=GREY, linestyle="--", linewidth=1, marker="", label="calibrated")
        for i, (name, curve) in enumerate(curves):
            look, aside = judge_look(i), spread(i, len(curves), 0.8)
            stated = 100 * curve.probability + aside
            axis.vlines(stated, 100 * curve.conf_low, 100 * curve.conf_high, color=look["color"], linewidth=1)
            axis.plot(stated, 100 * curve.frequency, label=glyphs(shorten(name, 40)), **look)
        axis.set_xlim(-3, 103)
        axis.set_ylim(-3, 103)
        axis.set_xlabel("stated probability that A is better, %")
        axis.set_ylabel("how often gold says so, %")
        axis.set_aspect("equal")
        plain(figure.legend(loc="outside lower center", ncols=2))
        return figure
