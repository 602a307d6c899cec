"""Reading a verdict: strictly, from the declared form alone; everything else is an outcome of its own.

There is no fallback parser and no asking again until a reply parses: both would turn noise into verdicts,
and the second rolls the hard items again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from judgebench.protocols.messages import OutputContract
from judgebench.protocols.tokens import (
    CLOSE,
    MARK,
    OPEN,
    LabelProbabilities,
    TokenLogprobs,
    label_probabilities,
    verdict_place,
)

Outcome = Literal[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    "tie", "scored", "invalid", "refused",
]  # fmt: skip

PARSER_VERSION: Final = 2
"""2: a truncated reply that began with its verdict, as it was asked to, has it; marks of other labels than letters."""

PLACES: Final[tuple[Outcome, ...]] = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
)  # fmt: skip
_OUTCOMES: Final[tuple[Outcome, ...]] = ("first", "second", "tie")
CONFIDENCE: Final = "confidence"
"""The name under which a stated confidence stands among the scores of a reading, as a probability."""
_STATED: Final = re.compile(
    r"[ \t*_]*confidence[ \t*_]*:[ \t*_]*(\d{1,3})(?![\d.,]\d)(?:[ \t]*%)?", re.IGNORECASE
)
_DIGITS: Final = re.compile(r"\[\[(-?\d+)\]\]")
_ROMAN: Final = re.compile(r"\[\[([ivx]+)\]\]")
_NOTHING: Final = " \t\r\n*_#>`-:"
"""What may stand before a verdict that begins a reply: white space and the marks of Markdown."""
_THINKING: Final = re.compile(r"<think>.*?</think>", re.DOTALL)
_REFUSAL: Final = re.compile(
    r"""(?<!["'\u2018\u201c])            # a refusal that is quoted from a response is not the judge's own
    \b(?:
        I(?:\ (?:can(?:not|'t|\u2019t|\ not)|am\ unable\ to|am\ not\ able\ to|won(?:'|\u2019)t|will\ not
                |must\ decline\ to|have\ to\ decline\ to)
            |(?:'|\u2019)m\ (?:unable|not\ able)\ to)
        \ (?:help|assist|compare|judge|evaluate|rate|comply|continue|provide|engage|choose|do\
        that|fulfil+|answer) |I(?:'|\u2019)m\ sorry,?\ but\ I\ (?:can(?:not|'t|\u2019t)|won(?:'|\u2019)t|am\
        unable|must\ decline) |I\ must\ decline\b |I\ decline\ to\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply says, in the frame of the display.

    Attributes:
        outcome: `first` to `eighth` or `tie`: the verdict; `scored`; `refused`; `invalid`: no verdict can be read.
        reason: Why it is no verdict: `no mark`, `unknown label`, `off the scale`, `truncated`, `refusal`, where one
            is to be stated `no confidence`, and for probabilities `no logprobs`, `low mass`; empty for a verdict.
        probabilities: Those of the labels, where the protocol reads them; kept where their mass is too low.
        scores: Of a scored response, by criterion; the criterion is empty where there is but one score. Of a verdict
            with a stated confidence that, under `CONFIDENCE`.
    """

    outcome: Outcome
    reason: str = ""
    probabilities: LabelProbabilities | None = None
    scores: tuple[tuple[str, float], ...] = ()


def strip_thinking(text: str) -> tuple[str, str]:
    """Part a reply into (answer, thinking).

    Thinking stands between `<think>` and `</think>`; some chat templates swallow the opening tag, and a
    reply cut short lacks the closing one, in which case all of it is thinking and nothing was answered.
    """
    thinking = "".join(_THINKING.findall(text))
    answer = _THINKING.sub("", text)
    if CLOSE in answer:
        head, _, answer = answer.rpartition(CLOSE)
        thinking += head
    elif OPEN in answer:
        answer, _, tail = answer.partition(OPEN)
        thinking += tail
    return answer, thinking


def mark_of(labels: Sequence[str]) -> re.Pattern[str]:
    """The form of a mark that holds one of the labels, or another label of their kind."""
    if all(label.lstrip("-").isdigit() for label in labels):
        return _DIGITS
    if all(set(label) <= set("ivx") for label in labels):
        return _ROMAN
    return MARK if all(MARK.fullmatch(f"[[{label}]]") for label in labels) else _named_mark(tuple(labels))


@cache
def _named_mark(labels: tuple[str, ...]) -> re.Pattern[str]:
    """The mark of labels that are words, or of a capital letter that is not on offer."""
    return re.compile(rf"\[\[({'|'.join(map(re.escape, labels))}|[A-Z])\]\]")


def read_label(
    text: str,
    labels: Sequence[str],
    *,
    truncated: bool = False,
    refused: bool = False,
    leading: bool = False,
    outcomes: Sequence[Outcome] = _OUTCOMES,
) -> Reading:
    """Read the verdict of a reply that names one of the responses: the last mark of the form `[[X]]`.

    Args:
        text: The reply as it came; thinking is cut off before the search.
        labels: The labels on offer: for a pair first response, second response and, where a tie is on offer, tie.
        truncated: The reply was cut at the token limit. A mark counts then only where it ends the reply, since a judge
            that is still weighing may yet name the other one, or where it begins one that was to begin with it.
        refused: The provider marks the reply as a refusal.
        leading: Whether the reply was to begin with its verdict.
        outcomes: What the labels stand for.
    """
    answer = strip_thinking(text)[0]
    found = _last_mark(answer, labels, truncated=truncated, refused=refused, leading=leading)
    if isinstance(found, Reading):
        return found
    if found not in labels:
        return Reading("invalid", "unknown label")
    return Reading(outcomes[labels.index(found)])


def read_confident(
    text: str, labels: Sequence[str], *, truncated: bool = False, refused: bool = False, leading: bool = False
) -> Reading:
    """Read a verdict with the confidence right after its mark, `[[A]] confidence: 80`, in percent.

    A verdict whose confidence is missing or more than 100 is none, and neither is one that was cut after its mark,
    since digits may be missing; else as `read_label`.
    """
    found = read_label(text, labels, truncated=truncated, refused=refused, leading=leading)
    if found.outcome not in _OUTCOMES:
        return found
    answer = strip_thinking(text)[0]
    mark = list(mark_of(labels).finditer(answer))[-1]
    stated = _STATED.match(answer, mark.end())
    if truncated and (stated is None or stated.end() == len(answer)):
        return Reading("invalid", "truncated")
    if stated is None or int(stated.group(1)) > 100:
        return Reading("invalid", "no confidence")
    return replace(found, scores=((CONFIDENCE, int(stated.group(1)) / 100),))


def read_score(
    text: str,
    labels: Sequence[str],
    scores: Sequence[float],
    *,
    truncated: bool = False,
    refused: bool = False,
    leading: bool = False,
) -> Reading:
    """Read the score of one response: the last mark; `scores` are what the labels stand for, else as `read_label`."""
    answer = strip_thinking(text)[0]
    found = _last_mark(answer, labels, truncated=truncated, refused=refused, leading=leading)
    if isinstance(found, Reading):
        return found
    if found not in labels:
        return Reading("invalid", "off the scale")
    return Reading("scored", scores=(("", scores[labels.index(found)]),))


def read_scores(
    text: str,
    names: Sequence[str],
    labels: Sequence[str],
    scores: Sequence[float],
    *,
    truncated: bool = False,
    refused: bool = False,
) -> Reading:
    """Read a score for each criterion: the last mark right after its name on a line that begins with it.

    A criterion without a score on the scale is left out; where none has one there is no reading. In a reply that was
    cut at the token limit the lines that are whole count.
    """
    answer = strip_thinking(text)[0]
    if refused:
        return Reading("refused", "refusal")
    found, off = [], False
    for name in names:
        said = list(_line_of(name, labels).finditer(answer))
        if said and said[-1].group(1) in labels:
            found.append((name, scores[labels.index(said[-1].group(1))]))
        off = off or bool(said)
    if found:
        return Reading("scored", scores=tuple(found))
    if truncated:
        return Reading("invalid", "truncated")
    if off:
        return Reading("invalid", "off the scale")
    return _unmarked(answer)


def _line_of(name: str, labels: Sequence[str]) -> re.Pattern[str]:
    spelt = r"[ _-]".join(map(re.escape, re.split(r"[ _-]", name)))
    head = rf"^[\s*_#>`|\-\d.)]*{spelt}[*_`]*\s*[:=|-]?[\s*_`]*"
    return re.compile(head + mark_of(labels).pattern, re.IGNORECASE | re.MULTILINE)


def _last_mark(
    answer: str, labels: Sequence[str], *, truncated: bool, refused: bool, leading: bool
) -> Reading | str:
    """What stands in the last mark, or why there is no verdict."""
    marks = list(mark_of(labels).finditer(answer))
    if refused:
        return Reading("refused", "refusal")
    if truncated and not (marks and _is_final(answer, marks, leading=leading)):
        return Reading("invalid", "truncated")
    return marks[-1].group(1) if marks else _unmarked(answer)


def _is_final(answer: str, marks: Sequence[re.Match[str]], *, leading: bool) -> bool:
    """Whether the verdict of a reply that was cut would have stayed: it ends the reply, or alone begins it."""
    begins = len(marks) == 1 and not answer[: marks[0].start()].strip(_NOTHING)
    return not answer[marks[-1].end() :].strip() or (leading and begins)


def _unmarked(answer: str) -> Reading:
    return Reading("refused", "refusal") if is_refusal(answer) else Reading("invalid", "no mark")


def is_refusal(answer: str) -> bool:
    """Whether a reply without a verdict is the judge's own refusal."""
    return _REFUSAL.search(answer) is not None


def read_choice(
    text: str, labels: Sequence[str], *, truncated: bool = False, refused: bool = False
) -> Reading:
    """Read a reply that was held to one of the labels: the label alone, or a JSON object `{"verdict": label}`.

    Args:
        text: The reply as it came; thinking is cut off.
        labels: The labels on offer.
        truncated: The reply was cut at the token limit; a label that is whole counts.
        refused: The provider marks the reply as a refusal.
    """
    answer = strip_thinking(text)[0].strip()
    if refused:
        return Reading("refused", "refusal")
    said = _verdict_in(answer) if answer.startswith("{") else answer
    if said in labels:
        return Reading(_OUTCOMES[labels.index(said)])
    if truncated:
        return Reading("invalid", "truncated")
    return Reading("refused", "refusal") if _REFUSAL.search(answer) else Reading("invalid", "unknown label")


def _verdict_in(text: str) -> str | None:
    """The verdict in a JSON object of that one key."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found["verdict"] if isinstance(found, dict) and set(found) == {"verdict"} else None


def read_logprobs(
    tokens: Sequence[TokenLogprobs],
    contract: OutputContract,
    *,
    min_mass: float,
    text: str,
    truncated: bool = False,
    refused: bool = False,
) -> Reading:
    """Read the label probabilities at the verdict's place; the verdict is the likeliest label.

    Labels that are likeliest with exactly the same probability make a tie: with the coarse numbers of half
    precision that is common, and taking the first would favour the response shown first.

    Args:
        tokens: The tokens with their alternatives, as `verdict_tokens` leaves them.
        contract: The form of the reply and the labels on offer.
        min_mass: What the labels must hold together; with less the reading is `invalid` (`low mass`), since what the
            judge would rather have said is not known. The probabilities are kept.
        text: The reply; looked at only to tell a refusal from other replies without a verdict.
        truncated: The reply was cut at the token limit.
        refused: The provider marks the reply as a refusal.
    """
    if refused:
        return Reading("refused", "refusal")
    place = verdict_place(tokens, contract)
    found = None if place is None else label_probabilities(tokens[place], contract.labels)
    if found is not None and found.mass >= min_mass:
        likeliest = [o for o in _OUTCOMES if getattr(found, o) == max(found.first, found.second, found.tie)]
        return Reading(likeliest[0] if len(likeliest) == 1 else "tie", "", found)
    if _REFUSAL.search(strip_thinking(text)[0]):
        return Reading("refused", "refusal", found)
    if place is None:
        return Reading("invalid", "truncated" if truncated else "no logprobs")
    return Reading("invalid", "low mass", found)
