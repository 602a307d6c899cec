from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from judgebench.report.cards import GRAVITY, cards_of
from judgebench.report.effects import lines_of
from judgebench.report.model import Audit
from judgebench.report.sentences import meaning_of


@pytest.fixture
def meaning(make_audit: Callable[..., Audit], build: SimpleNamespace) -> Callable[..., str]:
    def said(estimand: str, estimate: float, low: float, high: float, **more: Any) -> str:
        (line,) = lines_of(make_audit(rows=[build.row("authority", estimand, estimate, low, high, **more)]))
        return meaning_of(line)

    return said


@pytest.mark.parametrize(
    ("estimand", "figures", "words"),
    [
        ("first_preference", (-0.082, -0.11, -0.05), "shown first wins about 42, where 50 would be fair (from 39 to"),
        ("target_preference", (-0.03, -0.08, 0.02), "wins about 3 fewer than without the change (from 8 fewer to 2 m"),
        ("target_preference", (0.001, -0.002, 0.02), "about no more than without the change (from no more to 2 more)"),
        ("dbg", (0.12, 0.02, 0.2), "own texts win about 12 more than gold gives them (from 2 more to 20 more)."),
        ("score_shift", (-0.583, -1.1, 0.25), "score is about 0.58 lower than without the change, on the judge's"),
    ],
)  # fmt: skip
def test_a_meaning_says_how_many_of_a_hundred_with_its_range(
    meaning: Callable[..., str], estimand: str, figures: tuple[float, float, float], words: str
) -> None:
    assert words in meaning(estimand, *figures)


def test_a_meaning_says_what_the_decision_leaves_open(meaning: Callable[..., str]) -> None:
    open_ended = meaning("target_preference", 0.03, -0.02, 0.08, decision="inconclusive")
    assert open_ended.endswith("More items are needed to tell.")
    assert meaning("target_preference", 0.0, -0.02, 0.02, decision="equivalent").endswith(
        "too little to matter."
    )


def test_an_unknown_quantity_and_a_missing_interval_have_no_meaning(meaning: Callable[..., str]) -> None:
    assert meaning("something_else", 0.1, 0.0, 0.2) == ""
    assert meaning("target_preference", 0.1, 0.0, 0.2, conf_low=None) == ""


def test_cards_come_by_gravity_and_then_by_size(simulated: Audit) -> None:
    cards = cards_of(lines_of(simulated), {})
    places = [(GRAVITY.index(card.verdict), -card.size) for card in cards]
    assert places == sorted(places)
    assert len(cards) == 8


def test_bars_share_one_scale_and_lie_within_it(simulated: Audit) -> None:
    bars = {card.name: card.bar for card in cards_of(lines_of(simulated), {})}
    for bar in bars.values():
        assert bar is not None
        assert 0 <= bar.low <= bar.at <= bar.high <= 100
        assert bar.band_low + bar.band_width / 2 == pytest.approx(50, abs=0.02)
    position, authority = bars["Position"], bars["Authority"]
    assert position is not None
    assert authority is not None
    assert (position.at - 50) / (authority.at - 50) == pytest.approx(0.08215 / 0.0617, rel=0.01)


def test_an_effect_on_another_scale_has_no_bar(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    shift = build.row("authority", "score_shift", 0.5, 0.1, 0.9, unit="scale points")
    (card,) = cards_of(lines_of(make_audit(rows=[shift])), {})
    assert card.bar is None
    assert card.estimate == "+0.500 scale points"
