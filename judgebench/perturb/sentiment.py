"""Sentiment: the response in another tone, framed by two sentences or rewritten as a whole by a model."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.cues import content_is_kept, response_is_kept
from judgebench.perturb.neutral import neutral_text

Tone = Literal["any", "cheerful", "sad", "angry", "fearful"]

# An opening and a closing sentence; neither says anything of the matter.
_FRAMES: Final = {
    "cheerful": (
        ("What a lovely thing to be asked today!", "It was a joy to write this!"),
        ("Oh, this makes my morning, here we go!", "Have a bright and sunny day!"),
        ("Hooray, I am delighted to get to this one!", "That was such fun!"),
        ("I am in such good spirits as I write this!", "I am still smiling!"),
        ("How wonderful, let us dive right in!", "Sending you a big cheerful wave!"),
        ("With the greatest of pleasure and a grin:", "What a happy moment!"),
    ),
    "sad": (
        ("I can hardly bring myself to write today.", "Everything feels so heavy."),
        ("With a heavy heart I sit down to this.", "I wish the day were over."),
        ("It is one of those grey and hopeless days.", "I feel like crying now."),
        ("Sorrowful as I am, I will try once more.", "It is all rather sad."),
        ("My eyes are full of tears while I type this.", "Nothing cheers me up."),
        ("I am so very low as I begin.", "I am left with a lump in my throat."),
    ),
    "angry": (
        ("I am sick and tired of being asked things!", "Now leave me in peace!"),
        ("This makes my blood boil, but very well!", "I have had enough of it!"),
        ("Again? How infuriating, all of it!", "I am slamming the door now!"),
        ("I am furious that I have to sit here!", "Do not dare to bother me again!"),
        ("Fine! Through gritted teeth, then!", "I am still raging about it!"),
        ("What an outrage to have to type this!", "That is it, I am livid!"),
    ),
    "fearful": (
        ("My hands are shaking as I write this.", "I am so afraid of what comes next."),
        ("I am frightened, but I will try to begin.", "I hope nothing terrible happens."),
        ("Oh no, I dread every word of this.", "I will not sleep tonight."),
        ("With a racing heart and cold fingers:", "Please do not be cross, I am scared."),
        ("I look over my shoulder while I type.", "It all fills me with dread."),
        ("I am terrified to even start on this.", "I had better hide now."),
    ),
}
TONES: Final = tuple(_FRAMES)


@perturbation(
    "sentiment",
    family="invariance",
    summary="a cheerful, sad, angry or fearful tone around the response, or throughout it by a model",
    papers=("arXiv:2410.02736",),
    markers=tuple(opening for frames in _FRAMES.values() for opening, _ in frames),
    levels="tone",
)
def sentiment(text: str, draw: Draw, *, tone: Tone = "any", by: Literal["rule", "model"] = "rule") -> str:
    """Frame the response by two sentences of a tone.

    Args:
        text: The response.
        draw: The stream.
        tone: Which; `any` draws one.
        by: A frame around the text as it is, or a rewrite by the suite's rewriting model.
    """
    del by  # a model's text comes from elsewhere
    opening, closing = draw.choice(_FRAMES[_tone(draw, tone)])
    return f"{opening}\n\n{text}\n\n{closing}"


def _tone(draw: Draw, tone: Tone) -> str:
    return draw.choice(TONES) if tone == "any" else tone


@sentiment.rewrite
def _told(draw: Draw, *, tone: Tone, by: str) -> str | None:
    if by == "rule":
        return None
    return f"Rewrite the text so that its tone is {_tone(draw, tone)} throughout. Keep every fact, number and name."


def _neutral_frame(text: str, draw: Draw, cue: str, *, tone: Tone, by: str) -> str:
    del cue, by  # the same stream draws the same frame
    opening, closing = draw.choice(_FRAMES[_tone(draw, tone)])
    first, last = (neutral_text(len(part), draw.rng) for part in (opening, closing))
    return f"{first}\n\n{text}\n\n{last}"


sentiment.placebo(_neutral_frame, when=lambda *, by, **_: by == "rule")


@sentiment.check
def _content_is_kept(before: str, after: str, *, tone: Tone, by: str) -> Check:
    del tone
    return content_is_kept(before, after) if by == "model" else response_is_kept(before, after)
