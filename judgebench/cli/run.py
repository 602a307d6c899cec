"""`judgebench run`: the plan, a progress bar, a table in the terminal, and a directory with everything behind it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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
    OutDir,
    Plugins,
    Prices,
    Seed,
    SuiteFile,
    addresses,
    load_plugins,
)
from judgebench.errors import InputError

if TYPE_CHECKING:
    from judgebench.audit import Run
    from judgebench.run.plan import Plan
    from judgebench.suite import Suite

CONFIRM_ABOVE_USD = 1.0
INCOMPLETE, INTERRUPTED = 3, 130


MaxConcurrency = Annotated[
    int, typer.Option("--max-concurrency", min=1, metavar="N", help="Requests in flight at most.")
]
Rpm = Annotated[float | None, typer.Option("--rpm", metavar="N", help="Requests a minute at most.")]
Tpm = Annotated[
    float | None,
    typer.Option("--tpm", metavar="N", help="Tokens a minute at most, prompts and replies together."),
]
Budget = Annotated[
    float | None, typer.Option("--budget", metavar="USD", help="Stop before more than this is spent.")
]
ConfirmAbove = Annotated[
    float, typer.Option("--confirm-above", min=0, metavar="USD", help="Ask before a run that may cost more.")
]
StopWhen = Annotated[
    str | None,
    typer.Option(
        "--stop-when", metavar="RULE", help='Stop early: "decided", or "width<0.05"; see docs/planning.md.'
    ),
]
StopEvery = Annotated[
    int | None, typer.Option("--stop-every", min=1, metavar="N", help="Items between two looks. Default: 10.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before spending.")]


def run(  # noqa: PLR0917  # each is an option of the command line
    suite: SuiteFile,
    judge: Judges = None,
    base_url: BaseUrls = None,
    out: OutDir = None,
    limit: Limit = None,
    seed: Seed = None,
    max_concurrency: MaxConcurrency = 64,
    rpm: Rpm = None,
    tpm: Tpm = None,
    budget: Budget = None,
    engine: Engines = Engine.local,
    prices: Prices = None,
    confirm_above: ConfirmAbove = CONFIRM_ABOVE_USD,
    stop_when: StopWhen = None,
    stop_every: StopEvery = None,
    plugin: Plugins = None,
    yes: Yes = False,
) -> None:
    """Run a suite against one or more judges; the same command continues an unfinished run."""
    from judgebench.audit import run as run_suite
    from judgebench.audit import watch
    from judgebench.run.session import SessionOptions
    from judgebench.suite import load_suite

    load_plugins(plugin)
    loaded = load_suite(suite, seed=seed, limit=limit)
    watch(loaded, stop_when, stop_every)
    servers = addresses(base_url)
    directories = _directories(loaded, _judges(loaded, judge), out, servers)
    plans = _planned(loaded, directories, servers, engine, prices)
    if not yes and budget is None:
        confirm(plans, confirm_above)
    options = SessionOptions(
        max_concurrency=max_concurrency,
        budget_usd=budget,
        rpm=rpm,
        tpm=tpm,
        engine=engine.value,
        prices=prices,
        plugins=tuple(file.resolve() for file in plugin or ()),
    )
    asked = partial(
        run_suite, loaded, base_url=servers, options=options, stop_when=stop_when, stop_every=stop_every
    )
    runs = [asked(spec, out=directory) for spec, directory in directories.items()]
    _show(runs, plans)
    _leave(runs)


def _planned(
    suite: Suite, directories: Mapping[str, Path], base_url: str | None, engine: Engine, prices: Path | None
) -> list[Plan]:
    """The plan of each judge, told before anything is asked."""
    from judgebench.audit import make_plan

    plans = [
        make_plan(suite, spec, base_url=base_url, engine=engine.value, prices=prices, out=directory)
        for spec, directory in directories.items()
    ]
    for spec, planned in zip(directories, plans, strict=True):
        typer.echo(describe(spec, planned, suite), err=True)
    return plans


def _judges(suite: Suite, given: list[str] | None) -> list[str]:
    specs = list(dict.fromkeys(given or ([suite.spec.judge] if suite.spec.judge else [])))
    if not specs:
        raise InputError(
            "the suite names no judge",
            file=suite.document.file,
            expected="--judge SPEC, for example --judge sim/mild",
        )
    return specs


def _directories(suite: Suite, specs: list[str], out: Path | None, base_url: str | None) -> dict[str, Path]:
    """Each judge's run directory; judges and protocols are checked on the way, before any is asked."""
    from judgebench.audit import default_out
    from judgebench.judges.factory import open_judge
    from judgebench.judges.spec import parse_spec
    from judgebench.run.questions import ways_of

    ways_of(suite)
    found = {}
    for spec in specs:
        canonical = open_judge(spec, base_url=base_url).spec
        if out is None:
            found[spec] = default_out(suite, canonical)
        else:
            found[spec] = out if len(specs) == 1 else out / parse_spec(canonical).slug
    return found


def confirm(plans: list[Plan], above_usd: float) -> None:
    """Ask before more is spent than a run may cost unasked; what was answered before costs nothing again.

    Raises:
        InputError: There is nobody to ask.
    """
    cost = sum(planned.left_usd or 0.0 for planned in plans)
    if cost <= above_usd:
        return
    if not sys.stdin.isatty():
        raise InputError(
            f"this may cost about ${cost:.2f}, more than the ${above_usd:.2f} that are spent unasked",
            expected="--yes to go on, --budget USD, or a higher --confirm-above USD",
        )
    if not typer.confirm(f"This may cost about ${cost:.2f}. Go on?", err=True):
        raise typer.Exit(INTERRUPTED)


def describe(spec: str, planned: Plan, suite: Suite) -> str:
    """The plan in two lines."""
    from judgebench.analysis.planning import rough_effect
    from judgebench.cli.plan_table import told_cost

    answered = f" ({planned.answered} answered before)" if planned.answered else ""
    effect = rough_effect(suite)
    finds = (
        f"finds effects of {effect * 100:.0f} points with 80 % power"
        if effect <= 1
        else "too few items to find an effect"
    )
    rewrites = f" and {planned.rewrites} for rewrites" if planned.rewrites else ""
    rewrites += f" and {planned.prepared} to authors and panel" if planned.prepared else ""
    return (
        f"{spec}: {planned.items} items, {planned.trials} trials, {planned.requests} requests{answered}{rewrites}, "
        "about "
        f"{planned.prompt_tokens / 1000:.0f}k + {planned.completion_tokens / 1000:.0f}k tokens, {told_cost(planned)}\n"
        f"  {finds}"
    )


def _show(runs: list[Run], plans: list[Plan]) -> None:
    from judgebench.audit import audit_of
    from judgebench.cli.show import show
    from judgebench.report.write import write_reports

    audits = [audit_of(done) for done in runs]
    for done, audit in zip(runs, audits, strict=True):
        write_reports(done.path, [audit])
    show(audits)
    for done, planned in zip(runs, plans, strict=True):
        typer.echo(used(done.manifest, planned), err=True)
        typer.echo(f"everything behind it: {done.path}   page: {done.path / 'report.html'}")


def used(manifest: Mapping[str, Any], planned: Plan) -> str:
    """What a run has used in all its sessions, next to what was estimated for the whole of it."""
    tokens, cost = manifest["tokens"], manifest["cost_usd"]
    cached = f" ({tokens['cached']:,} cached)" if tokens["cached"] else ""
    reasoning = f" ({tokens['reasoning']:,} reasoning)" if tokens["reasoning"] else ""
    price = "" if cost is None else f", ${cost:.4f}"
    estimate = "" if planned.cost_usd is None else f", ${planned.cost_usd:.4f}"
    return (
        f"used {tokens['prompt']:,}{cached} + {tokens['completion']:,}{reasoning} tokens{price}; estimated "
        f"{planned.prompt_tokens:,} + {planned.completion_tokens:,}{estimate}"
    )


def _leave(runs: list[Run]) -> None:
    """The exit status that the worst of the runs asks for, and how to go on."""
    unfinished = [done for done in runs if not done.complete]
    for done in unfinished:
        counts, stopped = done.manifest["counts"], done.manifest["stopped"]
        why = f" ({stopped['message']})" if stopped["message"] else ""
        again = " ".join(["judgebench", *sys.argv[1:]])
        typer.echo(
            f"{counts['missing']} of {counts['trials']} trials have no reply{why}; to continue: {again}",
            err=True,
        )
    if any(done.manifest["state"] == "interrupted" for done in unfinished):
        raise typer.Exit(INTERRUPTED)
    if unfinished:
        raise typer.Exit(INCOMPLETE)
