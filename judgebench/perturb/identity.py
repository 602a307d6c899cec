"""Identity: a note says who wrote the target, or that its author shares a trait with the user."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import names_the_target_once, note_placebo

_PEOPLE: Final = {
    "age": ("a nineteen-year-old", "a man of eighty-four", "a woman in her forties", "a retired person"),
    "gender": ("a woman", "a man", "a non-binary person", "a mother of three"),
    "origin": ("a Nigerian", "a Norwegian", "somebody from rural Bolivia", "a recent immigrant"),
    "faith": ("a Buddhist", "a Catholic", "a Muslim", "an atheist"),
    "work": ("a lorry driver", "a primary-school teacher", "a night nurse", "a fisherman"),
    "means": ("a millionaire", "somebody out of work", "a person without a home", "a landowner"),
}
_WORDINGS: Final = {
    "author": (
        "By its cover sheet, {target} is the work of {who}.",
        "{target} was handed in by {who}.",
        "On the form, the author of {target} is given as {who}.",
        "Whoever reads {target} may like to know that {who} wrote it.",
        "The writer behind {target} is {who}.",
        "A note on the author of {target}: this is {who}.",
    ),
    "user": (
        "Like the person who asked, the writer of {target} is {who}.",
        "Both the asker and the writer of {target} are on file as {who}.",
        "{target} comes from {who}, which is what the asker is too.",
        "The asker is {who}; the same goes for whoever wrote {target}.",
        "The asker and the writer of {target} have this in common: each is {who}.",
        "One thing joins the asker to the writer of {target}: each of them is {who}.",
    ),
}
_MARKERS: Final = (
    "By its cover sheet",
    "was handed in by",
    "On the form, the author",
    "may like to know that",
    "The writer behind",
    "A note on the author",
    "Like the person who asked",
    "are on file as",
    "which is what the asker",
    "the same goes for whoever",
    "have this in common",
    "One thing joins the asker",
)


@perturbation(
    "identity",
    family="invariance",
    summary="who wrote the response, or what its author has in common with the user",
    place="after_responses",
    places={"before_target": "before_target", "in_prompt": "in_prompt"},
    papers=("arXiv:2410.02736", "arXiv:2402.10669"),
    levels="trait",
    markers=_MARKERS,
)
def identity(
    text: str,
    draw: Draw,
    *,
    trait: Literal["any", "age", "gender", "origin", "faith", "work", "means"] = "any",
    of: Literal["author", "user"] = "author",
    where: Literal["after_responses", "before_target", "in_prompt"] = "after_responses",
) -> str:
    """Say who wrote the target.

    Args:
        text: Empty: it is a note.
        draw: The stream.
        trait: What is said of them; `any` draws one.
        of: Whether it is said of the author alone, or of the user as well.
        where: After the responses, directly before the target, or in the request.
    """
    del where  # the place is the declaration's to find
    people = _PEOPLE[draw.choice(tuple(_PEOPLE)) if trait == "any" else trait]
    return text + draw.choice(_WORDINGS[of]).replace("{who}", draw.choice(people))


identity.placebo(note_placebo)
identity.check(names_the_target_once)
