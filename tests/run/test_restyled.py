"""Pairs of authors in one style: both responses rewritten by a third model, and nobody else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from judgebench.audit import Run, audit_of, make_plan, run
from judgebench.errors import IncompleteRun, InputError
from judgebench.report.checks import warnings_of
from judgebench.run.rewrites import REWRITES
from judgebench.run.session import SessionOptions
from judgebench.run.store import STORE, Store
from judgebench.suite import load_suite
from judgebench.suite.trials import count_trials, trials

SUITE = """
    suite: own
    judge: "sim/null?hand=1"
    items: [{source: bank, limit: 4}]
    perturbations: [position]
    rewrites: {judge: "sim/null?seed=3", family: nine, check: "sim/null?seed=4"}
    self_preference:
      family: one
      equalised: plain
      authors:
        - {judge: self, name: mine}
        - {judge: "sim/null?hand=2", name: two, family: two}
        - {judge: "sim/null?hand=3", name: three, family: three}
"""


def written(folder: Path, text: str = SUITE) -> Path:
    path = folder / "suite.yaml"
    path.write_text(dedent(text))
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("restyled")
    return run(written(folder), out=folder / "run")


def prompts(done: Run, arm: str) -> list[str]:
    rows = done.judgments().query("arm == @arm")
    with Store(done.path / STORE, read_only=True) as store:
        return [chat[-1].content for key in rows["request_key"] if (chat := store.messages(key))]


def test_both_responses_are_shown_without_their_hands_and_with_their_merits(done: Run) -> None:
    shown, plain = prompts(done, "treatment"), prompts(done, "control")
    assert len(shown) == 4 * 3 * 2
    assert all(prompt.count("merit") == 2 and "(hand" not in prompt for prompt in shown)
    assert all(prompt.count("(hand") == 2 for prompt in plain)


def test_each_response_is_rewritten_and_checked_once_whatever_pairs_it_is_in(done: Run) -> None:
    told = done.manifest["rewrites"]
    assert (told["texts"], told["failed"], told["related"]) == (12, 0, [])
    with closing(sqlite3.connect(done.path / REWRITES)) as store:
        assert store.execute("SELECT count(*) FROM attempts").fetchone() == (24,)


def test_the_same_command_asks_for_no_rewrite_again(done: Run) -> None:
    run(done.path.parent / "suite.yaml", out=done.path)
    with closing(sqlite3.connect(done.path / REWRITES)) as store:
        assert store.execute("SELECT count(*) FROM attempts").fetchone() == (24,)


def test_the_estimates_in_one_style_stand_beside_the_plain_ones_with_what_the_style_carried(
    done: Run,
) -> None:
    table = done.effects().query("perturbation == 'all' and stratum == 'all'")
    plain, equal = (
        set(table[table["bias"] == bias]["estimand"])
        for bias in ("self_preference", "self_preference_equalised")
    )
    assert {"raw", "order_consistency"} <= plain & equal
    assert plain - equal == {"carried_by_style"}
    found = table.set_index(["bias", "estimand"])["estimate"]
    carried = found["self_preference", "raw"] - found["self_preference_equalised", "raw"]
    assert found["self_preference", "carried_by_style"] == pytest.approx(carried)


def test_where_no_response_is_the_target_no_effect_on_a_target_is_told(done: Run) -> None:
    table = done.effects()
    rows = table[table["bias"] == "style_equalised"]
    assert set(rows["estimand"]) == {"flip_rate", "excess_flip_rate"}
    assert rows["decision"].isna().all()


def test_plan_and_count_know_the_pairs_in_one_style(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path))
    assert count_trials(suite) == len(list(trials(suite))) == 12 * 2 * 3
    assert make_plan(suite, "sim/null?hand=1").rewrites == 24


@pytest.mark.parametrize(
    ("family", "whose"),
    [("one", "the judge that is audited"), ("two", "the author 'two'"), ("Three", "the author 'three'")],
)
def test_a_relative_of_the_judge_or_of_an_author_may_not_rewrite_unless_the_suite_allows_it(
    tmp_path: Path, family: str, whose: str
) -> None:
    text = SUITE.replace("family: nine", f"family: {family}")
    with pytest.raises(InputError, match=f"is of the family of {whose}") as found:
        run(written(tmp_path, text), out=tmp_path / "run")
    assert found.value.line is not None
    assert not (tmp_path / "run").exists()


def test_a_relative_of_an_author_that_a_file_names_may_not_rewrite_either(tmp_path: Path) -> None:
    row = {"id": "1", "prompt": "Why?", "response_a": "So.", "response_b": "Or so.", "author_a": "mild",
           "author_b": "null-2"}  # fmt: skip
    (tmp_path / "items.jsonl").write_text(json.dumps(row))
    text = """
        suite: given
        items: [{source: file, path: items.jsonl}]
        perturbations: [position]
        rewrites: {judge: sim/null}
        self_preference: {equalised: plain, authors: [{name: null-2, family: "null"}]}
    """
    with pytest.raises(InputError, match="is of the family of the author 'null-2'"):
        run(written(tmp_path, text), "sim/mild", out=tmp_path / "run")


def test_a_relative_that_is_allowed_is_told_in_the_manifest_and_in_every_report(tmp_path: Path) -> None:
    text = SUITE.replace("family: nine", "family: two, allow_family: true").replace("limit: 4", "limit: 1")
    done = run(written(tmp_path, text), out=tmp_path / "run")
    assert done.manifest["rewrites"]["related"] == ["the author 'two'"]
    assert any("is of the family of the author 'two'" in line for line in warnings_of(audit_of(done)))


def test_one_style_needs_a_model_that_rewrites(tmp_path: Path) -> None:
    text = "\n".join(line for line in SUITE.splitlines() if "rewrites" not in line)
    with pytest.raises(InputError, match="the suite names none") as found:
        load_suite(written(tmp_path, text))
    assert found.value.line is not None


def test_pairs_whose_authors_are_not_known_stay_as_they_are(tmp_path: Path) -> None:
    pair = {"prompt": "Why?", "response_a": "So.", "response_b": "Or so."}
    rows = [{"id": "1", **pair, "author_a": "null", "author_b": "x"}, {"id": "2", **pair}]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = """
        suite: given
        items: [{source: file, path: items.jsonl}]
        perturbations: [position]
        rewrites: {judge: sim/null, family: nine}
        self_preference: {equalised: formal}
    """
    shown = [t.item.id for t in trials(load_suite(written(tmp_path, text))) if t.arm == "treatment"]
    assert shown == ["1", "1"]


def test_a_suite_that_does_not_ask_for_it_keeps_its_hash_whatever_the_keys_that_came_later(
    tmp_path: Path,
) -> None:
    spec = load_suite(written(tmp_path)).spec
    plain = SUITE.replace("      equalised: plain\n", "").replace("family: nine, ", "")
    older = load_suite(written(tmp_path, plain)).spec
    assert spec.self_preference is not None
    assert older.self_preference is not None
    assert older.rewrites is not None
    assert "equalised" in spec.self_preference.model_dump()
    assert "equalised" not in older.self_preference.model_dump()
    assert not {"family", "allow_family"} & set(older.rewrites.model_dump())


def test_a_budget_counts_what_was_written_before_it_lets_anything_be_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("date: 2026-11-01\nprices: {sim: {'null': {input: 100, output: 0}}}\n")
    monkeypatch.setenv("JUDGEBENCH_PRICES", str(prices))
    path = written(tmp_path)
    manifest = run(path, out=tmp_path / "free").manifest
    writing, rewriting = manifest["self_preference"]["writing"]["cost_usd"], manifest["rewrites"]["cost_usd"]
    assert min(writing, rewriting) > 0
    with pytest.raises(IncompleteRun, match="which rewrites or checks texts"):
        run(path, out=tmp_path / "tight", options=SessionOptions(budget_usd=rewriting + 0.8 * writing))
