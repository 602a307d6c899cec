"""Reading a verdict: strictly, from the declared form alone; everything else is an outcome of its own.

There is no fallback parser and no asking again until a reply parses: both would turn noise into verdicts,
and the second rolls the hard items again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
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

Outcome = Literal["first", "second", "tie", "invalid", "refused"]

PARSER_VERSION: Final = 1

_OUTCOMES: Final[tuple[Outcome, ...]] = ("first", "second", "tie")
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
        outcome: `first`, `second` or `tie`: the verdict; `refused`; `invalid`: no verdict can be read.
        reason: Why it is no verdict: `no mark`, `unknown label`, `truncated`, `refusal`, and for probabilities
            `no logprobs`, `low mass`; empty for a verdict.
        probabilities: Those of the labels, where the protocol reads them; kept where their mass is too low.
    """

    outcome: Outcome
    reason: str = ""
    probabilities: LabelProbabilities | None = None


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


def read_label(
    text: str, labels: tuple[str, ...], *, truncated: bool = False, refused: bool = False
) -> Reading:
    """Read the verdict of a pairwise reply: the last mark of the form `[[X]]`.

    Args:
        text: The reply as it came; thinking is cut off before the search.
        labels: The labels on offer: first response, second response and, where a tie is on offer, tie.
        truncated: The reply was cut at the token limit. A mark counts then only where it ends the reply,
            since a judge that is still weighing may yet name the other one.
        refused: The provider marks the reply as a refusal.
    """
    answer, _ = strip_thinking(text)
    marks = list(MARK.finditer(answer))
    if refused:
        return Reading("refused", "refusal")
    if truncated and not (marks and not answer[marks[-1].end() :].strip()):
        return Reading("invalid", "truncated")
    if not marks:
        return Reading("refused", "refusal") if _REFUSAL.search(answer) else Reading("invalid", "no mark")
    label = marks[-1].group(1)
    if label not in labels:
        return Reading("invalid", "unknown label")
    return Reading(_OUTCOMES[labels.index(label)])


def read_choice(
    text: str, labels: tuple[str, ...], *, truncated: bool = False, refused: bool = False
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
