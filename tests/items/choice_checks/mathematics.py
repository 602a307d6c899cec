"""The right options of the mathematics questions, computed by brute force where that is the plainest way."""

from fractions import Fraction
from itertools import combinations, permutations, product
from math import factorial, gcd, hypot

from bank_checks.reading import numbers


def seatings(people: int) -> int:
    rounds = {min(p[i:] + p[:i] for i in range(people)) for p in permutations(range(people))}
    return len(rounds)


def second_roll_higher() -> str:
    rolls = list(product(range(1, 7), repeat=2))
    return str(Fraction(sum(second > first for first, second in rolls), len(rolls)))


def odd_numbers_to(total: int) -> int:
    count = 0
    while total > 0:
        total -= 2 * count + 1
        count += 1
    assert total == 0
    return count


def diagonals(corners: int) -> int:
    return sum((b - a) % corners not in {1, corners - 1} for a, b in combinations(range(corners), 2))


def prime_among(*candidates: int) -> int:
    (prime,) = [n for n in candidates if all(n % d for d in range(2, n))]
    return prime


def coefficient_of_cube() -> int:
    power = [1]
    for _ in range(6):
        power = [a + 2 * b for a, b in zip([*power, 0], [0, *power], strict=True)]
    return power[3]


def smallest_value() -> int:
    """On a fine grid that holds the vertex, which is a whole number."""
    return min(int(x * x - 6 * x + 11) for x in range(-100, 101))


def base_of(digits: str, value: int) -> int:
    (base,) = [b for b in range(4, 37) if int(digits, b) == value]
    return base


def zeros_at_the_end(number: int) -> int:
    text = str(number)
    return len(text) - len(text.rstrip("0"))


def both_pipes() -> str:
    minutes = 60 / (Fraction(1, 6) + Fraction(1, 4))
    return f"{minutes // 60} hours {minutes % 60} minutes"


def crossing() -> str:
    (x1, y1), (x2, y2) = (2, 7), (6, -1)
    return f"{x1 - y1 * Fraction(x2 - x1, y2 - y1)!s}".replace("11/2", "5.5")


def lines_up(prompt: str, *wanted: float) -> bool:
    """Whether the question still holds the numbers that the check computes with."""
    found = numbers(prompt)
    return all(n in found for n in wanted)


CHECKS = {
    "mathematics-choice-001": lambda prompt: str(7**100 % 13) if lines_up(prompt, 7, 100, 13) else "",
    "mathematics-choice-002": lambda prompt: str(seatings(5)) if "Five" in prompt else "",
    "mathematics-choice-003": lambda _: second_roll_higher(),
    "mathematics-choice-004": lambda prompt: str(odd_numbers_to(1521)) if lines_up(prompt, 1521) else "",
    "mathematics-choice-005": lambda prompt: str(gcd(1071, 462)) if lines_up(prompt, 1071, 462) else "",
    "mathematics-choice-006": lambda prompt: str(diagonals(12)) if lines_up(prompt, 12) else "",
    "mathematics-choice-007": lambda _: str(prime_among(391, 397, 403, 407)),
    "mathematics-choice-008": lambda prompt: f"{hypot(20, 21):g} cm" if lines_up(prompt, 20, 21) else "",
    "mathematics-choice-009": lambda _: str(coefficient_of_cube()),
    "mathematics-choice-010": lambda prompt: str(smallest_value()) if lines_up(prompt, 6, 11) else "",
    "mathematics-choice-011": lambda prompt: str(base_of("231", 66)) if lines_up(prompt, 231, 66) else "",
    "mathematics-choice-012": lambda prompt: (
        str(zeros_at_the_end(factorial(30))) if lines_up(prompt, 30) else ""
    ),
    "mathematics-choice-013": lambda prompt: f"{(6 * 14 - 24) / 5:g}" if lines_up(prompt, 14, 24) else "",
    "mathematics-choice-014": lambda prompt: both_pipes() if lines_up(prompt, 6, 4) else "",
    "mathematics-choice-015": lambda prompt: (
        str(sum(n % 4 == 0 or n % 6 == 0 for n in range(1, 1001))) if lines_up(prompt, 4, 6, 1000) else ""
    ),
    "mathematics-choice-016": lambda prompt: crossing() if lines_up(prompt, 2, 7, 6) else "",
}
