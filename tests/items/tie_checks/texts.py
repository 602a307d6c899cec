"""Checks of the other ties: what the prompt asks for, computed or counted in both responses alike."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from bank_checks.reading import (
    Check,
    bold,
    bold_number,
    bullets,
    has_word,
    missing,
    numbered,
    numbers,
    sentences,
    spans,
    words,
)

VEGETABLES = {
    "beetroot", "cabbage", "carrot", "celery", "kale", "leek", "parsnip", "radish", "spinach", "turnip",
}  # fmt: skip
RHYMES_OF_MOON = {"tune", "june", "soon", "noon", "spoon"}
LADDER = {"CORD", "CARD", "WORD", "WARD", "WORM"}
EATEN = ({"fox", "goose"}, {"goose", "grain"})


def computes(result: Callable[..., object], *given: float) -> Check:
    """The bold number is what comes out of the numbers that the prompt gives."""

    def check(prompt: str, response: str) -> bool:
        assert not {*given} - {*numbers(prompt)}, "the prompt does not hold these numbers"
        return bold_number(response) == round(float(result(*given)), 2)  # type: ignore[arg-type]  # a number

    return check


def answers(answer: str, *given: str, banned: Sequence[str] = ()) -> Check:
    """The bold passage is the answer that these phrases of the prompt make, and nothing that it denies is said."""

    def check(prompt: str, response: str) -> bool:
        assert not missing(prompt, given), f"not in the prompt: {missing(prompt, given)}"
        return bold(response).lower() == answer.lower() and not (banned and has_word(response, banned))

    return check


def keeps(*needed: str, banned: Sequence[str] = (), most: int = 1000) -> Check:
    """All these facts are in the rewritten text, and it is no longer than so many letters."""

    def check(prompt: str, response: str) -> bool:
        return (
            not missing(response, needed)
            and not (banned and has_word(response, banned))
            and len(response) < most
        )

    return check


def five_vegetables(prompt: str, response: str) -> bool:
    lines = response.splitlines()
    return len(lines) == 5 and lines == sorted(lines) and set(lines) <= VEGETABLES


def twelve_words(prompt: str, response: str) -> bool:
    return len(words(response)) == 12


def declines_friday(prompt: str, response: str) -> bool:
    short = len(words(response)) <= 25 and response.endswith("!")
    return short and has_word(response, ["Friday"]) and not has_word(response, ["sorry"])


def starts_with_b_i_k(prompt: str, response: str) -> bool:
    return [sentence[0] for sentence in sentences(response)] == ["B", "I", "K"]


def asks_with_numbers_in_order(prompt: str, response: str) -> bool:
    return numbers(response) == [4, 8, 15] and len(sentences(response)) == 1 and response.endswith("?")


def rhymes_on_moon(prompt: str, response: str) -> bool:
    first, second = (re.findall(r"[a-z]+", line.lower())[-1] for line in response.splitlines())
    return first in RHYMES_OF_MOON and second == "moon"


def spells_tea(prompt: str, response: str) -> bool:
    lines = response.splitlines()
    return [line[0] for line in lines] == ["T", "E", "A"] and all(len(words(line)) <= 6 for line in lines)


def short_note(prompt: str, response: str) -> bool:
    return len(words(response)) <= 12 and not missing(response, ["9 May", "library", "meeting"])


def is_active(prompt: str, response: str) -> bool:
    order = [response.index(part) for part in ("twins broke the window", "heir mother told the neighbours")]
    return order == sorted(order) and not has_word(response, ["was", "were", "by"])


def four_things(prompt: str, response: str) -> bool:
    things = bullets(response)
    wanted = ["rain jacket", "bottle of water", "sandwiches", "map of the area"]
    return len(things) == 4 and all(w in thing for w, thing in zip(wanted, things, strict=True))


def in_the_past(prompt: str, response: str) -> bool:
    return not missing(
        response, ["opened", "swept", "put", "at six", "step", "first loaves", "window"]
    ) and not (has_word(response, ["opens", "sweeps", "puts"]))


def seating_works(prompt: str, response: str) -> bool:
    row = bold(response).split(", ")
    seat = {name: place for place, name in enumerate(row)}
    return (
        sorted(row) == ["Pia", "Quin", "Ravi", "Sue", "Tom"]
        and abs(seat["Pia"] - seat["Quin"]) > 1
        and seat["Ravi"] in {0, 4}
        and abs(seat["Sue"] - seat["Ravi"]) == 1
    )


def stamps_add_up(prompt: str, response: str) -> bool:
    fives, sevens = numbers(bold(response))
    return 5 * fives + 7 * sevens == 59


def crossing_works(prompt: str, response: str) -> bool:
    """The boat starts on this side; each step is over or back, alone or with one of the three."""
    here, there = {"fox", "goose", "grain"}, set[str]()
    for place, step in enumerate(numbered(response)):
        start, goal, way = (there, here, "back") if place % 2 else (here, there, "over")
        assert has_word(step, [way])
        carried = {cargo for cargo in ("fox", "goose", "grain") if has_word(step, [cargo])}
        if not carried <= start or len(carried) > 1:
            return False
        start -= carried
        goal |= carried
        if any(meal <= start for meal in EATEN):
            return False
    return not here


def ladder_works(prompt: str, response: str) -> bool:
    rungs = bold(response).split(", ")
    steps = [sum(a != b for a, b in zip(x, y, strict=True)) for x, y in pairwise(rungs)]
    return rungs[0] == "COLD" and rungs[-1] == "WARM" and set(rungs[1:-1]) <= LADDER and set(steps) == {1}


def pictures_hang_right(prompt: str, response: str) -> bool:
    row = bold(response).split(", ")
    return sorted(row) == list("ABCD") and row.index("A") < row.index("B") and row.index("C") in {1, 2}


def machine_is_shared(prompt: str, response: str) -> bool:
    ((saw, sawn),), ((sand, sanded),) = spans(response.splitlines()[0]), spans(response.splitlines()[1])
    apart = sawn <= sand or sanded <= saw
    return (
        sawn - saw == 25
        and sanded - sand == 40
        and sawn <= 600
        and min(saw, sand) >= 540
        and sanded <= 630
        and apart
    )


CHECKS = {
    "arithmetic-tie-001": computes(lambda w, h, a, b, m: 2 * (w * h - a * b) / m, 5.2, 2.5, 0.9, 2, 8),
    "arithmetic-tie-002": computes(lambda flour, people, guests: flour / people * guests, 350, 4, 10),
    "arithmetic-tie-003": computes(lambda km, h, m: km / (h + m / 60), 168, 1, 45),
    "arithmetic-tie-004": computes(lambda price, off, voucher: price * (1 - off / 100) - voucher, 80, 15, 5),
    "arithmetic-tie-005": computes(lambda a, b, c, d, mean: 5 * mean - (a + b + c + d), 7, 9, 4, 8, 7.5),
    "arithmetic-tie-006": computes(lambda price, have, rate: -((have - price) // rate), 429, 185, 30.50),
    "arithmetic-tie-007": computes(lambda bill, tip: bill * (1 + tip / 100) / 4, 96.40, 10),
    "arithmetic-tie-008": computes(
        lambda use, per, price, km: Fraction(str(use)) / per * Fraction(str(price)) * km, 6.2, 100, 1.75, 340
    ),
    "instruction_following-tie-001": five_vegetables,
    "instruction_following-tie-002": twelve_words,
    "instruction_following-tie-003": declines_friday,
    "instruction_following-tie-004": starts_with_b_i_k,
    "instruction_following-tie-005": asks_with_numbers_in_order,
    "instruction_following-tie-006": rhymes_on_moon,
    "instruction_following-tie-007": spells_tea,
    "factual-tie-001": answers("16:00", "closes an hour before the museum, which is at 17:00"),
    "factual-tie-002": answers("pump seal", "Replaced the pump seal, which was leaking"),
    "factual-tie-003": answers("Oskar", "Oskar prints them because he has access"),
    "factual-tie-004": answers("5 km", "river for 3 km", "After 2 km you come to a chapel"),
    "factual-tie-005": answers("No", "Flowers are edible, berries are not"),
    "factual-tie-006": answers("10:30", "Sat 8-14 max. 1 hour", "It's Saturday, 9:30"),
    "rewriting-tie-001": short_note,
    "rewriting-tie-002": is_active,
    "rewriting-tie-003": keeps("empty by 6 pm", "key to Mr Brandt"),
    "rewriting-tie-004": keeps(
        "I am sure",
        "we will find it",
        "if we do not",
        "it is not the end of the world",
        banned=["isn't", "don't"],
    ),
    "rewriting-tie-005": four_things,
    "rewriting-tie-006": in_the_past,
    "rewriting-tie-007": keeps("Tuesday", "Thursday", "14:20", "Dr Ames is ill", "dentist", most=100),
    "reasoning-tie-001": seating_works,
    "reasoning-tie-002": stamps_add_up,
    "reasoning-tie-003": crossing_works,
    "reasoning-tie-004": ladder_works,
    "reasoning-tie-005": pictures_hang_right,
    "reasoning-tie-006": machine_is_shared,
}
