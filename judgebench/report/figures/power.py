"""The power curves of a planned suite: the chance of finding an effect by its size, for several numbers of items."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from judgebench.analysis.planning import Forecast
from judgebench.report import formats
from judgebench.report.figures.look import GREY, house_style, judge_look, plain
from judgebench.report.labels import perturbation_name
from judgebench.report.text import shorten
from judgebench.stats.power import effect_power

__all__ = ["power_figure"]

_TIMES: Final = (0.5, 1, 2, 4)  # the suite's items, and what they are multiplied by
_POINTS: Final = 121


def power_figure(forecast: Forecast, style: Path | None = None) -> Figure | None:
    """Power against effect for the comparison that varies most, at half, once, twice and four times the suite's items.

    Of the confirmatory comparisons, where there are such.

    Returns:
        The figure, or None where the suite compares nothing.
    """
    if not forecast.outlooks:
        return None
    confirmatory = [outlook for outlook in forecast.outlooks if outlook.comparison.confirmatory]
    worst = max(confirmatory or forecast.outlooks, key=lambda outlook: outlook.sd)
    name = worst.comparison.perturbation
    sizes = [round(worst.comparison.items * times) for times in _TIMES]
    farthest = min(1.0, 3.2 * (worst.effect or 0.5))
    effects = np.linspace(0.001, farthest, _POINTS)
    with house_style(style):
        figure = Figure(figsize=(4.8, 3.4), layout="constrained")
        axis = figure.subplots()
        axis.axhline(100 * forecast.power, color=GREY, linestyle=":", linewidth=1)
        for i, size in enumerate(size for size in sizes if size > 1):
            power = [
                100 * effect_power(float(effect), worst.sd, size, alpha=forecast.alpha) for effect in effects
            ]
            look = {**judge_look(i), "marker": ""}
            own = " (this suite)" if size == worst.comparison.items else ""
            axis.plot(100 * effects, power, label=f"{formats.count(size)} items{own}", **look)
        title = f"{shorten(perturbation_name(name.partition('@')[0], name), 34)}, alpha {forecast.alpha:g}"
        axis.set_title(title, loc="left", fontweight="bold", parse_math=False)
        axis.set_xlim(0, 100 * farthest)
        axis.set_ylim(0, 102)
        axis.set_xlabel("true effect, points")
        axis.set_ylabel("chance of finding it, %")
        plain(axis.legend(loc="lower right"))
        return figure
