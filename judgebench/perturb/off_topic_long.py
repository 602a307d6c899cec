"""Off-topic length: a long, fluent text on something else in the place of the worse response."""

from __future__ import annotations

from typing import Annotated, Final

from annotated_types import Interval

from judgebench.perturb.base import Check, Draw, perturbation

# Each text begins with the sentence that marks it; the others may stand in any order.
_TEXTS: Final = (
    (
        "Keeping bees in a town garden is easier than most people think.",
        "A hive takes up little more room than an armchair and can stand on a flat roof.",
        "In spring the colony grows fast, and the keeper looks in about once a week.",
        "Lime trees, clover and bramble give most of the early honey.",
        "The bees fly out above head height where a hedge or a fence makes them climb.",
        "Towards autumn the boxes are narrowed down, and the entrance is made smaller.",
        "A strong colony goes into winter with plenty of stores and is best left alone.",
        "Neighbours who get a jar in August rarely complain about the buzzing.",
    ),
    (
        "A good loaf of bread begins on the evening before.",
        "Flour and water are stirred together and left to stand while the kitchen is cleared.",
        "Salt is added late, since it slows the leaven and tightens the dough.",
        "Folding every half hour does the work that kneading does in a hurry.",
        "The dough is ready to shape when it trembles as the bowl is moved.",
        "A hot iron pot keeps the steam in and gives the crust its shine.",
        "After baking the loaf sings quietly on the rack as the crust cracks.",
        "Cut too early it is gummy; an hour of patience is part of the recipe.",
    ),
    (
        "Restoring an old wooden boat is mostly a matter of patience.",
        "The first weeks go by in taking things off: fittings, paint, and hopes.",
        "Soft planks are found with an awl, and there are always more than one expects.",
        "New oak is steamed until it can be bent over a knee.",
        "Copper rivets are set by two people, one inside the hull and one outside.",
        "Caulking is hammered into the seams and covered with putty.",
        "Seven thin coats of varnish hold longer than three thick ones.",
        "On the first day afloat she leaks, and by the third day she is tight.",
    ),
    (
        "Night trains are coming back, and with them a way of travelling.",
        "One boards after supper, puts the bag on the rack, and watches the suburbs go by.",
        "The attendant brings water and takes down the hour at which to knock.",
        "Berths are narrow, and the sheet is folded in a manner of its own.",
        "Somewhere past midnight the locomotive is changed with a soft jolt.",
        "Borders pass as a change in the sound of the rails.",
        "At dawn there is coffee in a paper cup and a field full of mist.",
        "One arrives in the middle of a city that has not opened its shutters yet.",
    ),
    (
        "Dry-stone walls are built without any mortar at all.",
        "The trench is dug down to firm ground, and the largest stones go in first.",
        "Each stone is laid across the joint of the two below it.",
        "The faces lean towards each other, and the middle is packed with small stuff.",
        "Through-stones tie the two sides together at knee height and again at the hip.",
        "A waller hardly ever picks up a stone twice.",
        "The coping is set on edge and keeps the sheep from climbing.",
        "Well made, such a wall outlives those who built it and their grandchildren.",
    ),
    (
        "Choirs sound better when the singers stand far apart.",
        "Each voice then hears itself and its neighbours in about equal measure.",
        "Warming up begins with the breath and only later goes to notes.",
        "Consonants are placed before the beat, so that the vowel falls on it.",
        "A low ceiling swallows the basses, and a stone floor helps them.",
        "The hardest thing of all is to sing softly and stay in tune.",
        "Old rooms have one note that they like, and a good conductor finds it.",
        "After the last chord everybody waits until the room has finished.",
    ),
)


@perturbation(
    "off_topic_long",
    family="discrimination",
    summary="the worse response replaced by a long, fluent text on something else",
    papers=("arXiv:2407.06551",),
    markers=tuple(text[0] for text in _TEXTS),
    dose=(3.0,),
    targets="worse",
)
def off_topic_long(text: str, draw: Draw, *, dose: Annotated[float, Interval(ge=1, le=10)] = 3.0) -> str:
    """Write of something else, at length.

    Args:
        text: The response; nothing of it is kept.
        draw: The stream.
        dose: The least length, as a multiple of the longer of the two responses.
    """
    longer = max(len(text), len(draw.item.response_a), len(draw.item.response_b))
    written, *others = draw.choice(_TEXTS)
    gap = " "
    while gap == " " or len(written) < dose * longer:
        draw.rng.shuffle(others)
        written, gap = f"{written}{gap}{' '.join(others)}", "\n\n"
    return written


@off_topic_long.check
def _longer_and_nothing_kept(before: str, after: str, *, dose: float) -> Check:
    failures = ["the response is still there"] if before.strip() and before in after else []
    if len(after) < dose * len(before):
        failures.append(f"not {dose:g} times as long as the response")
    return Check(tuple(failures), {"dose": dose})
