from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import judgebench
from judgebench.analysis.sequential import Limits, Series, limits
from judgebench.analysis.stopping import Rule, Watch, parse_rule
from judgebench.audit import Run, analyze, watch
from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request
from judgebench.judges.sim import SimJudge
from judgebench.judges.spec import parse_spec
from judgebench.run.lock import is_intact
from judgebench.run.session import SessionOptions, ask_suite
from judgebench.suite import load_suite

SUITE = """\
suite: s
seed: 4
items: [{source: bank, limit: 60}]
perturbations: [position, authority]
"""
BIASED = "sim/strong?position=6&authority=6&quality=0"
FAIR = "sim/null"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SUITE)
    return tmp_path / "s.yaml"


def stopping(run: Run) -> dict[str, Any]:
    found = run.manifest["stopping"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that its rule ended early; the tests here only read it."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "s.yaml").write_text(SUITE)
    return judgebench.run(folder / "s.yaml", BIASED, out=folder / "out", stop_when="decided")


@pytest.mark.parametrize(("text", "width"), [("decided", None), (" width<0.05", 0.05), ("width < .2 ", 0.2)])
def test_rules_are_read(text: str, width: float | None) -> None:
    rule = parse_rule(text)
    assert rule.width == width
    assert parse_rule(rule.text) == rule


@pytest.mark.parametrize(
    "text", ["", "decide", "width", "width<", "width<0", "width<1", "width>0.1", "width<0.1.2"]
)
def test_other_rules_are_input_errors(text: str) -> None:
    with pytest.raises(InputError, match="rule"):
        parse_rule(text)


@pytest.mark.parametrize(
    ("lower", "upper", "decided"),
    [(0.01, 0.3, True), (-0.3, -0.01, True), (-0.04, 0.04, True), (-0.04, 0.06, False), (0.0, 0.2, False)],
)
def test_decided_is_apart_from_0_or_inside_the_margin(lower: float, upper: float, decided: bool) -> None:
    sure, this = Limits(50, 0.0, -0.01, 0.01), Limits(50, (lower + upper) / 2, lower, upper)
    assert Rule().holds([sure, this], margin=0.05) == decided
    assert Rule().holds([sure], margin=0.05)


def test_a_width_is_asked_of_every_effect() -> None:
    narrow, wide = Limits(50, 0.0, -0.02, 0.02), Limits(50, 0.3, 0.2, 0.4)
    assert Rule(0.05).holds([narrow], margin=0.5)
    assert not Rule(0.05).holds([narrow, wide], margin=0.5)


@pytest.mark.parametrize(
    ("lines", "when", "every", "told"),
    [
        (
            "perturbations: [positive_control]",
            "decided",
            None,
            "the right effect of no perturbation here is 0",
        ),
        ("protocols: [pointwise]\nperturbations: [position]", "decided", None, "no place to be first in"),
        ("perturbations: [position]", None, 5, "--stop-when RULE with it"),
        ("perturbations: [position]", "decided", 0, "at least one item"),
        ("perturbations: [position]", "wdth<0.05", None, "did you mean 'width<0.05'?"),
    ],
)
def test_what_no_rule_can_decide_is_an_input_error(
    path: Path, lines: str, when: str | None, every: int | None, told: str
) -> None:
    path.write_text(f"suite: s\nitems: [{{source: bank, limit: 4}}]\n{lines}\n")
    with pytest.raises(InputError) as caught:
        watch(load_suite(path), when, every)
    assert told in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "judge", "estimand", "span"),
    [
        (
            "items: [{source: bank, set: choice}]\nprotocols: [choice: {orders: latin}]\nperturbations: [position]\n",
            "sim/null?position=3",
            "first_preference",
            1,
        ),
        (
            (
                "items: [{source: bank, limit: 120}]\nprotocols: [pointwise: {scale: [1, 10]}]\n"
                "perturbations: [position, authority: {placebo: false, targets: both}]\n"
            ),
            "sim/null?authority=2&noise=0.4",
            "score_shift",
            9,
        ),
    ],
)
def test_choices_from_lists_and_scores_can_stop_a_run_too(
    tmp_path: Path, path: Path, body: str, judge: str, estimand: str, span: int
) -> None:
    path.write_text(f"suite: s\nseed: 2\n{body}")
    made = judgebench.run(path, judge, out=tmp_path / "out", stop_when="decided")
    stopping = made.manifest["stopping"]
    assert 20 <= stopping["stopped_at_items"] < len(load_suite(path).items)
    effects = made.effects()
    decided = effects[(effects["estimand"] == estimand) & effects["decision"].notna()].iloc[0]
    assert decided["decision"] == "biased"
    assert decided["method"].startswith("betting confidence sequence, stopped by rule decided")
    last = stopping["looks"][-1]["effects"][0]
    assert (decided["conf_low"], decided["conf_high"]) == pytest.approx(
        (span * last["lower"], span * last["upper"])
    )
    assert decided["estimate"] == pytest.approx(span * last["estimate"])
    assert (
        decided["bound_low"]
        <= decided["conf_low"]
        <= decided["estimate"]
        <= decided["conf_high"]
        <= decided["bound_high"]
    )


@pytest.mark.slow
def test_the_pairs_of_a_round_robin_are_not_independent_items(path: Path) -> None:
    path.write_text(
        "suite: s\nitems: [{source: bank, set: choice}]\nprotocols: [round_robin]\nperturbations: [position]\n"
    )
    with pytest.raises(InputError, match="compares pairs out of one item"):
        Watch(Rule(), load_suite(path))


def test_a_rule_counts_items_and_not_sources(tmp_path: Path, path: Path) -> None:
    items = [
        {"id": str(i), "prompt": "p", "response_a": "x", "response_b": "y", "source": f"s{i % 2}"}
        for i in range(4)
    ]
    (tmp_path / "i.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    path.write_text(
        "suite: s\nitems: [{source: file, path: i.jsonl}]\nperturbations: [position]\nanalysis: {cluster: source}\n"
    )
    with pytest.raises(InputError, match="clusters them by source"):
        Watch(Rule(), load_suite(path))


def test_a_strong_bias_ends_the_run_early_and_complete(stopped: Run) -> None:
    told = stopping(stopped)
    assert stopped.complete
    assert told["rule"] == "decided"
    assert 20 <= told["stopped_at_items"] < 60
    assert stopped.manifest["counts"]["items"] == told["stopped_at_items"]
    assert stopped.manifest["counts"]["missing"] == 0
    # both effects, each at alpha over two
    assert told["level"] == pytest.approx(0.975)


def test_only_the_items_that_were_asked_are_in_the_run(stopped: Run) -> None:
    told = stopping(stopped)
    judgments = stopped.judgments()
    assert list(dict.fromkeys(judgments["item_id"])) == told["order"][: told["stopped_at_items"]]
    # 2 controls, authority and its placebo, in both orders
    assert (judgments.groupby("item_id").size() == 8).all()


def test_the_looks_come_every_ten_items_from_twenty_on(stopped: Run) -> None:
    told = stopping(stopped)
    assert [look["asked"] for look in told["looks"]] == list(range(20, told["stopped_at_items"] + 1, 10))
    for look in told["looks"]:
        assert look["items"] == look["asked"]
        assert [effect["perturbation"] for effect in look["effects"]] == ["position", "authority"]
        assert all(effect["lower"] <= effect["estimate"] <= effect["upper"] for effect in look["effects"])
    *earlier, last = told["looks"]
    assert all(effect["lower"] > 0 for effect in last["effects"])
    assert not any(all(effect["lower"] > 0 for effect in look["effects"]) for look in earlier)


def test_the_effects_are_those_of_the_last_look(stopped: Run) -> None:
    table = stopped.effects()
    decided = table[table["decision"].notna()].set_index("perturbation")
    for look in stopping(stopped)["looks"][-1]["effects"]:
        row = decided.loc[look["perturbation"]]
        assert row["estimate"] == pytest.approx(look["estimate"])
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((look["lower"], look["upper"]))
        assert row["conf_level"] == pytest.approx(0.975)
        assert row["method"] == "betting confidence sequence, stopped by rule decided"
        assert row["decision"] == "biased"
        assert np.isnan([row["p_value"], row["p_adjusted"], row["statistic"]]).all()


def test_missing_verdicts_widen_the_bounds_of_the_sequence(stopped: Run) -> None:
    table = stopped.effects()
    decided = table[table["decision"].notna()]
    assert (decided["bound_low"] <= decided["conf_low"] + 1e-12).all()
    assert (decided["bound_high"] >= decided["conf_high"] - 1e-12).all()
    missing = decided[decided["n_missing"] > 0]
    assert len(missing)
    assert (missing["bound_high"] - missing["bound_low"] > missing["conf_high"] - missing["conf_low"]).all()


def test_the_rule_is_part_of_the_locked_plan(stopped: Run) -> None:
    assert stopped.manifest["plan"]["stopping"]["rule"] == "decided"
    assert is_intact(stopped.path, stopped.manifest)
    changed = stopped.manifest["plan"] | {"stopping": {"rule": "width<0.9"}}
    assert not is_intact(stopped.path, stopped.manifest | {"plan": changed})


def test_there_are_no_simultaneous_intervals_for_a_fixed_number_of_items(stopped: Run) -> None:
    assert not stopped.effects()["contrast"].str.contains("simultaneous").any()


def test_the_rest_of_the_table_is_as_ever(stopped: Run) -> None:
    table = stopped.effects()
    rest = table[table["decision"].isna()]
    assert len(rest) > 10
    assert not rest["method"].str.contains("sequence").any()


def test_the_gate_goes_by_the_limits(cli, stopped: Run) -> None:
    done = cli("gate", stopped.path)
    assert done.returncode == 4
    assert "authority" in done.stderr
    assert cli("gate", stopped.path, "--max-bias", "0.99").returncode == 0


def test_analysing_again_changes_nothing(stopped: Run) -> None:
    before = (stopped.path / "effects.json").read_text()
    analyze(stopped.path)
    assert (stopped.path / "effects.json").read_text() == before


def test_a_rule_that_is_never_met_asks_everything(tmp_path: Path, path: Path) -> None:
    run = judgebench.run(path, FAIR, out=tmp_path / "out", limit=33, stop_when="width<0.01", stop_every=5)
    told = stopping(run)
    assert run.complete
    assert told["stopped_at_items"] is None
    # the last look has all items, though 33 is no multiple of 5
    assert [look["asked"] for look in told["looks"]] == [20, 25, 30, 33]
    assert run.judgments()["item_id"].nunique() == 33
    methods = set(run.effects()["method"])
    assert "betting confidence sequence, rule width<0.01 not met" in methods


def test_fewer_items_than_the_first_look_needs_are_looked_at_once(tmp_path: Path, path: Path) -> None:
    run = judgebench.run(path, FAIR, out=tmp_path / "out", limit=7, stop_when="decided")
    assert [look["asked"] for look in stopping(run)["looks"]] == [7]


def test_the_order_is_the_seeds(tmp_path: Path, path: Path) -> None:
    orders = []
    for seed, out in ((4, "a"), (4, "b"), (5, "c")):
        run = judgebench.run(
            path, FAIR, out=tmp_path / out, seed=seed, limit=60, stop_when="width<0.9", stop_every=20
        )
        orders.append(stopping(run)["order"])
    suite = [item.id for item in load_suite(path).items]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(suite)
    assert orders[0] != suite


# Interrupted runs.


class OutOfPower(BaseException):
    """The end of the process: nothing that the runner could take for a fault of the judge."""


class Faulty(SimJudge):
    """The simulated judge, with faults where it is told to have some."""

    fault: Callable[[int, Request], BaseException | None] = staticmethod(lambda count, request: None)
    count = 0

    async def ask(self, request: Request) -> Reply:
        self.count += 1
        fault = self.fault(self.count, request)
        if fault is not None:
            raise fault
        return await super().ask(request)


def ask(
    path: Path, out: Path, fault: Callable[[int, Request], BaseException | None], rule: str = "decided"
) -> Faulty:
    """Ask with the faults, as one process would, up to where it breaks off."""
    judge = Faulty.from_spec(parse_spec(BIASED))
    judge.fault = fault
    suite = load_suite(path)
    told = SessionOptions(progress="off")
    asyncio.run(ask_suite(suite, judge, out, told, watch(suite, rule)))
    return judge


def nothing(count: int, request: Request) -> None:
    return None


def as_left(out: Path) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    run = analyze(out)
    columns = ["item_id", "arm", "order", "repeat", "verdict", "request_key"]
    return stopping(run), run.judgments()[columns].to_dict("records")


@pytest.mark.parametrize("broken_at", [7, 130, 200])
def test_a_run_that_broke_off_goes_on_as_if_it_had_not(
    tmp_path: Path, path: Path, stopped: Run, broken_at: int
) -> None:
    def breaks(count: int, request: Request) -> BaseException | None:
        return OutOfPower() if count == broken_at else None

    with pytest.raises(OutOfPower):
        ask(path, tmp_path / "out", breaks)
    left = json.loads((tmp_path / "out" / "run.json").read_text())["stopping"]
    assert left["order"] == stopping(stopped)["order"]
    assert len(left["looks"]) == (0 if broken_at < 160 else 1)
    again = ask(path, tmp_path / "out", nothing)
    # what was answered is not asked again
    assert broken_at - 1 + again.count == stopped.manifest["counts"]["requests"]
    assert as_left(tmp_path / "out") == as_left(stopped.path)


def test_a_stopped_run_asks_nothing_more(tmp_path: Path, path: Path, stopped: Run) -> None:
    ask(path, tmp_path / "out", nothing)
    before = as_left(tmp_path / "out")
    assert ask(path, tmp_path / "out", nothing).count == 0
    assert as_left(tmp_path / "out") == before == as_left(stopped.path)


def test_an_item_without_all_replies_is_looked_at_once_it_has_them(
    tmp_path: Path, path: Path, stopped: Run
) -> None:
    lost = stopping(stopped)["order"][3]

    def fails(count: int, request: Request) -> Exception | None:
        hit = request.subject.item_id == lost and request.subject.arm == "placebo"
        return JudgeFault("fatal", "no", status=400) if hit else None

    ask(path, tmp_path / "out", fails)
    run = analyze(tmp_path / "out")
    looks = stopping(run)["looks"]
    assert run.manifest["state"] == "incomplete"
    assert all(look["items"] == look["asked"] - 1 for look in looks)
    ask(path, tmp_path / "out", nothing)
    run = analyze(tmp_path / "out")
    assert run.complete
    # looks that were taken stay as they were taken, and so does the end
    assert stopping(run)["looks"] == looks
    assert run.manifest["counts"]["items"] == looks[-1]["asked"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("decided", None), ("width<0.2", None)),
        (("decided", None), ("decided", 20)),
        (("decided", None), (None, None)),
        ((None, None), ("decided", None)),
    ],
)
def test_a_rule_cannot_be_added_changed_or_dropped_later(
    tmp_path: Path,
    path: Path,
    first: tuple[str | None, int | None],
    second: tuple[str | None, int | None],
) -> None:
    def go(rule: tuple[str | None, int | None]) -> None:
        judgebench.run(path, FAIR, out=tmp_path / "out", limit=4, stop_when=rule[0], stop_every=rule[1])

    go(first)
    before = (tmp_path / "out" / "run.json").read_text()
    with pytest.raises(InputError, match="was started with"):
        go(second)
    assert (tmp_path / "out" / "run.json").read_text() == before
    go(first)


@pytest.mark.slow
def test_the_command_line_takes_a_rule(cli, path: Path) -> None:
    done = cli("run", path, "--judge", BIASED, "--out", "o", "--stop-when", "decided", "--stop-every", "15")
    assert done.returncode == 0, done.stderr
    told = json.loads((path.parent / "o" / "run.json").read_text())["stopping"]
    assert told["looks"][0]["asked"] == 30
    assert "97.5 % interval" in done.stdout
    wrong = cli("run", path, "--judge", BIASED, "--out", "p", "--stop-when", "soon")
    assert wrong.returncode == 2
    assert "unknown stopping rule 'soon'" in wrong.stderr
    assert not (path.parent / "p").exists()


# What the rule costs and keeps.


def peeks(rng: np.random.Generator, shift: float, items: int = 120) -> tuple[int | None, bool]:
    """Where a rule on two effects stopped, and whether an effect was apart from 0 at any look."""
    tastes = rng.normal(0, 1, (items, 2))
    control = rng.random((items, 2)) < _logistic(tastes)
    treated = rng.random((2, items, 2)) < _logistic(tastes + shift)
    changes = (treated.astype(float) - control).mean(axis=2)
    apart = False
    for n in range(20, items + 1, 10):
        found = [limits(Series(x[:n], x[:n], x[:n], 1.0), 0.975) for x in changes]
        known = [each for each in found if each is not None]
        apart |= any(each.lower > 0 or each.upper < 0 for each in known)
        if Rule().holds(known, margin=0.05):
            return n, apart
    return None, apart


def _logistic(x: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(1 / (1 + np.exp(-x / 0.4)))


@pytest.mark.slow
def test_peeking_keeps_the_false_positive_rate() -> None:
    rng = np.random.default_rng(11)
    false = sum(peeks(rng, shift=0.0)[1] for _ in range(500))
    # 5 % and two standard errors of a rate of 5 % in 500
    assert false / 500 <= 0.05


@pytest.mark.slow
def test_a_strong_effect_stops_early_nearly_always() -> None:
    rng = np.random.default_rng(12)
    ends = [peeks(rng, shift=1.5)[0] or 999 for _ in range(60)]
    assert np.median(ends) <= 60
    assert np.mean(np.array(ends) < 999) >= 0.95


@pytest.mark.slow
def test_a_fair_judge_is_hardly_ever_called_biased_by_whole_runs(tmp_path: Path, path: Path) -> None:
    biased = 0
    for seed in range(15):
        out = tmp_path / str(seed)
        run = judgebench.run(path, f"{FAIR}?seed={seed}", out=out, seed=seed, stop_when="decided")
        looks = stopping(run)["looks"]
        biased += any(e["lower"] > 0 or e["upper"] < 0 for look in looks for e in look["effects"])
    # at a rate of 5 % three or fewer in 15 are 99.5 % sure
    assert biased <= 3


def test_a_rule_is_refused_where_several_pairs_of_authors_share_a_prompt(tmp_path: Path) -> None:
    authors = [f'{{judge: "sim/null?hand={hand}", name: a{hand}}}' for hand in (2, 3, 4)]
    text = "suite: own\nitems: [{source: bank, limit: 2}]\nperturbations: [position]\nself_preference: "
    for number, refused in ((2, False), (3, True)):
        (tmp_path / "own.yaml").write_text(f"{text}{{authors: [{', '.join(authors[:number])}]}}\n")
        suite = load_suite(tmp_path / "own.yaml")
        if refused:
            with pytest.raises(InputError, match="several pairs of authors share a prompt"):
                watch(suite, "decided")
        else:
            assert watch(suite, "decided") is not None
