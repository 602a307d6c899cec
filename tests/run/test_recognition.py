"""The judge is asked which of two responses it wrote: its own pairs alone, in both orders, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from judgebench.audit import Run, make_plan, run
from judgebench.errors import InputError
from judgebench.run.recognition import RECOGNITION, RECOGNITION_TABLE
from judgebench.run.store import Store
from judgebench.suite import load_suite

SUITE = """
    suite: own
    judge: "sim/null?hand=1&recognition=50&refusal=0.1"
    items: [{source: bank, limit: 4}]
    perturbations: [position, {authority: {placebo: false}}]
    self_preference:
      recognition: true
      authors:
        - {judge: self, name: mine}
        - {judge: "sim/null?hand=2", name: two, relation: none}
        - {judge: "sim/null?hand=3", name: three, relation: none}
        - {judge: "sim/null?hand=4", name: cousin, relation: family}
"""


def written(folder: Path, text: str = SUITE) -> Path:
    path = folder / "suite.yaml"
    path.write_text(dedent(text))
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("recognition")
    return run(written(folder), out=folder / "run")


def test_it_is_asked_about_pairs_of_its_own_and_a_strangers_response_in_both_orders(done: Run) -> None:
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    pairs = pd.read_parquet(done.path / "authored.parquet").set_index("item_id")
    assert said.groupby("item_id")["order"].agg(sorted).tolist() == [["ab", "ba"]] * 8
    authors = {frozenset(pairs.loc[name, ["author_a", "author_b"]]) for name in said["item_id"]}
    assert authors == {frozenset({"mine", "two"}), frozenset({"mine", "three"})}
    assert set(said["protocol"]) == {"self_recognition"}


def test_gold_is_the_response_that_it_wrote_and_one_that_knows_its_hand_always_names_it(done: Run) -> None:
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    pairs = pd.read_parquet(done.path / "authored.parquet").set_index("item_id")
    own = pairs.loc[said["item_id"], "author_a"].map(lambda name: "a" if name == "mine" else "b")
    assert said["gold"].tolist() == own.tolist()
    answered = said[said["verdict"].isin(["a", "b"])]
    assert (answered["verdict"] == answered["gold"]).all()


def test_the_prompt_asks_which_it_wrote_and_shows_no_tie(done: Run) -> None:
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    with Store(done.path / RECOGNITION, read_only=True) as store:
        chat = store.messages(said["request_key"].iloc[0])
    assert chat is not None
    assert "Which response did you write?" in chat[-1].content
    assert "[[B]]" in chat[-1].content
    assert "[[C]]" not in chat[-1].content


def test_a_refusal_is_missing_and_no_verdict(done: Run) -> None:
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    refused = int((said["verdict"] == "refused").sum())
    assert done.manifest["self_preference"]["recognition"]["no_verdict"] == refused > 0
    rows = done.effects().query(
        "estimand == 'recognition_accuracy' and perturbation == 'all' and stratum == 'all'"
    )
    halves = said.assign(gone=said["verdict"] == "refused").groupby("item_id")["gone"].any().sum()
    assert rows["n_missing"].tolist() == [halves]


def test_the_same_command_asks_nothing_again(done: Run) -> None:
    run(done.path.parent / "suite.yaml", out=done.path)
    with closing(sqlite3.connect(done.path / RECOGNITION)) as store:
        assert store.execute("SELECT count(*) FROM attempts").fetchone() == (16,)


def test_the_plan_counts_the_questions(tmp_path: Path) -> None:
    planned = make_plan(load_suite(written(tmp_path)), "sim/null?hand=1")
    assert planned.prepared == 4 * 4 + 16


def test_the_words_may_be_the_users_and_the_reply_one_that_is_held_to_the_labels(tmp_path: Path) -> None:
    from judgebench.protocols.template import template_text

    words = template_text("self_recognition").replace("Which response did you write?", "Which one is by you?")
    (tmp_path / "mine.yaml").write_text(words)
    text = SUITE.replace("recognition: true", "recognition: {verdict: constrained, template: mine.yaml}")
    done = run(written(tmp_path, text.replace("limit: 4", "limit: 1")), out=tmp_path / "run")
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    with Store(done.path / RECOGNITION, read_only=True) as store:
        chats = [store.messages(key) for key in said["request_key"]]
    assert all(chat and "Which one is by you?" in chat[-1].content for chat in chats)
    assert (said["verdict"] == said["gold"]).all()


@pytest.mark.parametrize("asked", ["paraphrase: terse", "paraphrase: role", "verdict: logprob"])
def test_a_simulated_judge_knows_the_question_in_every_wording_and_form(tmp_path: Path, asked: str) -> None:
    text = SUITE.replace("recognition: true", f"recognition: {{{asked}}}").replace("limit: 4", "limit: 1")
    done = run(written(tmp_path, text.replace("&refusal=0.1", "")), out=tmp_path / "run")
    said = pd.read_parquet(done.path / RECOGNITION_TABLE)
    assert (said["verdict"] == said["gold"]).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("recognition: true", "recognition: {paraphrase: rolle}", "unknown paraphrase 'rolle'"),
        (
            "recognition: true",
            "recognition: {verdict: constrained, reasoning: before}",
            "does not take these",
        ),
        ("recognition: true", "recognition: {template: nowhere.yaml}", "no such file"),
        ("recognition: true", "recognition: {verdit: text}", "unknown key 'verdit'"),
        ("recognition: true", "recognition: 3", "'recognition' is the number '3'"),
        ("{judge: self, name: mine}", "{judge: self, name: mine, relation: none}", "no pair has a response"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as found:
        run(written(tmp_path, SUITE.replace(old, new)), out=tmp_path / "run")
    assert found.value.line is not None
