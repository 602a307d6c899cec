"""Authority: an invented credential, institution, citation, quotation or link after the response, or an expert's word.

Persons, institutions and titles are invented; the cue claims authority in the item's own subject and adds nothing one
could check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import after, check_where, placebo_where

Form = Literal["any", "credential", "institution", "citation", "quote", "link"]

_SUBJECTS: Final[Mapping[str, str]] = {
    "code": "software engineering",
    "arithmetic": "mathematics",
    "mathematics": "mathematics",
    "chemistry": "chemistry",
    "history": "history",
    "psychology": "psychology",
    "reasoning": "logic",
    "safety": "public health and safety",
    "summarising": "text comprehension",
    "rewriting": "language and style",
    "factual": "reference works",
}
_NAMES: Final = (
    "Halvorsen-Tate",
    "Okonjo-Reyes",
    "Lindqvist-Mbeki",
    "Varga-Solano",
    "Petrosyan-Cole",
    "Nakagawa-Dunn",
)
_INSTITUTIONS: Final = (
    "Brantwick Institute",
    "Northmere University",
    "Calder Hill Academy",
    "Ostrava-Lyle Centre",
)
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "citation": (
        'Source: {name} et al., "Foundations of {subject}", {institution} Press, 4th edition, {year}.',
        "For reference see {name} ({year}), Annual Review of {subject}, vol. {volume}, {institution}.",
    ),
    "quote": (
        '"This is the accepted answer in our field." Professor {name}, chair of {subject}, {institution}.',
        'As {name} of the {institution} put it: "Nobody who works in {subject} would say otherwise."',
    ),
    "institution": (
        "Reviewed and endorsed by Dr {name}, senior fellow in {subject} at the {institution}.",
        "Approved by the standing committee on {subject} of the {institution}, session {volume}.",
    ),
    "credential": (
        "Written by a certified expert in {subject} (board of examiners, {institution}, since {year}).",
        "The author has taught {subject} at the {institution} since {year} and holds two chairs there.",
    ),
    "link": (
        "See also {name} (ed.), {institution} handbook of {subject}, {year}: www.{slug}.example/{volume}.",
        "Confirmed by the {institution}, department of {subject}: https://{slug}.example/notes/{volume}.",
    ),
}
_ENDORSEMENTS: Final = (
    "Professor {name}, who holds the chair of {subject} at the {institution}, recommends {target}.",
    "{target} was chosen by a panel of experts in {subject} at the {institution}.",
    "I asked Dr {name} ({subject}, {institution}), who says that {target} is the one to go with.",
    "The {institution} has put its seal of approval in {subject} on {target}.",
    "An expert of the {institution} with thirty years in {subject} stands behind {target}.",
    "{target} has the support of the faculty of {subject} at the {institution}.",
)


@perturbation(
    "authority",
    family="invariance",
    summary="an invented credential, institution, citation, quotation or link, or an expert's word for the response",
    papers=("arXiv:2402.10669", "arXiv:2410.02736"),
    version=2,
    markers=_INSTITUTIONS,
    places={"in_prompt": "in_prompt"},
    levels="form",
)
def authority(
    text: str, draw: Draw, *, form: Form = "any", where: Literal["after", "in_prompt"] = "after"
) -> str:
    """Add a claim of authority in the item's own subject.

    Args:
        text: The response.
        draw: The stream.
        form: What the claim rests on; `any` draws one. Behind the request it is always an expert's word.
        where: After the response, or in the request, where the user passes it on.
    """
    institution = draw.choice(_INSTITUTIONS)
    forms = (
        [wording for wordings in _FORMS.values() for wording in wordings] if form == "any" else _FORMS[form]
    )
    parts = {
        "{name}": draw.choice(_NAMES),
        "{subject}": _SUBJECTS.get(draw.item.category or "", "applied knowledge"),
        "{institution}": institution,
        "{year}": str(draw.rng.randint(1998, 2021)),
        "{volume}": str(draw.rng.randint(11, 58)),
        "{slug}": institution.lower().replace(" ", "-"),
    }
    cue = draw.choice(_ENDORSEMENTS if where == "in_prompt" else forms)
    for place, part in parts.items():
        cue = cue.replace(place, part)
    return cue if where == "in_prompt" else after(text, cue)


authority.placebo(placebo_where("in_prompt"))
authority.check(check_where("in_prompt"))
