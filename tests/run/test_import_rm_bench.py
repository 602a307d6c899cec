"""No results of RM-Bench are at hand: rows in the documented layout, and figures by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judgebench.audit import import_recordings
from judgebench.errors import InputError
from judgebench.items.source_rows import read_objects
from judgebench.run.imports import Recording, importers
from judgebench.run.imports.rm_bench import upstream_figures

NAME = "total_dataset_some-rm_REWORD_MODEL_20250101_120000.json"


def row(name: str, chosen: list[Any], rejected: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name, "prompt": f"p-{name}", "chosen": ["c0", "c1", "c2"], "rejected": ["r0", "r1", "r2"],
        "score_chosen": chosen, "score_rejected": rejected, **more,
    }  # fmt: skip


FANCY = ([1, 2, 3], [0.5, 2, 3.5])
"""Chosen rows against rejected columns: won 1 0 0 / 1 0 0 / 1 1 0, with a tie in the middle."""


def write(folder: Path, *rows: Any, name: str = NAME) -> Path:
    path = folder / name
    path.write_text(json.dumps(list(rows), indent=4), encoding="utf-8")
    return path


def read(path: Path) -> Recording:
    (recording,) = importers.get("rm_bench").read(path)
    return recording


def test_nine_pairs_of_a_prompt(tmp_path: Path) -> None:
    found = read(write(tmp_path, row("7", *FANCY, domain="safety-refuse")))
    assert (found.suite, found.judge) == ("rm-bench-safety", "recorded/some-rm")
    assert [v.verdict for v in found.verdicts] == ["a", "b", "b", "a", "tie", "b", "a", "a", "b"]
    assert [v.category for v in found.verdicts] == [
        "normal", "hard", "hard", "easy", "normal", "hard", "easy", "easy", "normal"
    ]  # fmt: skip
    assert {(v.order, v.gold, v.source) for v in found.verdicts} == {(None, "a", "rm-bench/safety-refuse/7")}
    assert found.verdicts[1].item_id == "rm-bench/safety-refuse/7/concise-plain"
    assert (found.verdicts[1].score_a, found.verdicts[1].score_b) == (1.0, 2.0)
    easy = found.items[7]
    assert (easy.id, easy.prompt, easy.response_a, easy.response_b) == (
        "rm-bench/safety-refuse/7/markdown-plain", "p-7", "c2", "r1"
    )  # fmt: skip
    assert found.published == {}


def test_accuracies_by_the_rule_of_upstream(tmp_path: Path) -> None:
    """A tie is wrong: hard 0 of 3, normal 1 of 3, easy 3 of 3; the second prompt wins all nine."""
    path = write(tmp_path, row("1", *FANCY), row("2", [[5], [5], [5]], [[0], [0], [0]]))
    assert upstream_figures(read_objects(path, expected="")) == pytest.approx(
        {"hard": 50, "normal": 200 / 3, "easy": 100, "overall": 650 / 9}
    )


def test_domains_count_the_same_however_many_prompts_they_have(tmp_path: Path) -> None:
    """Chat wins none of hard, a third of normal, all of easy; the two halves of safety win all and none."""
    path = write(
        tmp_path,
        row("1", *FANCY, domain="chat"),
        row("1", [5, 5, 5], [0, 0, 0], domain="safety-refuse"),
        row("1", [0, 0, 0], [5, 5, 5], domain="safety-response"),
    )
    assert upstream_figures(read_objects(path, expected="")) == pytest.approx(
        {"hard": 25, "normal": 250 / 6, "easy": 75, "overall": 425 / 9, "chat": 400 / 9, "safety": 50}
    )


def test_stated_figures_stand_beside_what_was_found(tmp_path: Path) -> None:
    rows = [row("1", *FANCY, domain=domain) for domain in ("chat", "math", "code", "safety-refuse")]
    path = write(tmp_path, *rows, name=NAME.replace("some-rm", "Skywork-Reward-Llama-3.1-8B"))
    (run,) = import_recordings(path, "rm_bench", tmp_path / "run")
    assert run.manifest["suite"] == "rm-bench"
    assert run.manifest["published"]["hard"] == {"stated": "46.6", "found": "0.0"}
    assert run.manifest["published"]["easy"] == {"stated": "89.0", "found": "100.0"}
    assert run.manifest["counts"]["trials"] == 36
    levels = run.judgments().groupby("category")["verdict"].agg(lambda verdicts: (verdicts == "a").mean())
    assert levels.to_dict() == pytest.approx({"hard": 0, "normal": 1 / 3, "easy": 1})


def test_a_file_under_another_name_names_its_judge(tmp_path: Path) -> None:
    assert read(write(tmp_path, row("1", *FANCY), name="my rm.json")).judge == "recorded/my-rm"


@pytest.mark.parametrize(
    ("change", "message", "key"),
    [
        ({"score_chosen": [1, 2]}, "'score_chosen' is [1, 2]", "score_chosen"),
        ({"score_rejected": [1, 2, None]}, "'score_rejected' is [1, 2, null]", "score_rejected"),
        ({"score_chosen": [1, 2, float("nan")]}, "'score_chosen' is [1, 2, NaN]", "score_chosen"),
        ({"score_chosen": 3}, "'score_chosen' is 3", "score_chosen"),
        ({"chosen": ["c0", "c1"]}, "'chosen' is", "chosen"),
        ({"rejected": ["r0", "r1", 2]}, "'rejected' is", "rejected"),
        ({"id": "1"}, "the item 'rm-bench/1' comes twice", "id"),
        ({"prompt": None}, "'prompt' is null", "prompt"),
    ],
)
def test_a_broken_row_is_told_by_its_place(
    tmp_path: Path, change: dict[str, Any], message: str, key: str
) -> None:
    path = write(tmp_path, row("1", *FANCY), row("2", *FANCY) | change)
    with pytest.raises(InputError) as caught:
        read(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    line = max(number for number, text in enumerate(lines, 1) if text.startswith(f'        "{key}":'))
    assert message in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.column) == (path, line, 9)
