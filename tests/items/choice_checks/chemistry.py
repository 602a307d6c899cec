"""The right options of the chemistry questions, computed from atomic weights and formulas."""

import re
from collections import Counter
from fractions import Fraction
from math import log10

WEIGHTS = {
    "H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "Mg": 24.305, "Al": 26.982, "K": 39.098, "Ca": 40.078,
    "Mn": 54.938, "Fe": 55.845, "Cl": 35.45,
}  # fmt: skip
"""Standard atomic weights, abridged to five digits."""
PROTONS = {"Cl": 17}
NAMES = {"carbon": "C", "magnesium": "Mg", "aluminium": "Al", "iron": "Fe"}
GAS_CONSTANT = 8.314462618


def atoms(formula: str) -> Counter[str]:
    found = Counter[str]()
    for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        found[element] += int(count or 1)
    return found


def mass(formula: str) -> float:
    return sum(WEIGHTS[element] * count for element, count in atoms(formula).items())


def is_balanced(coefficients: str, left: list[str], right: list[str]) -> bool:
    counts = [int(n) for n in coefficients.split(", ")]
    sides = [Counter[str](), Counter[str]()]
    for place, (number, formula) in enumerate(zip(counts, left + right, strict=True)):
        for element, count in atoms(formula).items():
            sides[place >= len(left)][element] += number * count
    return sides[0] == sides[1]


def balanced(candidates: list[str], left: list[str], right: list[str]) -> str:
    (found,) = [c for c in candidates if is_balanced(c, left, right)]
    return found


def nitrogen_share() -> str:
    return f"{100 * atoms('NH4NO3')['N'] * WEIGHTS['N'] / mass('NH4NO3'):.1f} %"


def gas_volume(moles: float, kelvin: float, pascal: float) -> str:
    return f"{1000 * moles * GAS_CONSTANT * kelvin / pascal:.1f} L"


def oxidation_state() -> str:
    """A neutral whole of potassium at +1 and oxygen at -2."""
    return f"{-(1 * 1 + 4 * -2):+d}"


def left_over(hydrogen: Fraction, oxygen: Fraction) -> str:
    used = min(hydrogen / 2, oxygen)
    rest = {"hydrogen": hydrogen - 2 * used, "oxygen": oxygen - used}
    (name,) = [n for n, amount in rest.items() if amount]
    return f"{float(rest[name]):g} mol of {name}"


def empirical_formula(shares: dict[str, float], candidates: list[str]) -> str:
    moles = {element: share / WEIGHTS[element] for element, share in shares.items()}
    smallest = min(moles.values())
    whole = Counter({element: round(amount / smallest) for element, amount in moles.items()})
    (found,) = [c for c in candidates if atoms(c) == whole]
    return found


def most_atoms() -> str:
    return max(NAMES, key=lambda name: 10 / WEIGHTS[NAMES[name]])


IRON = (["Fe2O3", "CO"], ["Fe", "CO2"])
PROPANE = (["C3H8", "O2"], ["CO2", "H2O"])

CHECKS = {
    "chemistry-choice-001": lambda _: f"{mass('CaCO3'):.1f} g/mol",
    "chemistry-choice-002": lambda _: f"{36.0 / mass('H2O'):.1f} mol",
    "chemistry-choice-003": lambda _: nitrogen_share(),
    "chemistry-choice-004": lambda _: balanced(
        ["1, 3, 2, 3", "1, 2, 2, 2", "2, 3, 4, 3", "1, 1, 2, 1"], *IRON
    ),
    "chemistry-choice-005": lambda _: balanced(
        ["1, 5, 3, 4", "1, 4, 3, 4", "2, 9, 6, 8", "1, 7, 3, 8"], *PROPANE
    ),
    "chemistry-choice-006": lambda _: f"{-log10(0.001):g}",
    "chemistry-choice-007": lambda _: f"{2.0 * 50 / 250:.2f} mol/L",
    "chemistry-choice-008": lambda _: str(37 - PROTONS["Cl"]),
    "chemistry-choice-009": lambda _: gas_volume(0.50, 273.15, 101_325),
    "chemistry-choice-010": lambda _: oxidation_state(),
    "chemistry-choice-011": lambda _: f"{80 * 0.5 ** (24 / 8):g} mg",
    "chemistry-choice-012": lambda _: left_over(Fraction(3), Fraction(2)),
    "chemistry-choice-013": lambda _: empirical_formula(
        {"C": 40.0, "H": 6.7, "O": 53.3}, ["CH2O", "C2H4O", "CH4O", "C3H6O"]
    ),
    "chemistry-choice-014": lambda _: most_atoms(),
    "chemistry-choice-015": lambda _: f"{4.18 * 200 * (35 - 20) / 1000:.1f} kJ",
    "chemistry-choice-016": lambda _: f"{12.15 / WEIGHTS['Mg'] * mass('MgO'):.1f} g",
}
