from collections.abc import Callable
from types import SimpleNamespace

import pytest

from judgebench.report import formats
from judgebench.report.effects import effects_of
from judgebench.report.model import Audit


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [
        (8.215, True, "+8.2"),
        (-3.14, True, "\N{MINUS SIGN}3.1"),
        (-3.14, False, "\N{MINUS SIGN}3.1"),
        (8.2, False, "8.2"),
        (-0.04, True, "0.0"),
        (0.0, True, "0.0"),
        (None, True, "\N{EN DASH}"),
    ],
)
def test_a_number_has_a_true_minus_and_zero_has_no_sign(
    value: float | None, signed: object, shown: str
) -> None:
    assert formats.quantity(value, signed=bool(signed)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1e-9, "<.001"),
        (0.0004, "<.001"),
        (0.0006, ".001"),
        (0.0421, ".042"),
        (0.9999, ">.999"),
        (1.0, ">.999"),
        (None, "\N{EN DASH}"),
    ],
)
def test_a_p_value_has_no_leading_zero_and_is_never_nought_or_one(value: float | None, shown: str) -> None:
    assert formats.p_value(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "$0.00"), (0.012, "$0.0120"), (1234.5, "$1,234.50"), (None, "cost unknown")]
)
def test_money(value: float | None, shown: str) -> None:
    assert formats.money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(4.25, "4.2 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200.4, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_a_duration(value: float, shown: str) -> None:
    assert formats.seconds(value) == shown


def test_differences_are_in_points_with_a_sign_and_rates_in_percent_without(audit: Audit) -> None:
    shown = {
        (e.bias, e.estimand): formats.measured(e)
        for e in effects_of(audit)
        if e.bias in ("position", "agreement")
    }
    assert shown["position", "first_preference"] == "+8.2 points"
    assert shown["position", "swap_inconsistency"] == "21.4 %"
    assert shown["agreement", "accuracy"] == "81.4 %"


def test_another_scale_is_printed_on_that_scale(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    shift = build.row("scale_use", "score_shift", -0.25, -0.5, 0.0, unit="score points of 10")
    (effect,) = effects_of(make_audit(rows=[shift]))
    assert formats.measured(effect) == "\N{MINUS SIGN}0.250 score points of 10"
    assert formats.interval(effect) == "[\N{MINUS SIGN}0.500, 0.000]"


def test_a_margin_is_in_points_for_shares_and_on_their_scale_for_scores(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    share = build.row("authority", "target_preference", 0.1, 0.0, 0.2, margin=0.05)
    score = build.row("authority", "score_shift", 0.5, 0.1, 0.9, margin=0.45, unit="scale points")
    found = effects_of(make_audit(rows=[score, share, share]))
    assert [formats.margin(effect) for effect in found[:2]] == ["±0.45 scale points", "±5 points"]
    assert formats.margins(found) == "±5 points or ±0.45 scale points"


@pytest.mark.parametrize(
    ("estimate", "high", "shown"),
    [
        (1107.5, 1157.7, ("+1\u2009108", "[0, +1\u2009158]")),
        (73.236, 73.4, ("+73.2", "[0.0, +73.4]")),
        (0.000412, 0.0005, ("+0.000412", "[0.000000, +0.000500]")),
    ],
)
def test_a_cost_has_three_digits_that_count_and_its_interval_as_many_decimals(
    make_audit: Callable[..., Audit],
    build: SimpleNamespace,
    estimate: float,
    high: float,
    shown: tuple[str, str],
) -> None:
    row = build.row("cost", "extra_usd", estimate, 0.0, high, unit="USD per verdict")
    (effect,) = effects_of(make_audit(rows=[row]))
    assert (formats.estimate(effect), formats.interval(effect)) == shown
    assert all(map(formats.is_number, shown))
