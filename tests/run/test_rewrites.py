"""Rewrites by a model: done before the judge is asked, checked by another, stored, never asked for twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from judgebench.audit import make_plan, run
from judgebench.errors import IncompleteRun, InputError
from judgebench.judges.base import Reply
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.rewrites import REWRITES, _judged
from judgebench.run.store import STORE, Store
from judgebench.suite import load_suite

MODELS = """
    import pathlib

    LOG = pathlib.Path(__file__).with_suffix(".log")
    REFUSING = pathlib.Path(__file__).with_suffix(".refuse")

    def note(what):
        with LOG.open("a") as log:
            log.write(what + "\\n")

    def write(chat):
        note("write")
        text = chat[-1]["content"].partition("<text>\\n")[2].rpartition("\\n</text>")[0]
        if REFUSING.exists() and "item-3" in text:
            raise RuntimeError("down")
        return "<think>Well.</think>So glad! " + text.replace("15", "fifteen")

    def check(chat):
        note("check")
        return "The second has no digits left. [[NO]]" if "fifteen" in chat[-1]["content"] else "Both say so. [[YES]]"
"""
SUITE = """
    suite: rewritten
    seed: 1
    judge: sim/null?sentiment=2
    items:
      - {source: file, path: items.jsonl}
    perturbations:
      - sentiment: {tone: cheerful, by: model, targets: both}
      - paraphrase
    rewrites: {judge: "python/rewriting_models:write", check: "python/rewriting_models:check"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a suite of ten items, two of which hold a number that the model loses."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "rewriting_models.py").write_text(dedent(MODELS))
    (tmp_path / "suite.yaml").write_text(dedent(SUITE))
    texts = [f"It is {15 if i < 2 else i + 20}, said of item-{i}." for i in range(10)]
    rows = [{"id": str(i), "prompt": "How many?", "response_a": t, "response_b": f"Not {t}", "gold": "a"}
            for i, t in enumerate(texts)]  # fmt: skip
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    yield tmp_path
    sys.modules.pop("rewriting_models", None)


def asked(folder: Path) -> list[str]:
    log = folder / "rewriting_models.log"
    return log.read_text().split() if log.exists() else []


def test_the_judge_is_shown_the_rewrites_and_each_is_asked_for_once(folder: Path) -> None:
    done = run("suite.yaml", out=folder / "run")
    # 20 responses made cheerful and 10 paraphrased; this model says the same to both, which is checked once
    assert (asked(folder).count("write"), asked(folder).count("check")) == (30, 20)
    rows = done.judgments().query("arm == 'treatment' and perturbation == 'sentiment@cheerful'")
    assert len(rows) == 40
    with Store(done.path / STORE, read_only=True) as store:
        prompts = [store.messages(key) for key in rows["request_key"]]
    assert all(prompt and "So glad! " in prompt[-1].content for prompt in prompts)
    assert not any(prompt and "Well." in prompt[-1].content for prompt in prompts)
    run("suite.yaml", out=folder / "run")
    assert len(asked(folder)) == 50


def test_the_manifest_says_who_rewrote_and_who_checked_and_how_many_failed(folder: Path) -> None:
    told = run("suite.yaml", out=folder / "run").manifest["rewrites"]
    assert told["judge"] == "python/rewriting_models:write"
    assert told["check"] == "python/rewriting_models:check"
    assert (told["texts"], told["failed"]) == (30, 6)


def test_what_failed_its_check_is_counted_and_the_effect_is_given_without_it(folder: Path) -> None:
    effects = run("suite.yaml", out=folder / "run").effects()
    sentiment = effects[effects["perturbation"] == "sentiment@cheerful"]
    rate = sentiment[sentiment["estimand"] == "failed_check_rate"].iloc[0]
    assert rate["estimate"] == pytest.approx(0.2)
    main = sentiment[
        (sentiment["estimand"] == "target_preference") & (sentiment["contrast"] == "treatment - control")
    ]
    assert {8, 10} <= set(main["n_items"])


def test_a_run_whose_rewrites_are_not_all_there_says_so_and_continues(folder: Path) -> None:
    refusing = folder / "rewriting_models.refuse"
    refusing.touch()
    with pytest.raises(IncompleteRun, match=r"3 of 30 requests to python/rewriting_models:write"):
        run("suite.yaml", out=folder / "run")
    assert json.loads((folder / "run" / "run.json").read_text())["state"] == "incomplete"
    before = len(asked(folder))
    refusing.unlink()
    assert run("suite.yaml", out=folder / "run").complete
    assert asked(folder)[before:].count("write") == 3
    assert (folder / "run" / REWRITES).is_file()


def test_the_plan_counts_the_rewrites_and_sends_none(folder: Path) -> None:
    planned = make_plan(load_suite("suite.yaml"), "sim/null")
    assert planned.rewrites == 60
    assert planned.requests == 10 * 2 * (2 + 2 + 1)
    assert asked(folder) == []


def test_the_judge_that_is_audited_may_not_check_what_it_is_shown(folder: Path) -> None:
    with pytest.raises(InputError, match="is the judge that is audited") as caught:
        run("suite.yaml", judge="python/rewriting_models:check", out=folder / "run")
    assert caught.value.line == 10
    assert not (folder / "run").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    rewrites: {", "    # {", "is a rewrite by a model, and the suite names none"),
        ("check: ", "chek: ", "unknown key 'chek'"),
        ("python/rewriting_models:write", "nobody/x", "unknown name 'nobody'"),
    ],
)
def test_a_suite_that_names_no_model_or_a_wrong_one_is_told(
    old: str, new: str, message: str, folder: Path
) -> None:
    (folder / "suite.yaml").write_text(dedent(SUITE.replace(old, new)))
    with pytest.raises(InputError, match=message):
        run("suite.yaml", out=folder / "run")


@pytest.mark.parametrize(
    ("text", "reply", "failures"),
    [
        ("new", Reply("Same. [[YES]]"), ()),
        ("new", Reply("[[YES]] at first sight, but [[NO]]"), ("the content was not kept, by the check",)),
        ("new", Reply("yes"), ("the check of the content gave no verdict",)),
        ("", Reply("[[YES]]"), ("there is no whole rewrite",)),
        ("new", None, ()),
    ],
)
def test_a_rewrite_passes_only_by_a_clear_yes(
    text: str, reply: Reply | None, failures: tuple[str, ...]
) -> None:
    made = _judged(RewriteJob("Say it again.", "old"), text, reply)
    assert made.failures == failures
    assert made.text == (text or "old")


def test_a_price_file_that_is_named_holds_for_the_models_that_rewrite_too(folder: Path) -> None:
    (folder / "p.yaml").write_text(
        "date: 2027-01-01\nprices: {python: {'*': {input: 100, output: 100}}, sim: {'*': {input: 0, output: 0}}}\n"
    )
    suite = load_suite(folder / "suite.yaml")
    assert make_plan(suite, "sim/null?sentiment=2").cost_usd is None
    plan = make_plan(suite, "sim/null?sentiment=2", prices=folder / "p.yaml")
    assert plan.cost_usd is not None
    assert plan.most_usd is not None
    assert 0 < plan.cost_usd < plan.most_usd
    assert plan.left_usd == plan.cost_usd


def test_rewrites_that_are_done_are_not_counted_among_what_is_left_to_pay(folder: Path) -> None:
    (folder / "p.yaml").write_text(
        "date: 2027-01-01\nprices: {python: {'*': {input: 100, output: 100}}, sim: {'*': {input: 0, output: 0}}}\n"
    )
    done = run("suite.yaml", out=folder / "run")
    plan = make_plan(
        load_suite(folder / "suite.yaml"), "sim/null?sentiment=2", prices=folder / "p.yaml", out=done.path
    )
    assert plan.cost_usd
    assert plan.left_usd == 0.0
