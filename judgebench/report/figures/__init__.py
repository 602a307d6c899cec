"""The figures, all in one look: each is made from audits and is None where they have nothing to draw."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from judgebench.report.estimands import COSTS
from judgebench.report.figures.dose import dose_figure
from judgebench.report.figures.forest import forest_figure
from judgebench.report.figures.heat import heat_figure
from judgebench.report.figures.look import INK, check_style, svg_of, write_figure
from judgebench.report.figures.mitigation import mitigation_cost_figure, mitigation_figure
from judgebench.report.figures.position import position_figure
from judgebench.report.figures.power import power_figure
from judgebench.report.figures.reliability import reliability_figure
from judgebench.report.figures.self_preference import self_preference_figure
from judgebench.report.model import Audit

__all__ = [
    "FIGURES",
    "INK",
    "SUFFIXES",
    "check_style",
    "dose_figure",
    "forest_figure",
    "heat_figure",
    "mitigation_cost_figure",
    "mitigation_figure",
    "position_figure",
    "power_figure",
    "reliability_figure",
    "self_preference_figure",
    "svg_of",
    "write_figure",
]

SUFFIXES: Final = (".pdf", ".svg", ".png")
FIGURES: Final[Mapping[str, Callable[[Sequence[Audit], Path | None], Figure | None]]] = {
    "forest": forest_figure,
    "doses": dose_figure,
    "position": position_figure,
    "heat": heat_figure,
    "mitigations": mitigation_figure,
    **{f"mitigations_by_{cost}": partial(mitigation_cost_figure, cost=cost) for cost in COSTS},
    "reliability": reliability_figure,
    "self_preference": self_preference_figure,
}
"""Those that are made from audits, by the names of their files."""
