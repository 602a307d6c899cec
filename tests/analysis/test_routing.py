"""Which items need a human."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.routing import route
from judgebench.errors import InputError
from judgebench.stats import shrunken_proportions, wilson


def cue(item, order, verdict, arm="treatment", name="authority", **more):
    named = {"perturbation": name, "arm": arm, "target": "a"}
    return {"item_id": item, "order": order, "verdict": verdict, **named, **more}


def test_an_item_is_as_unreliable_as_its_verdict_is_rarely_the_usual_one(table, control) -> None:
    controls = [*control("steady", "a", "a"), *control("turns", "a", "b")]
    again = [*control("steady", "a", "a", repeat=1), *control("turns", "a", "b", repeat=1)]
    cues = [
        cue(item, order, said) for item, said in (("steady", "a"), ("turns", "b")) for order in ("ab", "ba")
    ]
    rows = controls + again + cues
    found = route(table(rows)).items.set_index("item_id")
    assert list(found.index) == ["turns", "steady"]
    # four ways each, repeats averaged: the usual verdict of `turns` is b, one way of four says a
    expected = shrunken_proportions([0, 1], [4, 4])
    assert list(found.loc[["steady", "turns"], "unreliability"]) == pytest.approx(list(expected.estimate))
    assert list(found.loc[["steady", "turns"], "conf_high"]) == pytest.approx(list(expected.conf_high))
    assert found.loc["turns", "verdict"] == "b"
    # controls differ between orders, cues do not
    assert (found.loc["turns", "by_order"], found.loc["steady", "by_order"]) == (0.5, 0.0)


def test_what_ought_to_change_the_verdict_does_not_count(table, control) -> None:
    rows = [
        *control("i", "a", "a"),
        cue("i", "ab", "b", arm="positive_control", name="positive_control"),
        *control("k", "a", "a"),
    ]
    found = route(table(rows)).items
    assert list(found["ways"]) == [2, 2]
    assert list(found["unreliability"]) == pytest.approx([found["unreliability"].iloc[0]] * 2)


def test_items_without_a_verdict_come_first_and_no_missing_reply_counts_as_one(table, control) -> None:
    rows = [
        *control("silent", "refused", "error"),
        *control("half", "a", "invalid"),
        *control("torn", "a", "b"),
    ]
    found = route(table(rows)).items.set_index("item_id")
    assert found.index[0] == "silent"
    assert pd.isna(found.loc["silent", "verdict"])
    assert (found.loc["half", "ways"], found.loc["half", "missing"]) == (1, 1)
    assert math.isnan(found.loc["half", "by_order"])
    assert found.loc["half", "unreliability"] < found.loc["torn", "unreliability"]


def test_the_most_reliable_items_are_kept_and_their_agreement_has_its_interval(table, control) -> None:
    rows = [row for k in range(8) for row in control(f"good{k}", "a", "a", gold="a")]
    rows += [row for k in range(2) for row in control(f"bad{k}", "b", "a", gold="b" if k else "a")]
    # a tie between a and b goes to a: bad0 is right, bad1 wrong
    found = route(table(rows))
    kept = dict(found.kept)
    assert kept[1.0].estimate == pytest.approx(0.9)
    assert (kept[0.8].estimate, kept[0.8].n_items) == (1.0, 8)
    assert kept[0.8].conf_low == pytest.approx(wilson(8, 8, critical=2.3646).conf_low, abs=1e-3)
    # one wrong item against nine right ones, of which eight rank below it and one is its equal
    assert found.separation is not None
    assert found.separation.estimate == pytest.approx(8.5 / 9)


def test_without_gold_nothing_is_said_of_right_and_wrong(table, control) -> None:
    found = route(table(control("i", "a", "b")))
    assert found.separation is None
    assert found.kept == ()


def test_planted_hard_items_are_found(table) -> None:
    rng = np.random.default_rng(3)
    p_right = np.where(np.arange(200) < 40, 0.55, 0.97)
    rows = [
        {
            "item_id": f"i{k:03}", "order": order, "repeat": repeat, "gold": "a",
            "verdict": "a" if rng.random() < p_right[k] else "b",
        }
        for k in range(200) for order in ("ab", "ba") for repeat in range(4)
    ]  # fmt: skip
    top = route(table(rows)).items.head(40)["item_id"]
    # two ways of four repeats each tell .55 from .97 nearly always
    assert np.mean([int(name[1:]) < 40 for name in top]) > 0.9


def test_a_run_with_nothing_to_count_is_refused(table) -> None:
    with pytest.raises(InputError, match="no judgments"):
        route(table([cue("i", "ab", "a", arm="positive_control", name="positive_control")]))
