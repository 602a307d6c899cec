"""`judgebench plan`: what a run would ask, cost and find; nothing is sent."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
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


def plan(  # noqa: PLR0917  # each is an option of the command line
    suite: SuiteFile,
    judge: Judges = None,
    base_url: BaseUrls = None,
    limit: Limit = None,
    seed: Seed = None,
    pilot: Annotated[
        Path | None,
        typer.Option("--pilot", metavar="DIR", help="A run of the same kind, to take the variances from."),
    ] = None,
    sd: Annotated[
        float | None,
        typer.Option("--sd", metavar="X", help="The sd of an item's difference, if you know it."),
    ] = None,
    mde: Annotated[
        float | None,
        typer.Option("--mde", metavar="X", help="An effect to find, in probability: items needed."),
    ] = None,
    margin: Annotated[
        float | None, typer.Option("--margin", metavar="X", help="Of equivalence. Default: the suite's.")
    ] = None,
    power: Annotated[float, typer.Option("--power", metavar="X", help="Chance of finding an effect.")] = 0.8,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: a list, one object a judge.")
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Also draw the power curves, as .pdf, .svg or .png."),
    ] = None,
    engine: Engines = Engine.local,
    prices: Prices = None,
    plugin: Plugins = None,
) -> None:
    """Show requests, tokens, money and minimum detectable effects; send nothing."""
    from judgebench.analysis.planning import Wanted
    from judgebench.audit import make_forecast, make_plan
    from judgebench.cli.plan_table import render_plan
    from judgebench.run.prices import load_prices
    from judgebench.suite import load_suite

    load_plugins(plugin)
    wanted = Wanted(sd=sd, pilot=pilot, effect=mde, margin=margin, power=power)
    wanted.check()
    loaded = load_suite(suite, seed=seed, limit=limit)
    specs = list(dict.fromkeys(judge or [loaded.spec.judge or "sim/null"]))
    plans = {
        spec: make_plan(loaded, spec, base_url=addresses(base_url), engine=engine.value, prices=prices)
        for spec in specs
    }
    forecasts = {spec: make_forecast(loaded, planned, wanted) for spec, planned in plans.items()}
    if figure is not None:
        _draw(forecasts[specs[0]], figure)
    dated = load_prices(prices).date
    if as_json:
        found = [_as_json(spec, plans[spec], forecasts[spec], dated) for spec in specs]
        typer.echo(json.dumps(found, indent=1, allow_nan=False))
        return
    width = shutil.get_terminal_size((100, 24)).columns
    for spec in specs:
        text = render_plan(
            f"{loaded.spec.suite}, {spec}", plans[spec], forecasts[spec], prices=dated, width=width
        )
        typer.echo(
            text.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(
                sys.stdout.encoding or "ascii"
            )
        )


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


def _as_json(spec: str, planned: Plan, forecast: Forecast, prices: str) -> dict[str, Any]:
    """The plan as JSON: effects and margins in probability, null for what cannot be said."""
    return {
        "judge": spec,
        **asdict(planned),
        "saved_requests": planned.saved,
        "prices_of": None if planned.cost_usd is None else prices,
        **asdict(forecast),
    }
