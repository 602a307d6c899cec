"""Responses are written and gold is found before the judge is asked; nothing is asked twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from judgebench.audit import make_plan, run
from judgebench.errors import IncompleteRun, InputError
from judgebench.run.authorship import AUTHORS
from judgebench.run.pairs import AUTHORED
from judgebench.run.panel import PANEL, PANEL_TABLE, majority
from judgebench.run.store import STORE, Store
from judgebench.suite import load_suite

MODELS = """
    import pathlib

    LOG = pathlib.Path(__file__).with_suffix(".log")
    DOWN = pathlib.Path(__file__).with_suffix(".down")

    def answer(who, chat):
        with LOG.open("a") as log:
            log.write(who + "\\n")
        prompt = chat[-1]["content"]
        if "[Response A]" in prompt:
            return "[[A]]" if "by long" in prompt.partition("[Response B]")[0] else "[[B]]"
        if DOWN.exists() and prompt.endswith("3?"):
            raise RuntimeError("down")
        return f"<think>Hm.</think>An answer to {prompt} by {who}."

    def long(chat): return answer("long", chat)
    def short(chat): return answer("short", chat)
    def other(chat): return answer("other", chat)
    def member(chat): return answer("member", chat)
    def second(chat): return answer("second", chat)
"""
SUITE = """
    suite: own
    seed: 1
    judge: python/writing_models:long
    items: [{source: prompts, path: prompts.jsonl}]
    perturbations: [position]
    self_preference:
      authors:
        - {judge: self, name: mine}
        - {judge: "python/writing_models:short", name: short, version: "2", max_tokens: 64}
        - {judge: "python/writing_models:other", name: other}
      panel: ["python/writing_models:member", "python/writing_models:second"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "writing_models.py").write_text(dedent(MODELS))
    (tmp_path / "suite.yaml").write_text(dedent(SUITE))
    rows = [
        {"id": f"q{i}", "prompt": f"What of {i}?", "category": "odd" if i % 2 else "even"} for i in range(5)
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    yield tmp_path
    sys.modules.pop("writing_models", None)


def asked(folder: Path) -> list[str]:
    log = folder / "writing_models.log"
    return log.read_text().split() if log.exists() else []


def test_the_judge_is_shown_what_the_authors_wrote_each_of_them_once_a_prompt(folder: Path) -> None:
    done = run("suite.yaml", out=folder / "run")
    log = asked(folder)
    # five responses each; the members see 15 pairs in two orders, the judge sees them twice
    assert log.count("short") == log.count("other") == 5
    assert log.count("member") == log.count("second") == 30
    assert log.count("long") == 5 + 60
    with Store(done.path / STORE, read_only=True) as store:
        prompts = [store.messages(key) for key in done.judgments()["request_key"]]
    texts = [prompt[-1].content for prompt in prompts if prompt]
    assert all(text.count("An answer to What of") == 2 and "Hm." not in text for text in texts)
    assert not any("(a response by" in text for text in texts)


def test_pairs_name_their_authors_and_what_these_are_to_the_judge(folder: Path) -> None:
    done = run("suite.yaml", out=folder / "run")
    pairs = pd.read_parquet(done.path / AUTHORED)
    assert len(pairs) == 15
    assert set(pairs["prompt_id"]) == {f"q{i}" for i in range(5)}
    own = pairs[(pairs["relation_a"] == "self") | (pairs["relation_b"] == "self")]
    assert len(own) == 10
    assert {*own["author_a"], *own["author_b"]} == {"mine", "short", "other"}
    authors = {author["name"]: author for author in done.manifest["self_preference"]["authors"]}
    assert authors["short"]["version"] == "2"
    assert authors["mine"]["judge"] == "python/writing_models:long"
    assert {name: author["relation"] for name, author in authors.items()} == {
        "mine": "self", "short": "none", "other": "none",
    }  # fmt: skip


def test_gold_is_the_majority_of_the_panel_in_both_orders(folder: Path) -> None:
    done = run("suite.yaml", out=folder / "run")
    members = pd.read_parquet(done.path / PANEL_TABLE)
    assert set(members["order"]) == {"ab", "ba"}
    assert set(members["judge"]) == {"python/writing_models:member", "python/writing_models:second"}
    # the members always pick the response by long, and where there is none the second that is shown, a split
    pairs = pd.read_parquet(done.path / AUTHORED).set_index("item_id")
    for item, row in pairs.iterrows():
        wanted = 1.0 if row["author_a"] == "mine" else 0.0 if row["author_b"] == "mine" else 0.5
        assert row["gold_a"] == wanted, item
    gold = done.judgments().drop_duplicates("item_id").set_index("item_id")["gold"]
    assert (gold == pairs["gold_a"].map({1.0: "a", 0.0: "b", 0.5: "tie"}).reindex(gold.index)).all()


def test_a_run_is_continued_without_asking_anybody_again(folder: Path) -> None:
    run("suite.yaml", out=folder / "run")
    before = asked(folder)
    assert run("suite.yaml", out=folder / "run").complete
    assert asked(folder) == before
    assert (folder / "run" / AUTHORS).is_file()
    assert (folder / "run" / PANEL).is_file()


def test_a_run_whose_responses_are_not_all_there_says_so_and_asks_for_those_alone(folder: Path) -> None:
    down = folder / "writing_models.down"
    down.touch()
    with pytest.raises(
        IncompleteRun, match=r"1 of 5 requests to python/writing_models:long, which writes responses"
    ):
        run("suite.yaml", out=folder / "run")
    before = len(asked(folder))
    down.unlink()
    assert run("suite.yaml", out=folder / "run").complete
    after = asked(folder)[before:]
    assert (after.count("short"), after.count("other"), after.count("long")) == (5, 5, 61)


def test_the_plan_counts_what_authors_and_panel_are_asked(folder: Path) -> None:
    planned = make_plan(load_suite("suite.yaml"), "python/writing_models:long")
    assert planned.prepared == 15 + 60
    assert asked(folder) == []


def test_a_member_of_the_judges_family_is_refused_with_its_place_unless_the_suite_allows_it(
    folder: Path,
) -> None:
    path = folder / "suite.yaml"
    text = path.read_text().replace('"python/writing_models:second"', "sim/null")
    path.write_text(text.replace("python/writing_models:long", "sim/mild") + "  family: 'null'\n")
    with pytest.raises(InputError, match=r"is of the family of the judge that is audited \(null\)") as found:
        run("suite.yaml", out=folder / "run")
    assert found.value.line is not None
    assert not (folder / "run").exists()
    path.write_text(path.read_text() + "  allow_family: true\n")
    done = run("suite.yaml", out=folder / "run")
    assert done.manifest["self_preference"]["panel"]["related"] == ["sim/null"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("name: other", "name: short", "the author 'short' comes twice"),
        ('judge: "python/writing_models:other", ', "", "some authors are to write and others are not"),
        ("max_tokens: 64", "max_token: 64", "unknown key 'max_token'"),
    ],
)
def test_what_is_wrong_with_authors_is_told_with_its_line(
    folder: Path, before: str, after: str, message: str
) -> None:
    path = folder / "suite.yaml"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(InputError, match=message) as found:
        load_suite(path)
    assert found.value.line is not None


def test_responses_of_a_file_make_a_pair_for_every_two_authors(folder: Path) -> None:
    rows = [{"prompt_id": f"q{i}", "prompt": f"What of {i}?", "author": name, "response": f"{i} by {name}"}
            for i in range(4) for name in ("null", "gpt-4o", "llama-3")]  # fmt: skip
    (folder / "responses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "given.yaml").write_text(
        "suite: given\njudge: sim/null\nitems: [{source: responses, path: responses.jsonl}]\n"
        "perturbations: [position]\n"
        "self_preference: {authors: [{name: llama-3, relation: teacher}], panel: [python/writing_models:member]}\n"
    )
    pairs = pd.read_parquet(run("given.yaml", out=folder / "given").path / AUTHORED)
    assert len(pairs) == 12
    found = dict(zip(pairs["author_a"], pairs["relation_a"], strict=True))
    assert found == {"null": "self", "gpt-4o": "none", "llama-3": "teacher"}


def test_a_reference_answer_decides_where_the_suite_says_how(folder: Path) -> None:
    rows = [{"prompt_id": "q", "prompt": "6 x 7?", "author": name, "response": said, "reference": "42"}
            for name, said in (("null", "It is 42."), ("x", "It is 41."), ("y", "6 x 7 = 42"))]  # fmt: skip
    (folder / "responses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "checked.yaml").write_text(
        "suite: checked\njudge: sim/null\nitems: [{source: responses, path: responses.jsonl}]\n"
        "perturbations: [position]\nself_preference: {check: number}\n"
    )
    pairs = pd.read_parquet(run("checked.yaml", out=folder / "checked").path / AUTHORED)
    by_authors = {frozenset((row.author_a, row.author_b)): row for row in pairs.itertuples()}
    assert by_authors[frozenset({"null", "y"})].gold_a == 0.5
    row = by_authors[frozenset({"null", "x"})]
    assert row.gold_a == (1.0 if row.author_a == "null" else 0.0)


def test_a_majority_needs_more_than_half_of_the_votes() -> None:
    assert majority({"x": 1.0, "y": 0.5}) == 1.0
    assert majority({"x": 1.0, "y": 0.0}) == 0.5
    assert majority({"x": 0.5, "y": 0.0, "z": 0.0}) == 0.0
    assert majority({}) is None
