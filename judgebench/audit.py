"""The Python interface: run a suite against a judge, load what was run, look at judgments and effects as frames.

What turns judgments into effects and effects into reports is imported when it is used: pandas, scipy and matplotlib
take longer to load than the first question to a judge should wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from judgebench.errors import InputError
from judgebench.judges.factory import open_judge
from judgebench.judges.spec import parse_spec
from judgebench.run.engines.choice import Engine, check_engine, price_with
from judgebench.run.lock import is_intact
from judgebench.run.loop import complete
from judgebench.run.manifest import read_manifest, write_manifest
from judgebench.run.plan import Plan, plan
from judgebench.run.prices import load_prices
from judgebench.run.questions import check_capable, ways_of
from judgebench.run.session import SessionOptions, ask_suite
from judgebench.run.store import STORE, Store
from judgebench.suite import Suite, load_suite

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

    from judgebench.analysis import Settings
    from judgebench.analysis.planning import Forecast, Wanted
    from judgebench.analysis.stopping import Watch
    from judgebench.items import Item
    from judgebench.judges.columns import Columns
    from judgebench.report.model import Audit
    from judgebench.run.doctor import Finding
    from judgebench.run.votes import Voted

RESULTS = Path("results")


@dataclass(frozen=True)
class Run:
    """A run directory.

    Attributes:
        path: Where it is.
        manifest: What `run.json` says.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every trial has a reply."""
        return bool(self.manifest.get("state") == "complete")

    def judgments(self) -> pd.DataFrame:
        """A row a trial, with the columns of `judgments.parquet`."""
        from judgebench.analysis.files import read_judgments

        return read_judgments(self.path)

    def effects(self) -> pd.DataFrame:
        """A row an effect, with the columns of `effects.json`."""
        from judgebench.analysis.files import read_effects

        return read_effects(self.path)

    def table(
        self, name: str = "main", columns: Sequence[str] | None = None, *, stars: bool = False
    ) -> Styler:
        """A table of the report as a pandas Styler, which a notebook shows.

        Args:
            name: `main`, `beside`, `category`, `dose`, `mitigation`, `position`, `accuracy`, `self_preference`,
                `self_recognition` or `full`.
            columns: Its columns, by their names; the usual ones where None.
            stars: Whether effects carry stars for small adjusted p-values.

        Raises:
            InputError: There is no such table or column, or the run has nothing to put into it.
        """
        from judgebench.report.choose import Wanted, style_table

        return style_table([audit_of(self)], Wanted(name, None if columns is None else tuple(columns), stars))

    def truth(self) -> pd.DataFrame | None:
        """The planted truth beside the effects of a simulated judge; None for a real one."""
        from judgebench.analysis.files import read_truths

        return read_truths(self.path)


def run(
    suite: Suite | Path | str,
    judge: str | None = None,
    *,
    base_url: str | None = None,
    out: Path | str | None = None,
    limit: int | None = None,
    seed: int | None = None,
    options: SessionOptions | None = None,
    stop_when: str | None = None,
    stop_every: int | None = None,
) -> Run:
    """Run a suite against a judge, or continue a run, and estimate the effects.

    Args:
        suite: A suite, or the path of its file.
        judge: The judge's spec; the suite's own where None.
        base_url: The server of an OpenAI-compatible judge.
        out: The run directory; `results/<suite>/<judge>/` where None.
        limit: At most so many items (for a path).
        seed: In place of the suite's (for a path).
        options: Engine, concurrency, budget, progress.
        stop_when: A rule that may end the run early: `decided`, or `width<0.05`.
        stop_every: Items between two looks at that rule; 10 where None.

    Returns:
        The run; `Run.complete` says whether every trial that was asked has a reply.

    Raises:
        InputError: The suite, the judge, the directory or the rule is wrong.
    """
    loaded = suite if isinstance(suite, Suite) else load_suite(suite, seed=seed, limit=limit)
    named = judge or loaded.spec.judge
    if named is None:
        raise InputError(
            "the suite names no judge",
            file=loaded.document.file,
            expected="--judge SPEC, or judge: in the suite",
        )
    opened = open_judge(named, base_url=base_url)
    directory = Path(out) if out is not None else default_out(loaded, opened.spec)
    stopper = watch(loaded, stop_when, stop_every)
    told = replace(options or SessionOptions(), base_url=base_url)
    complete(ask_suite(loaded, opened, directory, told, stopper))
    return analyze(directory)


def watch(suite: Suite, stop_when: str | None, stop_every: int | None = None) -> Watch | None:
    """The rule that may stop a run of the suite; None where none is named.

    Raises:
        InputError: There is no such rule, or the suite has nothing that it could decide.
    """
    if stop_when is None:
        if stop_every is not None:
            raise InputError(
                "--stop-every says how often to look at a rule", expected="--stop-when RULE with it"
            )
        return None
    from judgebench.analysis.stopping import EVERY, Watch, parse_rule

    every = EVERY if stop_every is None else stop_every
    if every < 1:
        raise InputError(f"--stop-every is {every}", expected="at least one item")
    return Watch(parse_rule(stop_when), suite, every)


def load(path: Path | str) -> Run:
    """Load a run directory.

    Raises:
        InputError: It is none.
    """
    return Run(Path(path), read_manifest(Path(path)))


def make_plan(
    suite: Suite,
    judge: str,
    *,
    base_url: str | None = None,
    engine: Engine = "local",
    prices: Path | None = None,
    out: Path | None = None,
) -> Plan:
    """What a run of the suite would ask of a judge, and what it would cost; nothing is sent.

    Args:
        suite: The suite.
        judge: The judge's spec.
        base_url: The server of an OpenAI-compatible judge.
        engine: Who would ask; a batch costs less.
        prices: The user's price file, if it is not to be looked for.
        out: A run directory that the run would continue.
    """
    opened = open_judge(judge, base_url=base_url)
    check_engine(engine, opened)
    spec = parse_spec(judge)
    price = price_with(engine, load_prices(prices).find(spec.provider, spec.model))
    ways = ways_of(suite)
    check_capable(suite, ways, opened)
    with ExitStack() as stack:
        store = None
        if out is not None and (out / STORE).is_file():
            store = stack.enter_context(Store(out / STORE, read_only=True))
        return plan(suite, ways, opened, price, None if store is None else store.is_answered, prices)


def make_forecast(suite: Suite, planned: Plan, wanted: Wanted) -> Forecast:
    """What effects a run of the suite would find, and what it would take to find others.

    Raises:
        InputError: What is wanted is out of range, or the pilot is no run that tells of the suite's perturbations.
    """
    from judgebench.analysis.planning import forecast

    return forecast(suite, planned, wanted)


def analyze(
    path: Path | str,
    *,
    margin: float | None = None,
    alpha: float | None = None,
    level: float | None = None,
    split: Literal["half", "zero"] | None = None,
) -> Run:
    """Estimate the effects of a run directory again, as its plan declared them unless told otherwise.

    Settings that are not those of the plan are recorded in the manifest as `analysis_changed`, and every report
    tells them.

    Args:
        path: The run directory.
        margin: In place of the plan's.
        alpha: Likewise.
        level: Likewise.
        split: What verdicts on authored pairs count that change with the order: `half` a win, or `zero`.

    Raises:
        InputError: The directory holds no judgments, or a setting is impossible.
    """
    from judgebench.analysis.files import analyse

    found = load(path)
    planned = settings_of(found.manifest)
    settings = planned.changed(margin=margin, alpha=alpha, level=level)
    told = found.manifest.get("self_preference") or {}
    used = told if split is None else {**told, "split": split}
    analyse(found.path, settings, found.manifest.get("stopping"), used)
    manifest = {key: value for key, value in found.manifest.items() if key != "analysis_changed"}
    changed = settings.differences(planned)
    if used != told:
        changed["split"] = {"planned": told.get("split"), "used": split}
    if changed:
        manifest["analysis_changed"] = changed
    if manifest != found.manifest:
        write_manifest(found.path, manifest)
    return Run(found.path, manifest)


def import_recordings(
    path: Path, form: str, out: Path | None = None, columns: Columns | None = None
) -> list[Run]:
    """Import recorded judgments, a run directory a judge.

    Args:
        path: The file or folder.
        form: The format's name.
        out: The run directory, or where the file holds several judges their folder.
        columns: What the columns and values stand for, in a format that leaves that to the user.

    Raises:
        InputError: The format is unknown, or what is there is not in it.
    """
    from judgebench.run.imports import importers, write_recording

    importer = importers.get(form)
    if columns is None:
        recordings = importer.read(path)
    elif importer.read_mapped is None:
        raise InputError(f"the format {form!r} has its own columns", expected="--format mapped, or no --map")
    else:
        recordings = importer.read_mapped(path, columns)
    runs = []
    for recording in recordings:
        slug = parse_spec(recording.judge).slug
        single = out if out is not None and len(recordings) == 1 else None
        directory = single or (out or RESULTS / recording.suite) / slug
        write_recording(recording, directory, path=path, form=form)
        runs.append(load(directory))
    return runs


def vote_on_principles(
    run: Run,
    items: Sequence[Item],
    principles: Path,
    judge: str,
    *,
    base_url: str | None = None,
    options: SessionOptions | None = None,
) -> Voted:
    """Ask a judge which response each principle favours, or continue; the votes go to `votes/<judge>/` of the run.

    Args:
        run: The run whose items they are.
        items: The items with their texts.
        principles: The file of principles.
        judge: The voter's spec.
        base_url: The server of an OpenAI-compatible judge.
        options: Concurrency, budget, progress.

    Raises:
        InputError: The judge, the principles or the items are wrong, or no vote came of it.
    """
    from judgebench.run.votes import read_principles, vote

    opened = open_judge(judge, base_url=base_url)
    named = read_principles(principles)
    out = run.path / "votes" / parse_spec(opened.spec).slug
    out.mkdir(parents=True, exist_ok=True)
    return complete(vote(opened, items, named, out, options or SessionOptions()))


def examine(judge: str, *, base_url: str | None = None, prices: Path | None = None) -> list[Finding]:
    """Ask a judge one question twice, and tell what works and what does not.

    Args:
        judge: The judge's spec.
        base_url: The server of an OpenAI-compatible judge.
        prices: The user's price file, if it is not to be looked for.

    Raises:
        InputError: The spec or the price file is wrong.
    """
    from judgebench.run.doctor import examine as examine_judge

    spec = parse_spec(judge)
    price = load_prices(prices).find(spec.provider, spec.model)
    return complete(examine_judge(open_judge(judge, base_url=base_url), price))


def audit_of(run: Run) -> Audit:
    """The run as the report stage takes it."""
    from judgebench.analysis.files import read_stated
    from judgebench.analysis.reliability import reliability
    from judgebench.report.examples import comparisons, samples
    from judgebench.report.model import Audit

    effects = run.effects()
    return Audit(
        effects,
        run.manifest,
        run.truth(),
        samples(run.path, comparisons(effects)),
        plan_intact=is_intact(run.path, run.manifest),
        reliability=reliability(read_stated(run.path)),
    )


def default_out(suite: Suite, judge: str) -> Path:
    """Where a run goes unless it is told: `results/<suite>/<judge>`."""
    return RESULTS / suite.spec.suite / parse_spec(judge).slug


def settings_of(manifest: Mapping[str, Any]) -> Settings:
    """How the run is to be analysed: as its locked plan says, or else as its suite declared."""
    from judgebench.analysis import Settings

    plan = manifest.get("plan")
    settings = Settings.declared((plan if isinstance(plan, dict) else manifest).get("analysis", {}))
    protocols = manifest.get("protocols") or {}
    scales = {name: tuple(told["scale"]) for name, told in protocols.items() if told["scale"]}
    reasoning = {
        name: (told["reasoning"], told.get("but_reasoning", ""))
        for name, told in protocols.items()
        if told.get("reasoning")
    }
    confident = frozenset(name for name, told in protocols.items() if told.get("confidence"))
    return replace(settings, scales=scales, reasoning=reasoning, confident=confident)
