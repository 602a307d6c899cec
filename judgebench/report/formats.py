"""How a number is written. Every output uses these, so every output prints the same figure.

Shares and differences of shares are printed in percentage points with one decimal. A difference carries its
sign, a rate does not. A quantity on another scale (`unit`) is printed on that scale, with three decimals, and a
cost with three digits that count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from judgebench.report.effects import USUAL, Effect, Line
from judgebench.report.labels import bias_of, combination, estimand_of, perturbation_name, variant_of
from judgebench.report.text import shorten

__all__ = [
    "ABSENT", "MINUS", "bounds", "count", "estimate", "interval", "is_number",
    "is_share", "level", "line_name", "line_parts", "margin", "margins",
    "measured", "money", "p_value", "percent", "points", "quantity", "seconds", "std_error", "truth", "unit",
]  # fmt: skip

MINUS: Final = "\N{MINUS SIGN}"
ABSENT: Final = "\N{EN DASH}"
_DIGITS: Final = r"[\u2212+]?[\d.\u2009]+"
_NUMBER: Final = re.compile(rf"{_DIGITS}|\[{_DIGITS}, {_DIGITS}\]|<\.001|>\.999")
_COSTS: Final = ("tokens per ", "USD per ", "seconds per ")
_DEEPEST: Final = 8  # decimals of a cost
_LONGEST: Final = 80
_SHARES: Final = ("probab", "share", "proportion", "rate", "preference")


def quantity(value: float | None, *, signed: bool, decimals: int = 1) -> str:
    """A number with a true minus; `signed` puts a plus before a positive one. Zero has no sign."""
    if value is None:
        return ABSENT
    digits = f"{abs(value):,.{decimals}f}".replace(",", "\u2009")
    if float(f"{abs(value):.{decimals}f}") == 0:
        return digits
    return f"{MINUS if value < 0 else '+' if signed else ''}{digits}"


def points(share: float | None) -> str:
    """A signed share in percentage points, without the unit; a NaN is absent."""
    return quantity(None if share is None or math.isnan(share) else 100 * share, signed=True)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share as a percentage."""
    return ABSENT if share is None else f"{quantity(100 * share, signed=False, decimals=decimals)} %"


def estimate(effect: Effect | None) -> str:
    """The estimate, in points or on its own scale."""
    return ABSENT if effect is None else _on_scale(effect, effect.estimate)


def truth(effect: Effect | None) -> str:
    """The planted value, on the estimate's scale."""
    return ABSENT if effect is None else _on_scale(effect, effect.truth)


def std_error(effect: Effect | None) -> str:
    """The standard error, on the estimate's scale and without a sign."""
    if effect is None or effect.std_error is None:
        return ABSENT
    share = is_share(effect)
    return quantity(
        (100 if share else 1) * effect.std_error, signed=False, decimals=1 if share else _decimals(effect)
    )


def interval(effect: Effect | None) -> str:
    """The interval in square brackets, on the estimate's scale."""
    if effect is None or effect.conf_low is None or effect.conf_high is None:
        return ABSENT
    return f"[{_on_scale(effect, effect.conf_low)}, {_on_scale(effect, effect.conf_high)}]"


def bounds(effect: Effect | None) -> str:
    """The worst-case bounds with the missing replies counted against the effect either way."""
    if effect is None or effect.bound_low is None or effect.bound_high is None:
        return ABSENT
    return f"[{_on_scale(effect, effect.bound_low)}, {_on_scale(effect, effect.bound_high)}]"


def unit(effect: Effect) -> str:
    """The unit as printed: `points` (differences), `%` (rates), or the effect's own."""
    if not is_share(effect):
        return shorten(effect.unit, 40)
    return "points" if estimand_of(effect.estimand).signed else "%"


def margin(effect: Effect) -> str:
    """The equivalence margin: in points, or on the effect's own scale."""
    if effect.margin is None:
        return ABSENT
    if is_share(effect):
        return f"±{100 * effect.margin:.3g} points"
    return f"±{effect.margin:.3g} {unit(effect)}"


def margins(effects: Iterable[Effect]) -> str:
    """All margins that some effects have, each once, those in points first; empty where none has one."""
    known = sorted(
        (effect for effect in effects if effect.margin is not None),
        key=lambda effect: (not is_share(effect), effect.margin or 0),
    )
    return " or ".join(dict.fromkeys(map(margin, known)))


def level(value: float | None) -> str:
    """A confidence level, such as `95 %`."""
    return "95 %" if value is None else f"{100 * value:.4g} %"


def measured(effect: Effect) -> str:
    """The estimate with its unit."""
    return f"{estimate(effect)} {unit(effect)}".rstrip()


def p_value(value: float | None) -> str:
    """A p-value with three decimals and no leading zero; `<.001` and `>.999` at the ends."""
    if value is None:
        return ABSENT
    if value < 0.0005:
        return "<.001"
    return ">.999" if value > 0.9995 else f"{value:.3f}".removeprefix("0")


def count(value: float | None) -> str:
    """A whole number with thin spaces between thousands."""
    return ABSENT if value is None else f"{value:,.0f}".replace(",", "\u2009")


def money(value: float | None) -> str:
    """Dollars: two decimals, four under a dime."""
    if value is None:
        return "cost unknown"
    return f"${value:,.4f}" if 0 < value < 0.1 else f"${value:,.2f}"


def seconds(value: float | None) -> str:
    """A duration such as `42 s`, `3 min 20 s` or `2 h 05 min`."""
    if value is None:
        return ABSENT
    whole = round(value)
    if whole < 60:
        return f"{value:.1f} s" if value < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def line_name(line: Line) -> str:
    """The name of a line: bias, dose, what is told of it, and what sets its protocol and mitigation apart."""
    head, rest = line_parts(line)
    return shorten(f"{head} ({rest})" if rest else head, _LONGEST)


def line_parts(line: Line) -> tuple[str, str]:
    """The name of a line in two: bias and dose; what sets it apart from other lines of that bias, may be empty.

    What is told of a bias is named where it is no usual effect.
    """
    own = line.primary
    together = own.bias == "factorial"
    name = bias_of(own.bias).name if together else perturbation_name(own.bias, own.perturbation)
    said = "" if own.estimand in USUAL else f", {estimand_of(own.estimand).name}"
    parts = (combination(own.perturbation) if together else "", variant_of(own.protocol, own.mitigation))
    return f"{name}{said}", ", ".join(part for part in parts if part)


def is_share(effect: Effect) -> bool:
    """Whether the effect is a share or a difference of shares, so that points are its printed unit."""
    return not effect.unit or any(word in effect.unit.lower() for word in _SHARES)


def is_number(text: str) -> bool:
    """Whether a cell is a number, an interval or a p-value as written here."""
    return _NUMBER.fullmatch(text) is not None


def _on_scale(effect: Effect, value: float | None) -> str:
    signed = estimand_of(effect.estimand).signed
    if value is None or is_share(effect):
        return quantity(None if value is None else 100 * value, signed=signed)
    return quantity(value, signed=signed, decimals=_decimals(effect))


def _decimals(effect: Effect) -> int:
    """Decimals on a scale of its own: a cost may be thousands of tokens or a part of a cent."""
    if not effect.unit.startswith(_COSTS):
        return 3
    largest = max((abs(v) for v in (effect.estimate, effect.conf_low, effect.conf_high) if v), default=1.0)
    return min(max(2 - math.floor(math.log10(largest)), 0), _DEEPEST)
