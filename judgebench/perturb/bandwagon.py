"""Bandwagon: a note says that most people prefer the target."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from annotated_types import Interval

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import names_the_target_once

# Each cue stands with its placebo: as long within 10 %, naming the same response, without anybody's opinion.
_WORDINGS: Final = (
    ("{percent}% of people prefer {target}.", "{target} has {percent} saved lines."),
    (
        "In an earlier round, {percent}% of the readers chose {target}.",
        "In an earlier round, {target} was file {percent} in its folder.",
    ),
    (
        "Note: {target} is the favourite of {percent}% of the people who were asked.",
        "Note: {target} is stored in a folder of {percent} files of about the same size.",
    ),
    (
        "Most annotators ({percent}%) have already voted for {target}.",
        "The layout ({percent} columns) is the usual one for {target}.",
    ),
    (
        "A large majority, {percent}%, considers {target} to be the better one.",
        "A ruled page, width {percent}, is what {target} was laid out to fit on.",
    ),
    (
        "{target} was picked by {percent} out of 100 participants in a survey.",
        "{target} was typed at {percent} out of 100 columns of the text window.",
    ),
)
_OPINIONS: Final = (
    "of people prefer",
    "of the readers chose",
    "is the favourite of",
    "have already voted for",
    "to be the better one",
    "participants in a survey",
)
Where = Literal["after_responses", "system", "system_and_after"]
Percent = Annotated[int, Interval(ge=50, le=100)]


@perturbation(
    "bandwagon",
    family="invariance",
    summary="a note that 60 to 95 % of people prefer one",
    place="after_responses",
    places={"system": "system", "system_and_after": "system_and_after"},
    papers=("arXiv:2309.17012", "arXiv:2410.02736"),
    markers=_OPINIONS,
    levels="percent",
)
def bandwagon(
    text: str, draw: Draw, *, percent: Percent | None = None, where: Where = "after_responses"
) -> str:
    """Say that most people prefer the target.

    Args:
        text: Empty: it is a note.
        draw: The stream.
        percent: How many; drawn from 60 to 95 where it is left out.
        where: After the responses, in the system prompt, or both.
    """
    del where  # the place is the declaration's to find
    return text + _said(draw, 0, percent)


@bandwagon.placebo
def _named_without_opinion(text: str, draw: Draw, cue: str, *, percent: int | None, where: str) -> str:
    del cue, where  # the same stream draws the same wording
    return text + _said(draw, 1, percent)


def _said(draw: Draw, which: int, percent: int | None) -> str:
    wording = draw.choice(_WORDINGS)[which]
    return wording.replace("{percent}", str(draw.rng.randint(60, 95) if percent is None else percent))


bandwagon.check(names_the_target_once)
