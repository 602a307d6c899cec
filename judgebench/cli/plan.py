"""`judgebench plan`: what a run would ask, cost and find; nothing is sent."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judgebench.cli.options import (
    BaseUrls,
    Engine,
    Engines,
    Judges,
    Limit,
    Plugins,
    Prices,
    Seed,
    SuiteFile,
    addresses,
    load_plugins,
)

if TYPE_CHECKING:
    from judgebench.analysis.planning import Forecast
    from judgebench.run.plan import Plan


Pilot = Annotated[
    Path | None,
    typer.Option("--pilot", metavar="DIR", help="A run of the same kind, to take the variances from."),
]
Sd = Annotated[
    float | None, typer.Option("--sd", metavar="X", help="The sd of an item's difference, if you know it.")
]
Mde = Annotated[
    float | None, typer.Option("--mde", metavar="X", help="An effect to find, in probability: items needed.")
]
Margin = Annotated[
    float | None, typer.Option("--margin", metavar="X", help="Of equivalence. Default: the suite's.")
]
Power = Annotated[float, typer.Option("--power", metavar="X", help="Chance of finding an effect.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: a list, one object a judge.")]
PowerFigure = Annotated[
    Path | None,
    typer.Option("--figure", metavar="FILE", help="Also draw the power curves, as .pdf, .svg or .png."),
]


def plan(  # noqa: PLR0917  # each is an option of the command line
    suite: SuiteFile,
    judge: Judges = None,
    base_url: BaseUrls = None,
    limit: Limit = None,
    seed: Seed = None,
    pilot: Pilot = None,
    sd: Sd = None,
    mde: Mde = None,
    margin: Margin = None,
    power: Power = 0.8,
    as_json: AsJson = False,
    figure: PowerFigure = None,
    engine: Engines = Engine.local,
    prices: Prices = None,
    plugin: Plugins = None,
) -> None:
    """Show requests, tokens, money and minimum detectable effects; send nothing."""
    from judgebench.analysis.planning import Wanted
    from judgebench.audit import make_forecast, make_plan
    from judgebench.run.prices import load_prices
    from judgebench.suite import load_suite

    load_plugins(plugin)
    wanted = Wanted(sd=sd, pilot=pilot, effect=mde, margin=margin, power=power)
    wanted.check()
    loaded = load_suite(suite, seed=seed, limit=limit)
    planner = partial(make_plan, loaded, base_url=addresses(base_url), engine=engine.value, prices=prices)
    found = []
    for spec in dict.fromkeys(judge or [loaded.spec.judge or "sim/null"]):
        planned = planner(spec)
        found.append(_Planned(spec, planned, make_forecast(loaded, planned, wanted)))
    if figure is not None:
        _draw(found[0].forecast, figure)
    dated = load_prices(prices).date
    if as_json:
        typer.echo(json.dumps([one.document(dated) for one in found], indent=1, allow_nan=False))
    else:
        _show(found, loaded.spec.suite, dated)


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a run of one judge would ask, and what it would find."""

    spec: str
    plan: Plan
    forecast: Forecast

    def document(self, prices: str) -> dict[str, Any]:
        """As JSON: effects and margins in probability, null for what cannot be said."""
        return {
            "judge": self.spec,
            **asdict(self.plan),
            "saved_requests": self.plan.saved,
            "prices_of": None if self.plan.cost_usd is None else prices,
            **asdict(self.forecast),
        }


def _show(found: Sequence[_Planned], suite: str, prices: str) -> None:
    """A table a judge, as wide as the terminal and with what it can show."""
    from judgebench.cli.plan_table import render_plan

    width, encoding = shutil.get_terminal_size((100, 24)).columns, sys.stdout.encoding or "ascii"
    for one in found:
        text = render_plan(f"{suite}, {one.spec}", one.plan, one.forecast, prices=prices, width=width)
        typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def _draw(forecast: Forecast, path: Path) -> None:
    """Write the power curves, which do not depend on the judge."""
    from judgebench.errors import InputError
    from judgebench.report.figures import SUFFIXES, power_figure, write_figure

    if path.suffix not in SUFFIXES:
        raise InputError(f"--figure is {str(path)!r}", expected=f"a file that ends in {', '.join(SUFFIXES)}")
    drawn = power_figure(forecast)
    if drawn is None:
        raise InputError("the suite compares nothing", expected="perturbations whose effects can be found")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_figure(drawn, path)
    typer.echo(f"wrote {path}", err=True)
