"""The public sets that lie here load with the counts and the gold that their publishers state."""

from collections import Counter
from pathlib import Path

import pytest

from judgebench.items import Item, sources
from judgebench.run.imports import importers

CLAUDE = (
    "dataset=judgebench,response_model=claude-3-5-sonnet-20240620,"
    "judge_name=arena_hard,judge_model=claude-3-haiku-20240307.jsonl"
)


def load(name: str, path: Path, **options) -> list[Item]:
    return sources.get(name)(path=path, **options).load()  # type: ignore[call-arg]  # every public source has a path


def by_category(items: list[Item]) -> dict[str | None, int]:
    return dict(Counter(item.category for item in items))


def gold_longer(items: list[Item]) -> float:
    """The share of decided pairs whose better response is the longer one; equal lengths count as half."""
    decided = [item for item in items if item.gold in {"a", "b"}]
    signs = [
        (len(item.response_a) - len(item.response_b)) * (1 if item.gold == "a" else -1) for item in decided
    ]
    return sum((sign > 0) + (sign == 0) / 2 for sign in signs) / len(decided)


def test_llmbar_has_its_five_subsets(data: Path) -> None:
    items = load("llmbar", data / "llmbar")
    assert by_category(items) == {"natural": 100, "neighbor": 134, "gptinst": 92, "gptout": 47, "manual": 46}
    assert {item.gold for item in items} == {"a", "b"}
    natural = [item for item in items if item.category == "natural"]
    assert gold_longer(natural) == pytest.approx(0.565)
    assert gold_longer(items) == pytest.approx(0.27, abs=0.01)  # the adversarial pairs tempt by length


def test_a_subset_of_llmbar_loads_by_its_name_its_folder_or_its_file(data: Path) -> None:
    folder = data / "llmbar" / "Dataset" / "LLMBar"
    manual = load("llmbar", folder, subsets=("manual",))
    assert len(manual) == 46
    assert load("llmbar", folder / "Adversarial" / "Manual") == manual
    assert load("llmbar", folder / "Adversarial" / "Manual" / "dataset.json") == manual


def test_evalbiasbench_has_its_six_biases_and_gold_on_either_side(data: Path) -> None:
    items = load("evalbiasbench", data / "evalbiasbench")
    assert by_category(items) == {
        "length": 17,
        "concreteness": 14,
        "empty_reference": 13,
        "continuation": 12,
        "nested_instruction": 12,
        "familiar_knowledge": 12,
    }
    assert Counter(item.gold for item in items) == {"a": 40, "b": 40}
    assert gold_longer(items) == pytest.approx(0.26, abs=0.01)


def test_evalbiasbench_as_upstream_has_the_better_response_first(data: Path) -> None:
    upstream = load("evalbiasbench", data / "evalbiasbench" / "biasbench.json", sides="upstream")
    turned = load("evalbiasbench", data / "evalbiasbench" / "biasbench.json")
    assert {item.gold for item in upstream} == {"a"}
    assert [item.response_a for item in upstream] == [item.response(item.gold) for item in turned]


def test_pandalm_has_the_majority_of_three_people_as_gold(data: Path) -> None:
    items = load("pandalm", data / "pandalm")
    assert len(items) == 999
    assert Counter(item.gold for item in items) == {"b": 472, "a": 422, "tie": 105}
    assert gold_longer(items) == pytest.approx(0.67, abs=0.01)
    votes = [dict(item.gold_votes or ()) for item in items]
    assert {sum(own.values()) for own in votes} == {3}
    assert all(item.gold == max(own, key=own.__getitem__) for item, own in zip(items, votes, strict=True))
    assert {item.author_a for item in items} <= {
        "llama-7b",
        "bloom-7b",
        "opt-7b",
        "pythia-6.9b",
        "cerebras-gpt-6.7B",
    }


def test_judgebench_has_both_models_pairs(data: Path) -> None:
    items = load("judgebench", data / "judgebench")
    assert Counter(item.author_a for item in items) == {
        "gpt-4o-2024-05-13": 350,
        "claude-3-5-sonnet-20240620": 270,
    }
    assert Counter(item.gold for item in items) == {"a": 193 + 143, "b": 157 + 127}
    assert gold_longer(items) == pytest.approx(0.45, abs=0.01)
    claude = load("judgebench", data / "judgebench", response_model="claude-3-5-sonnet-20240620")
    assert len(claude) == 270


def test_humans_llms_has_gold_where_the_change_makes_an_answer_worse(data: Path) -> None:
    items = load("humans_llms", data / "humans_llms")
    names = ("raw", "factual_error", "gender", "reference", "rich_content")
    assert by_category(items) == dict.fromkeys(names, 142)
    assert {item.category for item in items if item.gold} == {"factual_error", "gender"}
    assert abs(sum(i.gold == "a" for i in items) - sum(i.gold == "b" for i in items)) <= 1
    for item in items:
        changed = [str(author).endswith(f"+{item.category}") for author in item.authors]
        assert sum(changed) == (item.category != "raw")
        assert item.gold is None or not changed["ab".index(item.gold)]


def test_the_answer_that_was_left_alone_is_the_one_of_the_raw_pair(data: Path) -> None:
    raw = {item.id: item for item in load("humans_llms", data / "humans_llms" / "raw.json")}
    for item in load("humans_llms", data / "humans_llms" / "factual_error.json"):
        plain = raw[item.id.removesuffix("-factual_error")]
        assert item.response(item.gold) in plain.responses


def test_alpaca_eval_annotations_have_both_models_and_no_gold(data: Path) -> None:
    folder = data / "alpaca_eval" / "results" / "gpt-3.5-turbo-1106" / "weighted_alpaca_eval_gpt4_turbo"
    items = load("alpaca_eval", folder)
    assert len(items) == 805
    assert {(item.author_a, item.author_b, item.gold) for item in items} == {
        ("gpt4_1106_preview", "gpt-3.5-turbo-1106", None)
    }


@pytest.mark.parametrize(
    ("source", "path", "form", "record", "options"),
    [
        ("pandalm", "pandalm", "pandalm", "pandalm/pandalm-7b-testset-v1.json", {}),
        (
            "llmbar",
            "llmbar",
            "llmbar",
            "llmbar/Dataset/LLMBar/Natural/evaluators/GPT-4/Vanilla",
            {"subsets": ("natural",)},
        ),
        (
            "judgebench",
            "judgebench",
            "judgebench",
            f"judgebench/outputs/{CLAUDE}",
            {},
        ),
    ],
)
def test_an_import_holds_the_items_of_the_source(
    data: Path, source: str, path: str, form: str, record: str, options: dict[str, tuple[str, ...]]
) -> None:
    """So that a recorded judge can stand for a live one in a suite on the set."""
    known = {item.id: item for item in load(source, data / path, **options)}
    (recording,) = importers.get(form).read(data / record)
    items = list(recording.items)
    assert items
    assert all(known[item.id] == item for item in items)
    assert {verdict.item_id for verdict in recording.verdicts} <= known.keys()
