"""The arms of a suite's protocols: their names, their options, and what is wrong with either."""

import json
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.run.arms import protocol_arms
from judgebench.run.questions import ways_of
from judgebench.suite import load_suite
from judgebench.suite.trials import count_trials, trials

HEAD = "suite: s\nitems: [{source: file, path: items.jsonl}]\nperturbations: [position, authority]\n"


def names(folder: Path, body: str, count: int = 2) -> list[str]:
    path = write(folder, body, count)
    return [arm.name for arm in protocol_arms(load_suite(path))]


def write(folder: Path, body: str, count: int = 2) -> Path:
    item = {"id": "i", "prompt": "p"} | {f"response_{letter}": letter for letter in "abcdefgh"[:count]}
    (folder / "items.jsonl").write_text(json.dumps(item))
    path = folder / "suite.yaml"
    path.write_text(HEAD + body)
    return path


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("protocols: [pairwise, pointwise]", ["pairwise", "pointwise"]),
        ("protocols: [pairwise, pairwise: {name: x, tie: false}]", ["pairwise", "pairwise@x"]),
        (
            "protocols: [pairwise: {paraphrases: all}]",
            ["pairwise~plain", "pairwise~terse", "pairwise~role"],
        ),
        ("protocols: [pairwise: {name: x, paraphrases: [role]}]", ["pairwise@x~role"]),
        (
            "protocols: [criterion: {criterion: [plainer, formatted]}]",
            ["criterion@plainer", "criterion@formatted"],
        ),
        (
            "protocols: [rubric: {criteria: {tone: kind, depth: deep}, asked: together}]",
            ["rubric@together/tone", "rubric@together/depth"],
        ),
        (
            "protocols: [rubric: {name: x, criteria: {tone: kind}, paraphrases: role}]",
            ["rubric@x+apart~role/tone"],
        ),
        (
            "protocols: [pairwise, pairwise: {name: x, tie: false}]\nsampling: {reasoning_effort: [low, high]}",
            [
                "pairwise@effort-low",
                "pairwise@effort-high",
                "pairwise@x+effort-low",
                "pairwise@x+effort-high",
            ],
        ),
        ("sampling: {reasoning_effort: low}", ["pairwise"]),
    ],
)
def test_every_arm_has_a_name_of_its_own(body: str, expected: list[str], tmp_path: Path) -> None:
    assert names(tmp_path, body) == expected


FAULTS = {
    "misspelt option": ("protocols:\n  - pairwise: {reasonning: none}", 5, "unknown key 'reasonning'", "reasoning"),
    "wrong value": ("protocols:\n  - pairwise: {reasoning: befor}", 5, "'reasoning' is text 'befor'", "before"),
    "wrong type": ("protocols:\n  - pairwise: {tie: 3}", 5, "'tie' is the number '3'", None),
    "hidden option": ("protocols:\n  - pairwise: {paraphrase: plain}", 5, "unknown key 'paraphrase'", "paraphrases"),
    "unknown protocol": ("protocols:\n  - pairwize", 5, "unknown name 'pairwize'", "pairwise"),
    "unknown paraphrase": (
        "protocols:\n  - pairwise: {paraphrases: [terce]}", 5, "unknown paraphrase 'terce'", "terse"),
    "one name twice": (
        "protocols:\n  - pairwise: {tie: false}\n  - pairwise: {tie: true}", 6, "'pairwise' comes twice", None),
    "upside down scale": ("protocols:\n  - pointwise: {scale: [5, 1]}", 5, "a scale from 5 to 1", None),
    "scale of three": ("protocols:\n  - pointwise: {scale: [1, 2, 3]}", 5, "'scale' is a list of 3", None),
    "levels that do not fit": (
        "protocols:\n  - pointwise: {scale: [1, 3], levels: [bad, good]}", 5, "2 levels for 3 scores", None),
    "criterion with a blank": (
        "protocols:\n  - rubric: {criteria: {good tone: kind}}", 5, "'good tone' cannot name", None),
    "lists of pairs": ("protocols:\n  - choice", 5, "can show none of the items", None),
    "no reference": ("protocols:\n  - pairwise: {reference: shown}", 5, "can show none of the items", None),
    "no judge file": ("protocols:\n  - file: nothing.yaml", 5, "no such file", None),
    "no template": ("protocols:\n  - pairwise: {template: nothing.yaml}", 5, "no such file", None),
    "bad name": ("protocols:\n  - pairwise: {name: 'a b'}", 5, "'name' is 'a b'", None),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_a_protocol_is_told_with_its_place(fault: str, tmp_path: Path) -> None:
    body, line, message, suggestion = FAULTS[fault]
    with pytest.raises(InputError) as caught:
        names(tmp_path, body)
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(
    "body",
    [
        "protocols: [pairwise, pointwise, joint]\nmitigations: [none, system_prompt]\nrepeats: 3",
        "protocols: [rubric: {asked: [apart, together]}]",
        "protocols: [choice: {orders: latin, at_least: 2}, listwise: {at_least: 2}]",
    ],
)
def test_the_count_is_the_number_of_trials_under_every_layout(body: str, tmp_path: Path) -> None:
    rows = [
        {"id": f"i{n}", "prompt": "p", "response_a": "x", "response_b": "y", "gold": "ab"[n % 2]}
        for n in range(5)
    ]
    path = write(tmp_path, body)
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    suite = load_suite(path)
    layouts = ways_of(suite).layouts
    found = list(trials(suite, layouts))
    assert len(found) == count_trials(suite, layouts)
    keys = {
        (t.item.id, t.perturbation, t.arm, t.target, t.order, t.protocol, t.mitigation, t.repeat)
        for t in found
    }
    assert len(keys) == len(found)


def test_pairs_and_lists_in_one_suite_each_go_to_their_protocol(tmp_path: Path) -> None:
    path = write(tmp_path, "protocols: [pairwise, choice]")
    rows = [
        {"id": "pair", "prompt": "p", "response_a": "x", "response_b": "y"},
        {"id": "list", "prompt": "p", "response_a": "x", "response_b": "y", "response_c": "z", "gold": "c"},
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    suite = load_suite(path)
    shown = {(t.item.id, t.protocol) for t in trials(suite, ways_of(suite).layouts)}
    assert shown == {("pair", "pairwise"), ("list", "choice")}


def test_a_template_that_changed_is_another_run(tmp_path: Path) -> None:
    import judgebench
    from judgebench.protocols.template import template_text

    path = write(tmp_path, "protocols: [pairwise: {template: mine.yaml}]")
    (tmp_path / "mine.yaml").write_text(template_text("pairwise"))
    judgebench.run(path, "sim/null", out=tmp_path / "out")
    judgebench.run(path, "sim/null", out=tmp_path / "out")
    (tmp_path / "mine.yaml").write_text(
        template_text("pairwise").replace("Explain your decision", "Explain it")
    )
    with pytest.raises(InputError, match="another wording of the protocol"):
        judgebench.run(path, "sim/null", out=tmp_path / "out")
