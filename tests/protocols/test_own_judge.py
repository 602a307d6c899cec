"""A judge of the user's own: the prompt goes out as it is, the reply is read by their rule, faults have their place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.errors import InputError
from judgebench.perturb import Note, Stimulus
from judgebench.protocols.own import OwnJudge
from judgebench.protocols.reading import Reading

PROMPT = 'Question: {question}\n<one>{answer_a}</one>\n<two>{answer_b}</two>\nReply as {"winner": ...} or "Winner: X".'
PAIRWISE = """\
kind: pairwise
prompt: prompt.txt
placeholders:
  prompt: "{question}"
  first: "{answer_a}"
  second: "{answer_b}"
reply:
  pattern: 'Winner: (A|B|neither)'
  means: {A: first, B: second, neither: tie}
  example: "I think ... Winner: A"
"""
POINTWISE = """\
name: grader
kind: pointwise
prompt: |
  Grade this answer to $question
  $answer
placeholders: {prompt: $question, response: $answer}
reply:
  field: score
  scale: [0, 1]
"""


def judge(folder: Path, text: str = PAIRWISE) -> OwnJudge:
    (folder / "prompt.txt").write_text(PROMPT)
    (folder / "my-judge.yaml").write_text(text)
    return OwnJudge(path=str(folder / "my-judge.yaml"))


def test_the_prompt_goes_out_unchanged_but_for_the_texts(tmp_path: Path) -> None:
    (message,) = judge(tmp_path).render(Stimulus("Why?", "{answer_b}", "Because {question}."), "ba")
    assert message.content == PROMPT.replace("{question}", "Why?", 1).replace(
        "{answer_a}", "Because {question}."
    ).replace("<two>{answer_b}", "<two>{answer_b}")
    assert OwnJudge.title({"path": str(tmp_path / "my-judge.yaml")}) == "my-judge"


def test_a_note_follows_the_last_response_and_names_the_target(tmp_path: Path) -> None:
    own = judge(tmp_path, PAIRWISE + "names: {first: answer one, second: answer two}\n")
    note = Note("after_responses", "{target} is preferred to {other}.", "a")
    (message,) = own.render(Stimulus("Why?", "x", "y", note=note), "ba")
    assert "<two>x\n\nAnswer two is preferred to answer one.</two>" in message.content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Winner: A", Reading("first")),
        ("Winner: A? No.\nWinner: B", Reading("second")),
        ("Winner: neither", Reading("tie")),
        ("Winner: C", Reading("invalid", "no mark")),
        ("[[A]]", Reading("invalid", "no mark")),
        ("<think>Winner: A</think> Winner: B", Reading("second")),
        ("I cannot help with that.", Reading("refused", "refusal")),
    ],
)
def test_a_reply_is_read_by_the_pattern(text: str, expected: Reading, tmp_path: Path) -> None:
    assert judge(tmp_path).read(text, truncated=False, refused=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"score": 0.5}', Reading("scored", scores=(("", 0.5),))),
        ('Here:\n```json\n{"why": "{ok}", "score": "1"}\n```', Reading("scored", scores=(("", 1.0),))),
        ('{"score": 0.2} then {"score": 0.9}', Reading("scored", scores=(("", 0.9),))),
        ('{"score": 2}', Reading("invalid", "off the scale")),
        ('{"score": NaN}', Reading("invalid", "off the scale")),
        ('{"score": "good"}', Reading("invalid", "unknown label")),
        ('{"grade": 1}', Reading("invalid", "no mark")),
        ('{"score": 1', Reading("invalid", "no mark")),
    ],
)
def test_a_score_is_read_from_its_field(text: str, expected: Reading, tmp_path: Path) -> None:
    own = judge(tmp_path, POINTWISE)
    assert own.read(text, truncated=False, refused=False) == expected
    assert own.scale == (0.0, 1.0)
    assert own.layout.shows == "single"


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    folder = Path(__file__).parent / "judges"
    for name in ("pairwise.yaml", "pointwise.yaml"):
        found = OwnJudge(path=str(folder / name)).read(text, truncated=False, refused=False)
        assert found.outcome in {"first", "second", "tie", "scored", "invalid", "refused"}


FAULTS = {
    "placeholder not in the prompt": ('"{answer_a}"', '"{answer}"', 5, "does not stand in the prompt", "{answer_a}"),
    "no second placeholder": ('  second: "{answer_b}"\n', "", 3, "needs the placeholder 'second'", None),
    "bad pattern": ("(A|B|neither)'", "(A|B'", 8, "no regular expression", None),
    "two groups": ("Winner: (", "(Winner): (", 8, "2 groups", None),
    "no meaning of second": ("B: second, ", "", 9, "means 'second'", None),
    "unreadable example": ('Winner: A"', 'A wins"', 10, "the example cannot be read", None),
    "unknown key": ("kind: pairwise", "knid: pairwise", 1, "unknown key 'knid'", "kind"),
    "no prompt file": ("prompt.txt", "promt.txt", 2, "no such prompt file", None),
    "pattern and field": ("  means", "  field: x\n  means", 7, "both 'pattern' and 'field'", None),
    "a scale on a pairwise judge": ("  means", "  scale: [1, 5]\n  means", 9, "no scale", None),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_judge_file_is_told_with_its_place(fault: str, tmp_path: Path) -> None:
    before, after, line, message, suggestion = FAULTS[fault]
    assert before in PAIRWISE
    with pytest.raises(InputError) as caught:
        judge(tmp_path, PAIRWISE.replace(before, after))
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.suggestion == suggestion
