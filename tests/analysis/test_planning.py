from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judgebench.analysis.pilot import pilot_spreads
from judgebench.analysis.planning import (
    Wanted,
    comparisons,
    confirmatory_effects,
    forecast,
    rough_effect,
    usual,
)
from judgebench.errors import InputError
from judgebench.run.export import write_table
from judgebench.run.plan import Plan
from judgebench.stats.power import effect_power, equivalence_power
from judgebench.suite import Suite, load_suite

SUITE = """\
suite: s
items: [{source: bank, limit: 40}]
perturbations:
  - position
  - authority
  - bandwagon: {targets: both}
  - positive_control
"""
PLAN = Plan(40, 1120, 1600, 1120, 100, 100, None)

Make = Callable[..., Suite]


@pytest.fixture
def suite(tmp_path: Path) -> Make:
    def make(text: str = SUITE) -> Suite:
        (tmp_path / "s.yaml").write_text(text)
        return load_suite(tmp_path / "s.yaml")

    return make


def test_a_comparison_counts_what_the_suite_averages_over(suite: Make) -> None:
    found = {c.perturbation: c for c in comparisons(suite())}
    # position takes both orders into one difference, and controls are asked twice
    assert (found["position"].orders, found["position"].repeats) == (1, 2)
    assert (found["authority"].orders, found["authority"].targets, found["authority"].repeats) == (2, 1, 1)
    assert found["bandwagon"].targets == 2
    assert [c.confirmatory for c in found.values()] == [True, True, True, False]


@pytest.mark.parametrize(
    ("protocol", "position", "cue"),
    [
        ("choice: {orders: latin}", 2, 4),
        ("choice", 1, 2),
        ("choice: {orders: given, at_least: 2}", 1, 2),
        ("pairwise", 1, 2),
        ("pointwise", 1, 1),
    ],
)
def test_a_comparison_counts_the_orders_that_the_protocol_asks(
    suite: Make, protocol: str, position: int, cue: int
) -> None:
    kind = "choice" if protocol.startswith("choice") else "pairs"
    made = suite(
        f"suite: s\nitems: [{{source: bank, set: {kind}, limit: 12}}]\nprotocols: [{protocol}]\n"
        "perturbations: [position, authority]\n"
    )
    assert [c.orders for c in comparisons(made)] == [position, cue]


def test_items_without_gold_do_not_count_where_the_target_is_chosen_by_gold(
    tmp_path: Path, suite: Make
) -> None:
    rows = [
        {"id": str(i), "prompt": "p", "response_a": "x", "response_b": "y", "gold": "a" if i < 3 else None}
        for i in range(8)
    ]
    (tmp_path / "i.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = suite(
        "suite: s\nitems: [{source: file, path: i.jsonl}]\n"
        "perturbations: [{authority: {targets: worse}}, length]\n"
    )
    assert [c.items for c in comparisons(made)][:2] == [3, 8]


@pytest.mark.parametrize(("orders", "repeats", "measured"), [(1, 1, 0.54), (2, 1, 0.40), (2, 3, 0.24)])
def test_the_usual_variances_give_the_measured_deviations(
    suite: Make, orders: int, repeats: int, measured: float
) -> None:
    authority = next(c for c in comparisons(suite()) if c.perturbation == "authority")
    assert usual(authority).sd(orders, repeats) == pytest.approx(measured, abs=0.01)


@pytest.mark.parametrize("items", [20, 40, 200])
def test_the_line_of_a_run_agrees_with_the_exact_effect(suite: Make, items: int) -> None:
    made = suite(SUITE.replace("limit: 40", f"limit: {items}"))
    exact = max(o.effect or 0 for o in forecast(made, PLAN, Wanted()).outlooks if o.comparison.confirmatory)
    assert rough_effect(made) == pytest.approx(exact, rel=0.01)


def test_the_figures_are_those_of_the_power_functions(suite: Make) -> None:
    found = forecast(suite(), PLAN, Wanted(sd=0.4, effect=0.1, margin=0.08, power=0.9))
    assert found.confirmatory == 3
    for outlook in found.outlooks:
        assert outlook.sd == pytest.approx(0.4)
        assert outlook.effect is not None
        assert effect_power(outlook.effect, 0.4, 40) == pytest.approx(0.9, abs=1e-6)
        assert outlook.items_for_effect is not None
        n, m = outlook.items_for_effect, outlook.items_for_equivalence
        assert m is not None
        assert effect_power(0.1, 0.4, n) >= 0.9 > effect_power(0.1, 0.4, n - 1)
        assert equivalence_power(0.08, 0.4, m) >= 0.9 > equivalence_power(0.08, 0.4, m - 1)
    position, *_, control = found.outlooks
    assert position.effect_holm is not None
    assert effect_power(position.effect_holm, 0.4, 40, alpha=0.05 / 3) == pytest.approx(0.9, abs=1e-6)
    assert control.effect_holm is None
    assert found.splits is None


def test_every_protocol_and_mitigation_counts_among_the_confirmatory_effects(suite: Make) -> None:
    more = suite(SUITE + "mitigations: [none, system_prompt]\n")
    assert confirmatory_effects(more) == 2 * confirmatory_effects(suite())
    assert any("mitigation" in note for note in forecast(more, PLAN, Wanted()).notes)


def test_only_what_the_suite_lists_is_confirmatory(suite: Make) -> None:
    listed = suite(SUITE + "analysis: {confirmatory: [authority]}\n")
    assert [c.perturbation for c in comparisons(listed) if c.confirmatory] == ["authority"]
    assert confirmatory_effects(listed) == 1


def test_what_no_sample_can_find_is_said_as_nothing(suite: Make) -> None:
    few = suite(SUITE.replace("limit: 40", "limit: 1"))
    assert all(o.effect is None for o in forecast(few, PLAN, Wanted()).outlooks)
    assert rough_effect(few) == math.inf
    narrow = forecast(suite(), PLAN, Wanted(margin=1e-9, effect=1e-9))
    assert narrow.outlooks[0].items_for_equivalence is None
    assert narrow.outlooks[0].items_for_effect is None


def test_more_items_beat_repeats_for_the_same_requests(suite: Make) -> None:
    thrice = suite(SUITE + "repeats: 3\n")
    splits = forecast(thrice, PLAN, Wanted()).splits
    assert splits is not None
    assert splits.perturbation == "authority"
    assert (splits.own.items, splits.own.orders, splits.own.repeats) == (40, 2, 3)
    assert (splits.best[0].items, splits.best[0].repeats) == (120, 1)
    assert splits.best[0].detectable < splits.own.detectable
    assert all(best.requests <= splits.own.requests for best in splits.best)


def test_one_order_is_only_proposed_to_those_who_have_settled_for_it(suite: Make) -> None:
    text = "suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [authority]\norders: "
    orders = {}
    for chosen in ("both", "ab"):
        splits = forecast(suite(text + chosen), PLAN, Wanted()).splits
        assert splits is not None
        orders[chosen] = {best.orders for best in splits.best}
    assert orders["both"] == {2}
    assert 1 in orders["ab"]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(sd=0.0), Wanted(sd=math.nan), Wanted(effect=1.0), Wanted(margin=-0.1), Wanted(power=1.0),
        Wanted(sd=0.3, pilot=Path()),
    ],
)  # fmt: skip
def test_impossible_wishes_are_input_errors(suite: Make, wanted: Wanted) -> None:
    with pytest.raises(InputError):
        forecast(suite(), PLAN, wanted)


# A pilot drawn from known components: d of one target is tau_i + gamma_io + noise between two verdict probabilities.


def pilot(path: Path, *, items: int = 400, repeats: int = 4, targets: str = "ab", flat: bool = False) -> Path:
    rng = np.random.default_rng(5)
    path.mkdir()
    path.joinpath("run.json").write_text(json.dumps({"suite": "s", "judge": "some/judge"}))
    rows = []

    def row(item: int, order: str, repeat: int, p: float, **more: Any) -> None:
        blank = {
            "suite": "s", "judge": "some/judge", "item_id": f"i{item}", "source": "x", "perturbation": "none",
            "arm": "control", "order": order, "protocol": "pairwise", "mitigation": "none", "repeat": repeat,
            "verdict": "a", "p_a": p, "p_b": 1 - p, "p_tie": 0.0,
        }  # fmt: skip
        rows.append(blank | more)

    for item in range(items):
        own = 0.0 if flat else rng.normal(0, 0.05)
        target = targets[item % len(targets)]
        for order in ("ab", "ba"):
            shift = 0.0 if flat else own + rng.normal(0, 0.04)
            for repeat in range(repeats):
                row(item, order, repeat, 0.5)
                win = 0.5 + shift + (0.0 if flat else rng.normal(0, 0.08))
                p = win if target == "a" else 1 - win
                row(item, order, repeat, p, perturbation="authority", arm="treatment", target=target)
    write_table(path / "judgments.parquet", rows)
    return path


def test_a_pilot_gives_back_the_variances_that_it_was_drawn_from(tmp_path: Path, suite: Make) -> None:
    made = suite("suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [authority]\n")
    spreads, basis = pilot_spreads(pilot(tmp_path / "pilot"), made, list(comparisons(made)))
    found = spreads["authority"]
    assert found.item == pytest.approx(0.05**2, rel=0.25)
    assert found.order == pytest.approx(0.04**2, rel=0.25)
    assert found.repeat == pytest.approx(0.08**2, rel=0.1)
    assert "400 items" in basis
    assert "some/judge" in basis


def test_a_pilot_without_repeats_says_so_where_the_suite_has_some(tmp_path: Path, suite: Make) -> None:
    text = "suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [authority]\nrepeats: "
    path = pilot(tmp_path / "pilot", repeats=1)
    for repeats, told in ((1, False), (3, True)):
        made = suite(f"{text}{repeats}")
        assert ("no repeats" in pilot_spreads(path, made, list(comparisons(made)))[1]) == told


def test_a_pilot_in_which_nothing_moved_still_leaves_room(tmp_path: Path, suite: Make) -> None:
    made = suite("suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [position, authority]\n")
    found = forecast(made, PLAN, Wanted(pilot=pilot(tmp_path / "pilot", items=18, flat=True)))
    assert [o.sd for o in found.outlooks] == [pytest.approx(math.sqrt(2 / 20))] * 2
    assert all(o.spread.source == "pilot" for o in found.outlooks)


def test_positions_variances_are_those_of_the_preference_for_the_first(tmp_path: Path, suite: Make) -> None:
    path = pilot(tmp_path / "pilot", items=2, repeats=1)
    rows = [
        {"item_id": f"i{i}", "source": "x", "perturbation": "none", "arm": "control", "order": order,
         "protocol": "pairwise", "mitigation": "none", "repeat": 0, "verdict": verdict}
        for i, pair in enumerate(["aa", "ab", "ab", "bb"])
        for order, verdict in zip(("ab", "ba"), pair, strict=True)
    ]  # fmt: skip
    write_table(path / "judgments.parquet", rows)
    made = suite("suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [position]\n")
    spread = pilot_spreads(path, made, list(comparisons(made)))[0]["position"]
    # first preferences 0, 1/2, 1/2, 0: an item each
    assert spread.item == pytest.approx(1 / 12)
    assert spread.order == spread.repeat == 0


@pytest.mark.parametrize(
    ("perturbations", "told"),
    [
        ("[length]", "does not tell of 'length@1.5'"),
        ("[{authority: {targets: both}}]", "varies otherwise"),
        ("[authority]\nmitigations: [system_prompt]", "in other ways"),
    ],
)
def test_a_pilot_of_another_kind_is_an_input_error(
    tmp_path: Path, suite: Make, perturbations: str, told: str
) -> None:
    made = suite(f"suite: s\nitems: [{{source: bank, limit: 40}}]\nperturbations: {perturbations}\n")
    with pytest.raises(InputError, match=told):
        forecast(made, PLAN, Wanted(pilot=pilot(tmp_path / "pilot", items=4)))


def test_a_pilot_of_one_item_is_an_input_error(tmp_path: Path, suite: Make) -> None:
    made = suite("suite: s\nitems: [{source: bank, limit: 40}]\nperturbations: [authority]\n")
    with pytest.raises(InputError, match="fewer than two items"):
        forecast(made, PLAN, Wanted(pilot=pilot(tmp_path / "pilot", items=1)))


def test_sources_are_spoken_of(suite: Make) -> None:
    made = suite()
    made = replace(
        made,
        spec=made.spec.model_copy(
            update={"analysis": made.spec.analysis.model_copy(update={"cluster": "source"})}
        ),
    )
    assert any("sources" in note for note in forecast(made, PLAN, Wanted()).notes)
