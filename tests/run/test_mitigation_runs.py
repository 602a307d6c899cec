"""Mitigations in a run: what is sent, stored, shared, counted, and continued."""

import json
from pathlib import Path

import pytest

import judgebench
from judgebench.audit import make_plan
from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request
from judgebench.judges.sim import SimJudge
from judgebench.run.questions import ways_of
from judgebench.run.store import STORE, Store
from judgebench.suite import load_suite

pytestmark = pytest.mark.slow

BODY = "suite: m\nseed: 3\nitems: [{source: bank, limit: %d}]\nperturbations: [position, authority]\n%s\n"
EVERY = (
    "mitigations: [none, system_prompt, in_context: {k: 2}, self_reflection, swap_and_average, "
    "self_consistency: {k: 3}, panel: {judges: [sim/strong]}, length_instruction, blinding, reference_answer]"
)


def suite(folder: Path, more: str, items: int = 6) -> Path:
    path = folder / "suite.yaml"
    path.write_text(BODY % (items, more))
    return path


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> judgebench.Run:
    folder = tmp_path_factory.mktemp("every")
    return judgebench.run(suite(folder, EVERY), "sim/mild?invalid=0", out=folder / "out")


def test_every_mitigation_runs_to_its_end_and_has_its_rows(every: judgebench.Run) -> None:
    assert every.complete
    judgments, table = every.judgments(), every.effects()
    counts = judgments.groupby("mitigation").size()
    assert counts.size == 10
    assert counts.nunique() == 1
    assert set(judgments["verdict"]) <= {"a", "b", "tie", "refused"}
    removed = table[table["estimand"] == "bias_removed"]
    assert set(removed["mitigation"]) == set(counts.index) - {"none"}
    assert set(removed["bias"]) == {"position", "authority"}


def test_tokens_add_up_to_what_was_used(every: judgebench.Run) -> None:
    judgments, used = every.judgments(), every.manifest["tokens"]
    assert judgments["prompt_tokens"].sum() == used["prompt"]
    assert judgments["completion_tokens"].sum() == used["completion"]
    assert every.manifest["counts"]["requests"] == every.manifest["counts"]["answered"]


def test_a_swap_asks_nothing_that_was_not_asked_and_has_one_verdict_for_both_orders(
    every: judgebench.Run,
) -> None:
    judgments = every.judgments()
    swapped = judgments[judgments["mitigation"] == "swap_and_average"]
    assert swapped["prompt_tokens"].sum() == 0
    keys = ["item_id", "perturbation", "arm", "target", "repeat"]
    assert (swapped.groupby(keys, dropna=False)["verdict"].nunique() == 1).all()
    plain = judgments[judgments["mitigation"] == "none"].set_index([*keys, "order"])["verdict"]
    for row in swapped.itertuples():
        said = {plain[(*(getattr(row, key) for key in keys), order)] for order in ("ab", "ba")}
        assert row.verdict == (said.pop() if len(said) == 1 else _between(said))


def _between(said: set[str]) -> str:
    if "refused" in said:
        return "refused"
    return next(iter(said - {"tie"})) if "tie" in said else "tie"


def test_a_verdict_is_charged_with_every_reply_that_it_rests_on(every: judgebench.Run) -> None:
    table = every.effects()
    extra = table[table["estimand"] == "extra_tokens"].set_index("mitigation")["estimate"]
    plain = every.judgments().query("mitigation == 'none' and prompt_tokens > 0")
    usual = (plain["prompt_tokens"] + plain["completion_tokens"]).mean()
    assert extra["swap_and_average"] == pytest.approx(usual, rel=0.1)
    assert extra["panel"] == pytest.approx(usual, rel=0.1)
    assert extra["self_consistency"] == pytest.approx(2 * usual, rel=0.1)
    assert extra["self_reflection"] > usual
    assert 0 < extra["length_instruction"] < usual / 2


def test_the_second_turn_holds_the_first_reply_and_both_are_stored(every: judgebench.Run) -> None:
    row = every.judgments().query("mitigation == 'self_reflection' and arm == 'control'").iloc[0]
    same = every.judgments().query("mitigation == 'none' and arm == 'control'").iloc[0]
    with Store(every.path / STORE, read_only=True) as store:
        second, first = store.messages(row["request_key"]), store.messages(same["request_key"])
        assert second is not None
        assert first is not None
        assert second[: len(first)] == first
        assert second[-2].content == store.reply_text(same["request_key"])


def test_both_turns_are_counted_where_nothing_else_asks_the_first(tmp_path: Path) -> None:
    run = judgebench.run(
        suite(tmp_path, "mitigations: [self_reflection]", 3), "sim/mild", out=tmp_path / "out"
    )
    judgments, used = run.judgments(), run.manifest["tokens"]
    assert run.manifest["counts"]["requests"] == 2 * len(judgments["request_key"].unique())
    assert judgments["prompt_tokens"].sum() == used["prompt"]


@pytest.mark.parametrize("turn", ["first", "second", "member"])
def test_a_run_goes_on_where_it_ended_and_asks_nothing_twice(
    turn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mitigation = "self_consistency: {k: 3}" if turn == "member" else "self_reflection"
    path = suite(tmp_path, f"mitigations: [none, {mitigation}]", 3)
    whole = judgebench.run(path, "sim/mild", out=tmp_path / "whole")
    down = {
        "first": lambda r: r.messages[-2].role != "assistant" and int(r.key, 16) % 3 == 0,
        "second": lambda r: r.messages[-2].role == "assistant",
        "member": lambda r: r.replicate == 2,
    }[turn]
    asked: list[str] = []
    real = SimJudge.ask

    async def ask(self: SimJudge, request: Request) -> Reply:
        asked.append(request.key)
        if down is not None and down(request):
            raise JudgeFault("fatal", "down")
        return await real(self, request)

    monkeypatch.setattr(SimJudge, "ask", ask)
    broken = judgebench.run(path, "sim/mild", out=tmp_path / "out")
    assert not broken.complete
    assert "error" in set(broken.judgments().query("mitigation != 'none'")["verdict"])
    answered = [key for key in asked if key in _answered(tmp_path / "out")]
    asked.clear()
    down = None
    mended = judgebench.run(path, "sim/mild", out=tmp_path / "out")
    assert mended.complete
    assert not set(asked) & set(answered)
    columns = ["item_id", "mitigation", "order", "repeat", "verdict", "request_key"]
    assert mended.judgments()[columns].equals(whole.judgments()[columns])


def _answered(out: Path) -> set[str]:
    with Store(out / STORE, read_only=True) as store:
        return {stored.key for stored in store.replies()}


@pytest.mark.parametrize(
    ("mitigation", "place", "words"),
    [
        ("in_contxt", "5:15", "in_context"),
        ("in_context: {kk: 2}", "5:28", "did you mean 'k'"),
        ("in_context: {k: 3}", "5:15", "even number"),
        ("in_context: {k: two}", "5:28", "a whole number"),
        ("panel: {judges: [sim/mild], rule: mostly}", "5:43", "majority"),
        ("panel: {judges: [{judge: sim/mild, base: x}]}", "5:50", "base"),
        ("none: {name: plain}", "5:22", "name"),
        ("in_context: {name: a b}", "5:28", "letters, digits"),
        ("in_context: {k: 2}, in_context: {k: 4}", "5:35", "each once, or with names"),
        ("in_context: {name: x, k: 2}, in_context: {name: x, k: 4}", "5:44", "each once, or with names"),
        ("reference_answer: {by: item}", "5:15", "no reference answer"),
    ],
)
def test_a_wrong_mitigation_is_told_with_its_place(
    mitigation: str, place: str, words: str, tmp_path: Path
) -> None:
    path = suite(tmp_path, f"mitigations: [{mitigation}]")
    with pytest.raises(InputError) as error:
        ways_of(load_suite(path))
    text = str(error.value)
    assert words in text
    assert f":{place}:" in text


def test_a_mitigation_that_does_not_go_with_a_protocol_is_told(tmp_path: Path) -> None:
    path = suite(tmp_path, "protocols: [pairwise, pointwise]\nmitigations: [none, swap_and_average]")
    with pytest.raises(InputError, match=r"only a pair can be swapped.*\(pointwise\)"):
        ways_of(load_suite(path))


def test_the_audited_judge_is_no_other_member_of_its_panel(tmp_path: Path) -> None:
    path = suite(tmp_path, "mitigations: [none, panel: {judges: [sim/mild]}]")
    with pytest.raises(InputError, match="which is the audited judge"):
        judgebench.run(path, "sim/mild", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_several_of_one_kind_stand_side_by_side_under_names_of_their_own(tmp_path: Path) -> None:
    more = "mitigations: [none, self_consistency: {k: 3}, self_consistency: {name: five, k: 5}]"
    made = judgebench.run(suite(tmp_path, more, 3), "sim/mild", out=tmp_path / "out")
    names = {"none", "self_consistency", "self_consistency@five"}
    assert set(made.judgments()["mitigation"]) == names
    table = made.effects()
    assert set(table[table["estimand"] == "bias_removed"]["mitigation"]) == names - {"none"}
    tokens = table[table["estimand"] == "extra_tokens"].set_index("mitigation")["estimate"]
    assert tokens["self_consistency@five"] > tokens["self_consistency"] > 0


def test_the_served_model_is_the_audited_judges_however_often_others_are_asked(tmp_path: Path) -> None:
    others = "[sim/strong, 'sim/strong?seed=1', 'sim/strong?seed=2']"
    path = suite(tmp_path, f"mitigations: [panel: {{judges: {others}}}]", 2)
    made = judgebench.run(path, "sim/mild", out=tmp_path / "out")
    assert made.manifest["served_model"] == "sim/mild"
    assert made.manifest["served_models"]["sim/strong"] == 3 * made.manifest["served_models"]["sim/mild"]


def test_a_member_of_a_panel_is_asked_at_its_own_address(tmp_path: Path) -> None:
    members = "[{judge: vllm/m, base_url: 'http://127.0.0.1:1'}, sim/strong]"
    panel = ways_of(load_suite(suite(tmp_path, f"mitigations: [panel: {{judges: {members}}}]"))).panel
    assert panel["vllm/m"].identity["endpoint"] == "http://127.0.0.1:1/v1"
    two = (
        "mitigations: [panel: {judges: [{judge: vllm/m, base_url: 'http://127.0.0.1:1'}]}, "
        "panel: {name: other, judges: [{judge: vllm/m, base_url: 'http://127.0.0.1:2'}]}]"
    )
    with pytest.raises(InputError, match="asked at two addresses"):
        ways_of(load_suite(suite(tmp_path, two)))


def test_the_plan_counts_members_of_a_panel_at_their_own_prices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "date: 2026-11-01\nprices:\n  openai:\n"
        "    dear: {input: 100, output: 0}\n    cheap: {input: 1, output: 0}\n"
    )
    monkeypatch.setenv("JUDGEBENCH_PRICES", str(prices))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    alone, both, mixed = (
        make_plan(load_suite(suite(tmp_path, f"mitigations: [{more}]")), judge).cost_usd
        for more, judge in (
            ("none", "openai/dear"),
            ("panel: {judges: [openai/cheap]}", "openai/dear"),
            ("panel: {judges: [openai/dear]}", "openai/cheap"),
        )
    )
    assert alone is not None
    assert both == pytest.approx(1.01 * alone)
    assert mixed == pytest.approx(1.01 * alone)
    unknown = make_plan(
        load_suite(suite(tmp_path, "mitigations: [panel: {judges: [openai/nobody-knows]}]")), "openai/dear"
    )
    assert unknown.cost_usd is None


def test_combinations_go_with_scores_lists_and_probabilities(tmp_path: Path) -> None:
    pair = {"response_a": "Yes, so.", "response_b": "No, so.", "gold": "a"}
    rows = [json.dumps({"id": str(n), "prompt": f"Ask {n}?", **pair}) for n in range(4)]
    (tmp_path / "items.jsonl").write_text("\n".join(rows))
    path = tmp_path / "suite.yaml"
    path.write_text(
        "suite: m\nitems: [{source: file, path: items.jsonl}]\nperturbations: [authority]\n"
        "protocols: [pointwise, listwise: {at_least: 2}, pairwise: {verdict: logprob}]\n"
        "mitigations: [none, self_consistency: {k: 3}, self_reflection, "
        "panel: {judges: ['sim/null?seed=1'], rule: mean}]\n"
    )
    run = judgebench.run(path, "sim/null", out=tmp_path / "out")
    judgments = run.judgments()
    assert run.complete
    scored = judgments[judgments["protocol"] == "pointwise"]
    assert scored[["score_a", "score_b"]].notna().any(axis=1).all()
    assert judgments[judgments["protocol"] == "pairwise"]["p_a"].notna().all()
