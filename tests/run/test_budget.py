from __future__ import annotations

from collections.abc import Callable

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Request
from judgebench.run.budget import BudgetGuard, Room, largest_cost
from judgebench.run.prices import Price

PRICE = Price(input=0.0, output=1.0)  # 50 tokens of answer: 50e-6 USD at most
LARGEST = 50e-6


def test_a_request_costs_at_most_its_longest_answer_and_a_token_a_byte(
    requests: Callable[..., list[Request]],
) -> None:
    (request,) = requests(7)  # "question 7": 10 bytes
    assert largest_cost(request, PRICE) == pytest.approx(LARGEST)
    assert largest_cost(request, Price(input=1.0, output=0.0)) == pytest.approx((10 + 16) * 1e-6)


def test_what_is_in_flight_is_set_aside(requests: Callable[..., list[Request]]) -> None:
    one, two, three = requests(1, 2, 3)
    guard = BudgetGuard(2.5 * LARGEST, PRICE)
    assert [guard.reserve(r) for r in (one, two, three)] == [Room.YES, Room.YES, Room.NOT_YET]
    guard.settle(one, 0.1 * LARGEST)
    assert guard.reserve(three) is Room.YES
    guard.settle(two, LARGEST)
    guard.settle(three, LARGEST)
    assert guard.spent_usd == pytest.approx(2.1 * LARGEST)
    assert guard.reserve(one) is Room.NO


def test_what_was_spent_before_counts(requests: Callable[..., list[Request]]) -> None:
    assert BudgetGuard(2 * LARGEST, PRICE, spent_usd=1.5 * LARGEST).reserve(requests(1)[0]) is Room.NO


@pytest.mark.parametrize(
    ("kind", "status", "spent"),
    [("rate_limit", 429, 0.0), ("fatal", 400, 0.0), ("timeout", None, LARGEST), ("malformed", 200, LARGEST)],
)
def test_an_attempt_whose_fate_is_unknown_counts_as_spent(
    requests: Callable[..., list[Request]],
    fault: Callable[..., JudgeFault],
    kind: str,
    status: int | None,
    spent: float,
) -> None:
    (request,) = requests(1)
    guard = BudgetGuard(1.0, PRICE)
    guard.reserve(request)
    guard.settle(request, None, fault(kind, status=status))
    assert guard.spent_usd == pytest.approx(spent)


def test_a_budget_needs_a_price_and_must_be_positive() -> None:
    with pytest.raises(InputError, match="price of this judge is unknown"):
        BudgetGuard(1.0, None)
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="more than 0"):
            BudgetGuard(wrong, PRICE)
