"""Planted effects come back through rendered prompts and parsed replies: choices from lists, and scores."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import judgebench
from judgebench import Run

pytestmark = pytest.mark.slow

LETTERS = "abcd"


def write_lists(folder: Path, count: int) -> None:
    rows = [
        {"id": f"q{i}", "prompt": f"Question {i}?", "gold": LETTERS[i % 4]}
        | {f"response_{letter}": f"The option {letter} of {i} is a plain one." for letter in LETTERS}
        for i in range(count)
    ]
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))


def write_pairs(folder: Path, count: int) -> None:
    rows = [
        {"id": f"p{i}", "prompt": f"Ask {i}?", "response_a": f"One says {i}. It is so. " * 3,
         "response_b": f"Two says {i}. It is so. " * 3, "gold": "ab"[i % 2]}
        for i in range(count)
    ]  # fmt: skip
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))


def run(folder: Path, body: str, judge: str) -> Run:
    path = folder / "suite.yaml"
    path.write_text(f"suite: s\nseed: 5\nitems: [{{source: file, path: items.jsonl}}]\n{body}\n")
    return judgebench.run(path, judge, out=folder / "out")


def row(table: pd.DataFrame, **names: str) -> pd.Series:
    chosen = ~table["contrast"].str.contains("simultaneous")
    for name, value in ({"stratum": "all"} | names).items():
        chosen &= table[name] == value
    assert chosen.sum() == 1, table[chosen].to_string()
    return table[chosen].iloc[0]


def covers(effect: pd.Series, truth: float) -> bool:
    """Within a wide interval: this is one run, and a test must not fail by chance."""
    half = max(effect["conf_high"] - effect["estimate"], effect["estimate"] - effect["conf_low"])
    return bool(abs(effect["estimate"] - truth) <= 2 * half)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("lists")
    write_lists(folder, 60)
    body = (
        "protocols: [choice: {orders: latin}]\n"
        "perturbations: [position, authority: {targets: both}, bandwagon: {targets: both}]"
    )
    return run(folder, body, "sim/null?position=0.8&bandwagon=1.0&noise=1&spread=0&quality=1.5")


def test_the_conditional_logit_recovers_place_gold_and_cue(lists: Run) -> None:
    table = lists.effects()
    logit = table[table["estimand"] == "choice_logit"]
    for place in ("second", "third", "fourth"):
        assert covers(row(logit, contrast=f"{place} place against first"), -0.8)
    assert covers(row(logit, contrast="gold against the others"), 1.5)
    assert covers(row(logit, perturbation="bandwagon"), 1.0)
    assert covers(row(logit, perturbation="authority"), 0.0)
    assert (logit["conf_high"] - logit["conf_low"] < 1.2).all()


def test_position_bias_of_lists_is_first_chosen_minus_one_over_k(lists: Run) -> None:
    table, judgments = lists.effects(), lists.judgments()
    control = judgments[(judgments["arm"] == "control") & judgments["verdict"].isin(list(LETTERS))]
    first = (control["verdict"] == control["order"].str[0]).groupby(control["item_id"]).mean().mean()
    found = row(table, estimand="first_preference")
    assert found["estimate"] == pytest.approx(first - 0.25)
    assert found["conf_low"] > 0
    others = table[(table["estimand"] == "place_preference") & (table["stratum"] == "all")]
    assert len(others) == 3
    assert found["estimate"] + others["estimate"].sum() == pytest.approx(0, abs=1e-9)


def test_the_truth_of_lists_stands_beside_the_estimates(lists: Run) -> None:
    table, truth = lists.effects(), lists.truth()
    assert truth is not None
    for names in (
        {"estimand": "first_preference"},
        {"estimand": "target_preference", "perturbation": "bandwagon", "contrast": "treatment - control"},
        {"bias": "agreement", "estimand": "accuracy"},
        {"bias": "bandwagon", "estimand": "accuracy"},
        {"bias": "bandwagon", "estimand": "accuracy_change"},
    ):
        known = row(truth, **names)["truth"]
        assert not np.isnan(known)
        assert covers(row(table, **names), known)


def test_each_option_stands_in_each_place_as_often_in_a_latin_square(lists: Run) -> None:
    judgments = lists.judgments()
    orders = judgments[judgments["arm"] == "control"].groupby("item_id")["order"].unique()
    for found in orders:
        assert len(found) == 4
        assert all(len({order[place] for order in found}) == 4 for place in range(4))
    assert judgments[["p_a", "p_b", "p_tie"]].isna().all().all()


def test_the_verdict_of_a_list_is_a_letter_of_the_item(lists: Run) -> None:
    judgments = lists.judgments()
    assert set(judgments["verdict"]) <= {*LETTERS, "invalid", "refused"}
    treated = judgments[judgments["target"].notna() & judgments["verdict"].isin(list(LETTERS))]
    assert (treated["preferred_target"] == (treated["verdict"] == treated["target"])).all()
    control = judgments[judgments["arm"] == "control"]
    assert (control["verdict"] == control["gold"]).mean() > 0.4


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("scored")
    write_pairs(folder, 60)
    body = (
        "protocols: [pointwise: {scale: [1, 10]}]\n"
        "perturbations: [length: {dose: [2.0], targets: both}, authority: {targets: both}, bandwagon: {targets: both}]"
    )
    return run(folder, body, "sim/null?length=1.2&bandwagon=1.0&noise=0.6&spread=0.5")


def test_score_shifts_cover_what_was_planted(scored: Run) -> None:
    table, truth = scored.effects(), scored.truth()
    assert truth is not None
    # a cue in the response also lengthens it
    for name, least in (("length@2", 0.5), ("bandwagon", 0.5), ("authority", 0.2)):
        names = {"estimand": "score_shift", "perturbation": name, "contrast": "treatment - control"}
        found, known = row(table, **names), row(truth, **names)["truth"]
        assert found["unit"] == "scale points"
        assert covers(found, known)
        assert known > least
        assert found["margin"] == pytest.approx(0.05 * 9)
        assert found["decision"] == "biased"


def test_a_scored_trial_shows_one_response_and_a_change_asks_for_the_changed_one(
    scored: Run,
) -> None:
    judgments = scored.judgments()
    assert set(judgments["order"]) == {"a", "b"}
    assert (judgments["score_a"].notna() == (judgments["order"] == "a")).all()
    assert (judgments["score_b"].notna() == (judgments["order"] == "b")).all()
    treated = judgments[judgments["arm"] != "control"]
    assert (treated["target"] == treated["order"]).all()
    assert judgments["verdict"].isna().all()


def test_scores_imply_pairs_that_agree_with_gold_as_often_as_by_hand(scored: Run) -> None:
    judgments = scored.judgments()
    control = judgments[judgments["arm"] == "control"]
    wide = control.groupby(["item_id", "repeat"])[["score_a", "score_b"]].max()
    gold = control.groupby(["item_id", "repeat"])["gold"].first()
    lead = wide["score_a"] - wide["score_b"]
    agrees = ((lead > 0) & (gold == "a")) | ((lead < 0) & (gold == "b"))
    by_item = agrees.groupby("item_id").mean().mean()
    assert row(scored.effects(), estimand="accuracy")["estimate"] == pytest.approx(by_item)


def test_the_share_of_the_scales_end_is_the_share_of_scores_there(scored: Run) -> None:
    judgments = scored.judgments()
    control = judgments[judgments["arm"] == "control"]
    at_top = (control["score_a"].fillna(control["score_b"]) == 10).groupby(control["item_id"]).mean().mean()
    found = row(scored.effects(), estimand="share_at_high_end", contrast="control")
    assert found["estimate"] == pytest.approx(at_top)


@pytest.mark.parametrize(("sd", "low", "high"), [(0.0, 0.0, 0.12), (2.5, 0.12, 0.9)])
def test_the_share_of_the_wording_tells_a_judge_that_listens_to_it(
    sd: float, low: float, high: float, tmp_path: Path
) -> None:
    write_pairs(tmp_path, 60)
    body = "protocols: [pairwise: {paraphrases: all}]\nperturbations: [position]"
    table = run(tmp_path, body, f"sim/null?template={sd}&noise=0.3&spread=0.5").effects()
    share = row(table, bias="template", estimand="variance_share")
    assert share["protocol"] == "pairwise"
    assert low <= share["estimate"] <= high
    assert share["conf_low"] <= share["estimate"] <= share["conf_high"]
    excess = row(table, bias="template", estimand="excess_flip_rate")
    assert (excess["conf_low"] > 0) == (sd > 0)


def test_a_judge_that_follows_the_criterion_reverses_its_verdict(tmp_path: Path) -> None:
    rows = [
        {"id": f"p{i}", "prompt": "?", "response_a": "short one", "response_b": "a much longer one than that"}
        for i in range(20)
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    body = "protocols: [criterion]\nperturbations: [position]"
    result = run(tmp_path, body, "sim/null?quality=8&spread=0&noise=0.1")
    found = row(result.effects(), bias="context_following")
    assert found["estimate"] > 0.95
    assert set(result.judgments().groupby("protocol")["gold"].first()) == {"a", "b"}


def test_criteria_rated_together_share_their_requests_and_lie_closer_with_a_halo(tmp_path: Path) -> None:
    write_pairs(tmp_path, 40)
    body = "protocols: [rubric: {asked: [apart, together]}]\nperturbations: [position]"
    judgments = run(tmp_path, body, "sim/null?halo=1&spread=3&noise=0.2").judgments()
    judgments["score"] = judgments["score_a"].fillna(judgments["score_b"])
    spread = judgments.groupby([judgments["protocol"].str.partition("/")[0], "item_id", "order"])[
        "score"
    ].std()
    assert spread["rubric@together"].mean() < 0.5 * spread["rubric@apart"].mean()
    together = judgments[judgments["protocol"].str.startswith("rubric@together")]
    assert together.groupby("request_key").size().eq(5).all()
    assert (together.groupby("request_key")["prompt_tokens"].apply(lambda t: (t > 0).sum()) == 1).all()


def test_more_effort_is_an_arm_and_less_noise(tmp_path: Path) -> None:
    write_pairs(tmp_path, 40)
    body = "sampling: {reasoning_effort: [low, high]}\nperturbations: [position]"
    result = run(tmp_path, body, "sim/null?noise=1.5&spread=0")
    table = result.effects()
    assert set(result.judgments()["protocol"]) == {"pairwise@effort-low", "pairwise@effort-high"}
    noise = {
        effort: row(
            table, bias="repeat_stability", estimand="flip_rate", protocol=f"pairwise@effort-{effort}"
        )
        for effort in ("low", "high")
    }
    assert noise["low"]["estimate"] > noise["high"]["estimate"]


def test_a_users_own_judge_runs_in_the_same_suite(tmp_path: Path) -> None:
    write_pairs(tmp_path, 20)
    (tmp_path / "mine.yaml").write_text(
        'kind: pairwise\nprompt: |\n  Ask: {q}\n  ONE\n  {x}\n  TWO\n  {y}\n  Say "Best: 1" or "Best: 2".\n'
        'placeholders: {prompt: "{q}", first: "{x}", second: "{y}"}\n'
        'reply: {pattern: "Best: ([12])", means: {"1": first, "2": second}}\n'
    )
    (tmp_path / "grade.yaml").write_text(
        'kind: pointwise\nprompt: |\n  {q}\n  ---\n  {x}\n  ---\nplaceholders: {prompt: "{q}", response: "{x}"}\n'
        "reply: {field: score, scale: [0, 5]}\n"
    )
    body = "protocols: [file: mine.yaml, file: grade.yaml]\nperturbations: [position, authority]"
    result = run(tmp_path, body, "sim/null?authority=2&position=1")
    judgments = result.judgments()
    assert set(judgments["protocol"]) == {"mine", "grade"}
    mine = judgments[judgments["protocol"] == "mine"]
    assert set(mine["verdict"]) <= {"a", "b"}
    assert row(result.effects(), protocol="mine", estimand="first_preference")["estimate"] > 0.05
    grades = judgments[judgments["protocol"] == "grade"]
    assert grades["score_a"].fillna(grades["score_b"]).between(0, 5).all()


def test_joint_preference_sets_responses_to_different_prompts_side_by_side(tmp_path: Path) -> None:
    write_pairs(tmp_path, 20)
    result = run(
        tmp_path, "protocols: [joint]\nperturbations: [position]", "sim/null?quality=6&noise=0.2&spread=0"
    )
    assert row(result.effects(), estimand="accuracy")["estimate"] > 0.9
    messages = result.judgments()["request_key"].nunique()
    assert messages == 20 * 2 * 2
