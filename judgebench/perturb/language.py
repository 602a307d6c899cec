"""Language: a frame in another language around the same text, or the whole text in it by a model."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.cues import before as in_front
from judgebench.perturb.cues import insertion_placebo, response_is_kept

Into = Literal["any", "German", "French", "Spanish", "Italian", "Dutch", "Polish"]

# "Here is my reply to what you asked." in each, in two ways.
_OPENINGS: Final = {
    "German": ("Hier ist meine Antwort auf Ihre Frage.", "Dazu kann ich Folgendes sagen."),
    "French": ("Voici ma réponse à votre question.", "Voici ce que je peux en dire."),
    "Spanish": ("Aquí está mi respuesta a su pregunta.", "Esto es lo que puedo decir al respecto."),
    "Italian": ("Ecco la mia risposta alla sua domanda.", "Ecco che cosa posso dire in merito."),
    "Dutch": ("Hier is mijn antwoord op uw vraag.", "Dit kan ik erover zeggen."),
    "Polish": ("Oto moja odpowiedź na to pytanie.", "Oto, co mogę o tym powiedzieć."),
}
LANGUAGES: Final = tuple(_OPENINGS)


@perturbation(
    "language",
    family="invariance",
    summary="an opening sentence in another language, or the whole response in it by a model",
    papers=("arXiv:2601.13649",),
    markers=tuple(opening for openings in _OPENINGS.values() for opening in openings),
    levels="into",
)
def language(text: str, draw: Draw, *, into: Into = "any", by: Literal["rule", "model"] = "rule") -> str:
    """Open the response in another language.

    Args:
        text: The response.
        draw: The stream.
        into: Which language; `any` draws one.
        by: One sentence in front of the text as it is, or a translation by the suite's rewriting model.
    """
    del by  # a model's text comes from elsewhere
    return in_front(text, draw.choice(_OPENINGS[_language(draw, into)]))


def _language(draw: Draw, into: Into) -> str:
    return draw.choice(LANGUAGES) if into == "any" else into


@language.rewrite
def _told(draw: Draw, *, into: Into, by: str) -> str | None:
    if by == "rule":
        return None
    wanted = _language(draw, into)
    return (
        f"Translate the text into {wanted}. Keep code, numbers and names as they are, and leave nothing out."
    )


language.placebo(insertion_placebo, when=lambda *, by, **_: by == "rule")


@language.check
def _content_is_kept(before: str, after: str, *, into: Into, by: str) -> Check:
    del into
    if by == "rule":
        return response_is_kept(before, after)
    lost = sorted(digits(before) - digits(after))
    return Check((f"the number {lost[0]} was lost",) if lost else ())


def digits(text: str) -> set[str]:
    """The runs of digits in a text: languages set points and commas between them in different ways."""
    return set("".join(c if c.isascii() and c.isdigit() else " " for c in text).split())
