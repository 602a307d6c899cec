"""`judgebench run`: the plan, a progress bar, a table in the terminal, and a directory with everything behind it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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
from judgebench.errors import InputError

if TYPE_CHECKING:
    from judgebench.audit import Run
    from judgebench.run.plan import Plan
    from judgebench.suite import Suite

CONFIRM_ABOVE_USD = 1.0
INCOMPLETE, INTERRUPTED = 3, 130


def run(  # noqa: PLR0917  # each is an option of the command line
    suite: SuiteFile,
    judge: Judges = None,
    base_url: BaseUrls = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The run directory. Default: results/<suite>/<judge>/."),
    ] = None,
    limit: Limit = None,
    seed: Seed = None,
    max_concurrency: Annotated[
        int, typer.Option("--max-concurrency", min=1, metavar="N", help="Requests in flight at most.")
    ] = 64,
    rpm: Annotated[
        float | None, typer.Option("--rpm", metavar="N", help="Requests a minute at most.")
    ] = None,
    tpm: Annotated[
        float | None,
        typer.Option("--tpm", metavar="N", help="Tokens a minute at most, prompts and replies together."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="USD", help="Stop before more than this is spent.")
    ] = None,
    engine: Engines = Engine.local,
    prices: Prices = None,
    confirm_above: Annotated[
        float,
        typer.Option("--confirm-above", min=0, metavar="USD", help="Ask before a run that may cost more."),
    ] = CONFIRM_ABOVE_USD,
    stop_when: Annotated[
        str | None,
        typer.Option(
            "--stop-when",
            metavar="RULE",
            help='Stop early: "decided", or "width<0.05"; see docs/planning.md.',
        ),
    ] = None,
    stop_every: Annotated[
        int | None,
        typer.Option("--stop-every", min=1, metavar="N", help="Items between two looks. Default: 10."),
    ] = None,
    plugin: Plugins = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before spending.")] = False,
) -> None:
    """Run a suite against one or more judges; the same command continues an unfinished run."""
    from judgebench.audit import make_plan, watch
    from judgebench.suite import load_suite

    load_plugins(plugin)
    loaded = load_suite(suite, seed=seed, limit=limit)
    watch(loaded, stop_when, stop_every)
    specs = _judges(loaded, judge)
    servers = addresses(base_url)
    directories = _directories(loaded, specs, out, servers)
    plans = {
        spec: make_plan(
            loaded, spec, base_url=servers, engine=engine.value, prices=prices, out=directories[spec]
        )
        for spec in specs
    }
    for spec, planned in plans.items():
        typer.echo(describe(spec, planned, loaded), err=True)
    if not yes and budget is None:
        confirm(list(plans.values()), confirm_above)
    from judgebench.audit import run as run_suite
    from judgebench.run.session import SessionOptions

    options = SessionOptions(
        max_concurrency=max_concurrency,
        budget_usd=budget,
        rpm=rpm,
        tpm=tpm,
        engine=engine.value,
        prices=prices,
        plugins=tuple(file.resolve() for file in plugin or ()),
    )
    runs = [
        run_suite(
            loaded,
            spec,
            base_url=servers,
            out=directory,
            options=options,
            stop_when=stop_when,
            stop_every=stop_every,
        )
        for spec, directory in directories.items()
    ]
    _show(runs, list(plans.values()))
    _leave(runs)


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
