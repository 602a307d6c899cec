"""Loading a suite: defaults, order of items, and the hash that tells one suite from another."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from judgebench.perturb import perturbations
from judgebench.suite import Suite, load_suite

ROWS = [
    {
        "id": str(i),
        "prompt": f"p{i}",
        "response_a": "One.",
        "response_b": "Two.",
        "gold": "a" if i % 2 else "b",
    }
    for i in range(12)
]
SUITE = """\
suite: my-suite
description: one line
seed: 7
items:
  - {source: file, path: items.jsonl}
perturbations:
  - position
  - length: {dose: [1.5, 2.0]}
  - authority
"""


def load(
    folder: Path, text: str = SUITE, rows: list[dict[str, str]] = ROWS, items: str = "items.jsonl"
) -> Suite:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / items).write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    (folder / "suite.yaml").write_text(text, "utf-8")
    return load_suite(folder / "suite.yaml")


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    spec = load(tmp_path, "suite: s\nitems: [{source: bank}]\nperturbations: [position]\n").spec
    assert spec.protocols == [{"pairwise": {}}]
    assert spec.mitigations == [{"none": {}}]
    assert (spec.orders, spec.repeats, spec.seed, spec.judge) == ("both", 1, 0, None)
    assert spec.sampling.model_dump() == {"temperature": 0.0, "max_tokens": 512, "top_p": None, "seed": None}
    declared = {"margin": 0.05, "alpha": 0.05, "level": 0.95, "cluster": "item", "confirmatory": "all"}
    assert spec.analysis.model_dump() == declared


def test_a_name_and_a_name_with_empty_options_are_the_same(tmp_path: Path) -> None:
    hashes = {
        load(tmp_path, f"suite: s\nitems: [{{source: bank}}]\nperturbations:\n  - {entry}\n").hash
        for entry in ("length", "length:", "length: {}", "length: {dose: [1.5, 2]}", "length: {targets: one}")
    }
    assert len(hashes) == 1


def test_each_dose_is_a_variant_and_options_are_settled(tmp_path: Path) -> None:
    variants = load(tmp_path).variants
    assert [v.name for v in variants] == ["position", "length@1.5", "length@2", "authority"]
    assert [dict(v.options) for v in variants] == [
        {}, {"dose": 1.5}, {"dose": 2.0}, {"form": "any", "where": "after"},
    ]  # fmt: skip
    assert [v.placebo for v in variants] == [False, False, False, True]


def test_yes_and_no_stay_text(tmp_path: Path) -> None:
    suite = load(tmp_path, SUITE.replace("one line", "no").replace("my-suite", "yes"))
    assert (suite.spec.suite, suite.spec.description) == ("yes", "no")


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + SUITE).hash == load(tmp_path).hash


def test_aliases_stand_for_what_they_name(tmp_path: Path) -> None:
    text = SUITE.replace("position\n", "distraction: &o {targets: both}\n").replace(
        "authority", "authority: *o"
    )
    assert [v.targets for v in load(tmp_path, text).variants] == ["both", "one", "one", "both"]


def test_a_limit_draws_items_by_the_seed_and_keeps_their_order(tmp_path: Path) -> None:
    limited = SUITE.replace("jsonl}", "jsonl, limit: 5}")
    ids = [item.id for item in load(tmp_path, limited).items]
    assert len(ids) == 5
    assert ids == sorted(ids, key=int)
    assert ids == [item.id for item in load(tmp_path, limited).items]
    assert ids != [item.id for item in load_suite(tmp_path / "suite.yaml", seed=8).items]
    whole = load_suite(tmp_path / "suite.yaml", limit=3).items
    assert len(whole) == 3
    assert {item.id for item in whole} <= set(ids)


def test_items_of_several_sources_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SUITE.replace("jsonl}\n", "jsonl}\n  - {source: bank, categories: [code], limit: 2}\n")
    items = load(tmp_path, text).items
    assert [item.source for item in items] == ["items"] * 12 + ["bank"] * 2
    assert {item.category for item in items[12:]} == {"code"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed: 7", "seed: 8"),
        ("my-suite", "another"),
        ("[1.5, 2.0]", "[1.5, 2.1]"),
        ("[1.5, 2.0]", "[1.5]"),
        ("- authority", "- authority: {placebo: false}"),
        ("- authority", "- authority: {targets: both}"),
        ("- authority", "- distraction"),
        ("seed: 7", "seed: 7\norders: both\nrepeats: 2"),
        ("seed: 7", "seed: 7\nsampling: {temperature: 1.0}"),
        ("seed: 7", "seed: 7\nprotocols: [{pairwise: {tie: false}}]"),
        ("seed: 7", "seed: 7\nmitigations: [system_prompt]"),
        ("seed: 7", "seed: 7\nanalysis: {margin: 0.1}"),
        ("jsonl}", "jsonl, limit: 11}"),
    ],
)
def test_the_hash_changes_with_what_decides_the_trials(old: str, new: str, tmp_path: Path) -> None:
    assert load(tmp_path, SUITE.replace(old, new)).hash != load(tmp_path).hash


@pytest.mark.parametrize(
    "key", ["id", "prompt", "response_a", "response_b", "gold", "category", "reference", "author_a"]
)
def test_the_hash_changes_with_any_text_of_an_item(key: str, tmp_path: Path) -> None:
    changed = [*ROWS[:-1], {**ROWS[-1], key: "b" if key == "gold" else "changed"}]
    assert load(tmp_path, rows=changed).hash != load(tmp_path).hash


def test_the_hash_changes_with_what_is_confirmatory(tmp_path: Path) -> None:
    listed = load(tmp_path, f"{SUITE}analysis: {{confirmatory: [position]}}\n")
    assert listed.spec.analysis.confirmatory == ["position"]
    assert load(tmp_path).spec.analysis.confirmatory == "all"
    assert listed.hash != load(tmp_path).hash


def test_the_hash_changes_with_the_version_of_a_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load(tmp_path).hash
    monkeypatch.setattr(perturbations.get("authority"), "version", 99)
    assert load(tmp_path).hash != before


def test_the_hash_does_not_change_with_names_descriptions_judges_and_layout(tmp_path: Path) -> None:
    described = SUITE.replace("one line", "another line").replace(
        "seed: 7", "seed: 7\njudge: sim/mild\n# comment\n"
    )
    elsewhere = SUITE.replace("items.jsonl", "renamed.jsonl")
    spelt_out = SUITE + dedent("""\
        protocols: [pairwise]
        orders: both
        analysis: {margin: 5.0e-2}
    """)
    hashes = {
        load(tmp_path).hash,
        load(tmp_path / "moved" / "far").hash,
        load(tmp_path, described).hash,
        load(tmp_path, elsewhere, items="renamed.jsonl").hash,
        load(tmp_path, spelt_out).hash,
        load(tmp_path, rows=[{**row, "source": "named"} for row in ROWS]).hash,
    }
    assert len(hashes) == 1


def test_the_hash_changes_with_which_items_share_a_source(tmp_path: Path) -> None:
    split = [{**row, "source": "one" if i < 6 else "two"} for i, row in enumerate(ROWS)]
    assert load(tmp_path, rows=split).hash != load(tmp_path).hash
