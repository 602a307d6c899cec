"""The right options of the psychology questions, from the data in them and two tables of stages of its own."""

import re
from math import log2
from statistics import NormalDist, correlation, fmean, median

from bank_checks.reading import numbers

PIAGET = ("sensorimotor", "preoperational", "concrete operational", "formal operational")
MASLOW = ("physiological", "safety", "belonging and love", "esteem", "self-actualisation")


def share_below(prompt: str) -> str:
    mean, deviation, score = numbers(prompt)
    return f"{100 * NormalDist(mean, deviation).cdf(score):.0f} %"


def schedule(prompt: str) -> str:
    """Of the four, by what the pellets hung on and whether it stayed the same."""
    counts = numbers(prompt)
    kind = "ratio" if "however long they took" in prompt and "pecks" in prompt else "interval"
    return f"{'fixed' if len(set(counts)) == 1 else 'variable'} {kind}"


def interference(prompt: str) -> str:
    times = numbers(prompt)
    return f"{fmean(times[3:]) - fmean(times[:3]):g} ms"


def serial_position(prompt: str) -> str:
    shares = numbers(prompt)
    middle = fmean(shares[2:-2])
    primacy, recency = fmean(shares[:2]) > middle + 10, fmean(shares[-2:]) > middle + 10
    return {
        (True, False): "a primacy effect without a recency effect",
        (False, True): "a recency effect without a primacy effect",
        (True, True): "both a primacy and a recency effect",
        (False, False): "neither a primacy nor a recency effect",
    }[primacy, recency]


def savings(prompt: str) -> str:
    first, again = numbers(prompt)
    return f"{100 * (first - again) / first:g} %"


def most_sensitive(prompt: str) -> str:
    rates = re.findall(r"(Ann|Ben|Cleo|Dov) (?:has )?(\d+) %(?: hits)? and (\d+) %", prompt)
    assert len(rates) == 4
    return max(rates, key=lambda rate: int(rate[1]) - int(rate[2]))[0]


def relation(prompt: str) -> str:
    pairs = [(int(x), int(y)) for x, y in re.findall(r"\((\d+), (\d+)\)", prompt)]
    r = correlation(*zip(*pairs, strict=True))
    if abs(r) < 0.1:
        return "not at all"
    return f"{'strongly' if abs(r) > 0.7 else 'weakly'} and {'positively' if r > 0 else 'negatively'}"


def cohens_d(prompt: str) -> str:
    treated, control, deviation = numbers(prompt)
    return f"{(treated - control) / deviation:g}"


def weber(prompt: str) -> str:
    base, changed, other = numbers(prompt)
    return f"{(changed - base) / base * other:g} g"


def hick() -> str:
    slope = (400 - 300) / (log2(4) - log2(2))
    return f"{300 + slope * (log2(16) - log2(2)):g} ms"


def likert(answers: tuple[int, ...], turned: tuple[int, ...]) -> str:
    return f"{fmean(6 - a if place in turned else a for place, a in enumerate(answers, 1)):.1f}"


def independent_variable(prompt: str) -> str:
    """What the text says was assigned."""
    found = re.search(r"randomly assigned to study with (\w+) or in (\w+)", prompt)
    return " or ".join(found.groups()) if found else ""


def kappa(both_calm: int, both_tense: int, each_way: int) -> str:
    total = both_calm + both_tense + 2 * each_way
    agreed = (both_calm + both_tense) / total
    calm = (both_calm + each_way) / total
    chance = calm**2 + (1 - calm) ** 2
    return f"{(agreed - chance) / (1 - chance):.1f}"


CHECKS = {
    "psychology-choice-001": share_below,
    "psychology-choice-002": schedule,
    "psychology-choice-003": interference,
    "psychology-choice-004": serial_position,
    "psychology-choice-005": savings,
    "psychology-choice-006": most_sensitive,
    "psychology-choice-007": relation,
    "psychology-choice-008": cohens_d,
    "psychology-choice-009": weber,
    "psychology-choice-010": lambda _: hick(),
    "psychology-choice-011": lambda prompt: f"{median(numbers(prompt)):g} ms",
    "psychology-choice-012": lambda _: likert((4, 2, 5, 1), (2, 4)),
    "psychology-choice-013": lambda _: f"the {PIAGET[PIAGET.index('preoperational') + 1]} stage",
    "psychology-choice-014": lambda _: MASLOW[MASLOW.index("safety") + 1],
    "psychology-choice-015": independent_variable,
    "psychology-choice-016": lambda _: kappa(40, 40, 10),
}
