"""Logs that inspect_ai 0.3.285 and lm-evaluation-harness 0.4.13 wrote, on our own texts: `logs/make_*.py`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.run.imports import detect, importers

LOGS = Path(__file__).parent / "logs"
SAMPLES = LOGS / "samples_small_facts_2026-11-27T18-13-53.353248.jsonl"


@pytest.mark.parametrize(
    ("path", "form"), [(path, "inspect") for path in sorted(LOGS.glob("*.eval"))] + [(SAMPLES, "lm_eval")]
)
def test_what_the_tools_write_is_recognised(path: Path, form: str) -> None:
    assert detect(path) == form


def test_grades_of_inspect_with_epochs_a_rule_and_a_reply_without_a_grade() -> None:
    (found,) = importers.get("inspect").read(LOGS / "small_facts.eval")
    assert (found.suite, found.judge) == ("small_facts", "recorded/mockllm/model/model_graded_qa")
    assert (found.protocol, found.cluster) == ("pointwise", "source")
    assert [(v.item_id, v.verdict, v.gold, v.score_a) for v in found.verdicts] == [
        ("small_facts/q0/epoch-1", "a", "a", 1.0),
        ("small_facts/q0/epoch-2", "a", "a", 1.0),
        ("small_facts/q1/epoch-1", "b", "b", 0.0),
        ("small_facts/q1/epoch-2", "tie", "b", 0.5),
        ("small_facts/q2/epoch-1", "invalid", "a", None),
        ("small_facts/q2/epoch-2", "a", "a", 1.0),
    ]


def test_the_grader_of_inspect_is_named_by_its_role() -> None:
    (found,) = importers.get("inspect").read(LOGS / "small_roles.eval")
    assert found.judge == "recorded/mockllm/model/model_graded_fact"
    assert not any("which model graded" in what for what in found.unknown)
    # this scorer offers no partial credit, so that P is no grade
    assert [v.verdict for v in found.verdicts] == ["a", "invalid", "a"]


def test_choices_of_inspect_are_turned_by_the_order() -> None:
    (found,) = importers.get("inspect").read(LOGS / "small_pairs.eval")
    assert [(v.item_id, v.order, v.verdict, v.gold) for v in found.verdicts] == [
        ("hexagon-0", "ab", "a", "a"),
        ("hexagon-0", "ba", "b", "a"),
        ("hexagon-1", "ab", "b", "b"),
        ("hexagon-1", "ba", "invalid", "b"),
    ]
    assert [item.response_a for item in found.items] == ["six", "six"]


def test_samples_of_the_harness_with_a_graded_metric() -> None:
    (found,) = importers.get("lm_eval").read(SAMPLES)
    assert (found.suite, found.judge, found.protocol) == (SAMPLES.stem, "recorded/llm_judge", "pointwise")
    assert [(v.item_id, v.verdict, v.gold) for v in found.verdicts] == [
        ("doc-0/none", "a", "b"),
        ("doc-1/none", "a", "a"),
        ("doc-2/none", "b", "b"),
    ]


@pytest.mark.parametrize("place", range(40, 4000, 97))
def test_a_damaged_log_is_told_or_read_but_never_a_traceback(tmp_path: Path, place: int) -> None:
    content = bytearray((LOGS / "small_roles.eval").read_bytes())
    content[place] ^= 0xFF
    path = tmp_path / "x.eval"
    path.write_bytes(content)
    with suppress(InputError):
        importers.get("inspect").read(path)
