"""A session of asking: open or continue a run, lock the plan, ask what has no answer, write what came of it."""

from __future__ import annotations

import asyncio
import gc
import json
import platform
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from judgebench._version import __version__
from judgebench.errors import InputError
from judgebench.judges.base import Judge, Request
from judgebench.judges.spec import parse_spec
from judgebench.protocols.reading import PARSER_VERSION
from judgebench.run.blocks import Blocks, Stopper, ask_in_blocks, check_declared
from judgebench.run.budget import BudgetGuard, spent_usd
from judgebench.run.engines.choice import Asking, Engine, Means, check_engine
from judgebench.run.export import export
from judgebench.run.lock import lock, planned
from judgebench.run.manifest import MANIFEST, now, read_manifest, write_manifest
from judgebench.run.mitigating import other_members, sent_for_one
from judgebench.run.preparation import Bureau, preparation_of, prepare, spent_on
from judgebench.run.prices import Price, load_prices
from judgebench.run.progress import Mode, Progress
from judgebench.run.questions import Question, Ways, check_capable, questions, sampling_of, ways_of
from judgebench.run.records import VerdictRow
from judgebench.run.rewrites import Rewriters, rewrite_texts, rewriters_of
from judgebench.run.runner import Outcome, RunnerOptions
from judgebench.run.store import BATCH, STORE, Store
from judgebench.run.waves import ask_in_waves, opened
from judgebench.suite import Suite
from judgebench.suite.trials import count_trials

_PACKAGES: Final = ("numpy", "scipy", "pandas", "pyarrow", "openai", "anthropic", "vllm", "aiohttp")


_YOUNG: Final = 20_000
"""New objects before the young are looked through; by default it is 700, which ten requests make."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session asks; nothing here changes what is asked.

    Attributes:
        max_concurrency: Requests in flight at most.
        budget_usd: What the run may spend over all its sessions.
        progress: How progress is shown.
        rpm: Requests a minute at most; None: as many as the provider bears.
        tpm: Tokens a minute at most, of prompts and answers.
        engine: Who asks.
        prices: The user's price file, if it is not to be looked for.
        base_url: The address that the judge was made with, for engines that open judges of their own.
        plugins: Files that they load first.
    """

    max_concurrency: int = 64
    budget_usd: float | None = None
    progress: Mode = "auto"
    rpm: float | None = None
    tpm: float | None = None
    engine: Engine = "local"
    prices: Path | None = None
    base_url: str | None = None
    plugins: tuple[Path, ...] = ()


async def ask_suite(
    suite: Suite, judge: Judge, out: Path, options: SessionOptions, stopper: Stopper | None = None
) -> dict[str, Any]:
    """Ask a judge all trials of a suite that have no answer in `out`, and return the manifest.

    Everything about the suite and the judge is checked before the directory is made, and the plan stands in the
    manifest before the first request. With a `stopper`, items are asked in blocks until its rule holds, and the run
    is complete for those that were asked.

    Raises:
        InputError: The suite is wrong, or the directory holds a run of another suite, judge or rule.
    """
    check_engine(options.engine, judge, paced=bool(options.rpm or options.tpm))
    ways = ways_of(suite)
    check_capable(suite, ways, judge)
    rewriters, wanted = rewriters_of(suite, judge), preparation_of(suite, judge)
    earlier = _earlier(out, suite, judge, ways)
    check_declared(out, earlier, stopper)
    blocks = None if stopper is None else Blocks(suite, stopper, (earlier or {}).get("stopping"))
    price = _price(judge, options)
    for other in ways.panel.values():
        _price(other, options)
    async with judge, opened(ways):  # a missing key is told before anything is written
        with Store(out / STORE) as store, interruptible() as stop:
            manifest = {**_opening(suite, judge, store, earlier), "protocols": _told_protocols(ways)}
            if blocks is not None:
                manifest["stopping"] = blocks.record
                manifest["plan"]["stopping"] = blocks.declared
            lock(store, manifest["plan"])
            shown = suite
            if wanted is not None:
                write_manifest(out, {**manifest, "state": "incomplete"})
                asked = Bureau(_told(options), options.budget_usd, options.progress, stop, options.prices)
                shown, manifest["self_preference"] = await prepare(suite, judge, wanted, out, asked)
                rewriters = rewriters_of(shown, judge)
                if blocks is not None:
                    blocks.show(shown)
            if rewriters is not None:
                manifest["rewrites"] = await _rewritten(shown, rewriters, out, options, manifest, stop)
            _register(shown, suite.hash, judge, store, blocks)
            write_manifest(out, manifest)
            started = time.monotonic()
            _read_again(store, ways)
            spent = float(manifest.get("rewrites", {}).get("cost_usd") or 0.0)
            spent += spent_on(manifest.get("self_preference", {}))
            asking = _Asking(shown, ways, judge, store, options, price, stop, blocks, spent)
            with _undisturbed():
                outcome = await _ask(asking, lambda: write_manifest(out, manifest))
            missing = export(store, out, suite=suite.spec.suite, judge=judge.spec)
            closing = _closing(store, ways, outcome, missing)
            wall_s = round(manifest["wall_s"] + time.monotonic() - started, 3)
            manifest = {**manifest, **closing, "wall_s": wall_s}
            write_manifest(out, manifest)
    return manifest


async def _rewritten(
    suite: Suite,
    rewriters: Rewriters,
    out: Path,
    options: SessionOptions,
    manifest: dict[str, Any],
    stop: asyncio.Event,
) -> dict[str, Any]:
    """Have texts rewritten before the trials are known; where some are not, the manifest says so."""
    write_manifest(out, {**manifest, "state": "incomplete"})
    return await rewrite_texts(
        suite,
        rewriters,
        out,
        options=_told(options),
        budget_usd=options.budget_usd,
        progress=options.progress,
        stop=stop,
        prices=options.prices,
        spent_usd=spent_on(manifest.get("self_preference", {})),
    )


def _told(options: SessionOptions) -> RunnerOptions:
    """How models other than the judge are asked."""
    return RunnerOptions(max_concurrency=options.max_concurrency, rpm=options.rpm, tpm=options.tpm)


def _price(judge: Judge, options: SessionOptions) -> Price | None:
    """What the judge's tokens cost, if it is known; a budget without a price is refused."""
    spec = parse_spec(judge.spec)
    price = load_prices(options.prices).find(spec.provider, spec.model)
    if options.budget_usd is not None:
        BudgetGuard(options.budget_usd, price)
    return price


def _earlier(out: Path, suite: Suite, judge: Judge, ways: Ways) -> dict[str, Any] | None:
    """The manifest of the run that this one continues, if there is one."""
    if out.exists() and not out.is_dir():
        raise InputError(
            "the output directory is a file", file=out, expected="a folder, or a path that is free"
        )
    if not (out / MANIFEST).exists():
        if out.is_dir() and not (out / STORE).exists() and any(out.iterdir()):
            raise InputError(
                "the output directory holds other files", file=out, expected="a new or empty one, or a run"
            )
        return None
    manifest = read_manifest(out)
    for what, found, wanted in (
        ("suite", manifest.get("suite_hash"), suite.hash),
        ("judge", manifest.get("judge"), judge.spec),
        ("judge", manifest.get("judge_identity"), json.loads(json.dumps(dict(judge.identity)))),
    ):
        if found != wanted:
            raise _another(out, what, str(manifest.get(what)))
    told = _told_protocols(ways)
    for name, found in manifest.get("protocols", told).items():
        if found != told.get(name):
            raise _another(out, "wording of the protocol", name)
    return manifest


def _told_protocols(ways: Ways) -> dict[str, Any]:
    return {arm.name: arm.described() for arm in ways.arms}


def _another(out: Path, what: str, name: str) -> InputError:
    return InputError(
        f"the output directory holds a run of another {what} ({name})",
        file=out,
        expected="another --out, or the suite, seed, limit, judge and address that the run was started with",
    )


def _opening(suite: Suite, judge: Judge, store: Store, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """The manifest as it stands before the first request: the locked plan."""
    spec = suite.spec
    totals = store.totals()
    return {
        "judgebench": __version__,
        "suite": spec.suite,
        "description": spec.description,
        "suite_hash": suite.hash,
        "suite_file": suite.document.file,
        "suite_text": suite.document.text,
        "judge": judge.spec,
        "judge_identity": dict(judge.identity),
        "sim_truth": judge.truth(),
        "seed": spec.seed,
        "sampling": {
            "asked": spec.sampling.model_dump(),
            "effective": dict(judge.effective(sampling_of(suite))),
        },
        "plan": earlier["plan"] if earlier and "plan" in earlier else planned(suite),
        "analysis": spec.analysis.model_dump(),
        "perturbations": [
            {"name": v.name, "version": v.plugin.version, "family": v.plugin.family, "options": dict(v.options),
             "targets": v.targets, "placebo": v.placebo}
            for v in suite.variants
        ],
        "versions": {"python": platform.python_version(), "parser": PARSER_VERSION, **_versions()},
        "started_at": earlier["started_at"] if earlier else now(),
        "sessions": (earlier.get("sessions", 0) if earlier else 0) + 1,
        "state": "running",
        "counts": {"items": len(suite.items), "answered": totals.answered},
        "wall_s": earlier.get("wall_s", 0.0) if earlier else 0.0,
    }  # fmt: skip


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _register(suite: Suite, digest: str, judge: Judge, store: Store, blocks: Blocks | None) -> None:
    """Enter items; trials are entered as they are asked, so that the first request waits for none of them.

    The `digest` is that of the suite before responses were written.

    Raises:
        InputError: An earlier session was ended while it entered those of another suite or judge.
    """
    plan = f"{digest} {judge.spec}" + (f" {blocks.rule}" if blocks else "")
    begun = store.get_meta("plan")
    if begun not in {None, plan}:
        raise _another(store.path.parent, "suite, judge or rule", "ended before its first request")
    if store.get_meta("planned") is not None:
        return
    store.put_meta("plan", plan)
    if blocks is None:
        store.add_items((item.id, json.dumps(item.to_dict(), ensure_ascii=False)) for item in suite.items)


def _entering(store: Store, asked: Iterable[Question]) -> Iterator[Question]:
    """All questions; each trial is entered on the way."""
    for count, question in enumerate(asked, 1):
        store.add_trial(question.row())
        if count % BATCH == 0:
            store.commit()
        yield question
    store.put_meta("planned", now())


@dataclass(frozen=True, slots=True)
class _Asking:
    """What asking needs."""

    suite: Suite
    ways: Ways
    judge: Judge
    store: Store
    options: SessionOptions
    price: Price | None
    stop: asyncio.Event
    blocks: Blocks | None
    before_usd: float


async def _ask(asking: _Asking, save: Callable[[], None]) -> Outcome:
    """Ask what has no answer; where a rule may stop it, block by block, saving the manifest at every look."""
    ways, judge, store, blocks = asking.ways, asking.judge, asking.store, asking.blocks
    options, totals = asking.options, store.totals()
    spent = spent_usd(store, asking.price, sampling_of(asking.suite)) + asking.before_usd
    # how many there will be is not known where a rule may stop them
    total = None if blocks else _most_requests(asking.suite, ways)
    with Progress(total, mode=options.progress, spent_usd=totals.cost_usd or 0.0) as progress:
        means = Means(
            judge, store, ways.reading, progress, options.max_concurrency, asking.price, options.budget_usd, spent,
            asking.stop, options.base_url, options.plugins, options.rpm, options.tpm,
        )  # fmt: skip
        engine = Asking(options.engine, means)

        async def ask_one(who: Judge, requests: Callable[[], Iterator[Request]]) -> Outcome:
            return await (engine if who is judge else _other(asking, means, who)).ask(requests)

        async def ask(part: Suite) -> Outcome:
            outcome = await ask_in_waves(lambda: _questions(asking, part), ways, judge, store, ask_one)
            # of a run that was stopped, the trials that were not reached
            deque(_questions(asking, part) if blocks is None and not _entered(store) else (), maxlen=0)
            return outcome

        if blocks is None:
            return await ask(asking.suite)
        return await ask_in_blocks(blocks, ways, judge, store, ask=ask, save=save)


def _most_requests(suite: Suite, ways: Ways) -> int:
    """How many requests the trials take, if none is shared."""
    under_each = count_trials(suite, ways.layouts) // len(ways.mitigations)
    return under_each * sum(map(sent_for_one, ways.mitigations.values()))


def _other(asking: _Asking, means: Means, who: Judge) -> Asking:
    """How another judge of a panel is asked: in its own name and at its own price, and never in batches."""
    price = _price(who, asking.options)
    spent = (asking.store.totals().cost_usd or 0.0) + asking.before_usd
    return Asking("local", replace(means, judge=who, price=price, spent_usd=spent, base_url=None))


def _entered(store: Store) -> bool:
    """Whether all trials are in the store."""
    return store.get_meta("planned") is not None


def _questions(asking: _Asking, part: Suite) -> Iterator[Question]:
    """The questions of a suite or a block of it; trials that are not in the store are entered on the way."""
    asked = questions(part, asking.ways, asking.judge)
    return asked if asking.blocks is not None or _entered(asking.store) else _entering(asking.store, asked)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Collect garbage seldom, and not what is loaded: a full collection takes 30 ms, in which answers lie unread."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def interruptible() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C sets, so that what is in flight can end and all is written; a second one ends at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def interrupt() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    try:
        loop.add_signal_handler(signal.SIGINT, interrupt)
    except (NotImplementedError, RuntimeError, ValueError):
        # not in the main thread, or on a platform without signal handlers: Ctrl-C then ends the process as ever
        yield stop
        return
    try:
        yield stop
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _read_again(store: Store, ways: Ways) -> None:
    """Read the replies of earlier sessions by the parser of this version; nothing is asked for it."""
    store.put_verdicts(
        VerdictRow.of(stored.key, PARSER_VERSION, ways.reading(stored.contract, stored.reply))
        for stored in store.replies()
    )
    store.combine()


def _closing(store: Store, ways: Ways, outcome: Outcome, missing: int) -> dict[str, Any]:
    """What the manifest says once asking has ended."""
    totals = store.totals()
    counts = store.counts()
    state = "interrupted" if outcome.stopped == "interrupted" else "incomplete" if missing else "complete"
    return {
        "state": state,
        "stopped": {"why": outcome.stopped, "message": outcome.message},
        "finished_at": now(),
        "served_model": store.served_model(other_members(ways.mitigations)),
        "served_models": dict(totals.by_model),
        "counts": {
            "items": counts.items,
            "trials": counts.trials,
            "requests": totals.requests,
            "answered": totals.answered,
            "missing": missing,
            "attempts": totals.attempts,
            "faults": totals.faults,
            "no_verdict": counts.no_verdict,
            "refused": counts.refused,
            "truncated": counts.truncated,
            "checks_failed": counts.checks_failed,
        },
        "tokens": {
            "prompt": totals.prompt_tokens,
            "completion": totals.completion_tokens,
            "cached": totals.cached_tokens,
            "reasoning": totals.reasoning_tokens,
            "reasoning_estimated": store.estimated_reasoning(),
        },
        "cost_usd": totals.cost_usd,
    }
