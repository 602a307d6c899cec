"""How often two runs differ, and how much of that is more than noise."""

from __future__ import annotations

import numpy as np
import pytest

from judgebench.analysis import Settings
from judgebench.analysis.compare import compare, compare_mitigations
from judgebench.errors import InputError


def rows_of(verdicts, judge="j", repeat=0, **more):
    return [
        {"item_id": f"i{k}", "order": "ab", "verdict": verdict, "judge": judge, "repeat": repeat, **more}
        for k, verdict in enumerate(verdicts)
    ]


def test_changes_and_noise_by_hand(table, find) -> None:
    # first run: i1 differs from itself; second run never does
    one = table(rows_of("aab") + rows_of("abb", repeat=1))
    two = table(rows_of("abb", judge="k") + rows_of("abb", judge="k", repeat=1))
    found = compare(one, two, Settings())
    # i0: none of 4 pairs differs; i1: one repeat of the first against two of the second, 2 of 4; i2: none
    assert find(found, "verdict_change")["estimate"] == pytest.approx(0.5 / 3)
    # noise of i1: 1 in the first run, 0 in the second, half on average
    excess = find(found, "excess_verdict_change")
    assert excess["estimate"] == pytest.approx((0.5 - 0.5) / 3)
    assert excess["conf_low"] < 0 < excess["conf_high"]


def test_without_a_rerun_a_change_cannot_be_told_from_noise(table) -> None:
    found = compare(
        table([*rows_of("ab"), *rows_of("ab", order="ba")]),
        table([*rows_of("bb", judge="k"), *rows_of("bb", judge="k", order="ba")]),
        Settings(),
    )
    assert "verdict_change" in set(found["estimand"])
    assert "excess_verdict_change" not in set(found["estimand"])


def test_a_missing_verdict_is_no_change(table, find) -> None:
    one = table(rows_of(["a", "a", "a"]) + rows_of(["a", "a", "a"], repeat=1))
    two = table(
        rows_of(["a", "a", "refused"], judge="k") + rows_of(["a", "a", "refused"], judge="k", repeat=1)
    )
    changed = find(compare(one, two, Settings()), "verdict_change")
    assert (changed["estimate"], changed["n_items"], changed["n_missing"]) == (0, 2, 1)
    assert changed["bound_high"] > 0.3


@pytest.mark.slow
@pytest.mark.parametrize(("second", "truth"), [(0.3, 0.0), (0.8, 0.25)])
def test_the_excess_is_what_the_change_of_a_noisy_judge_adds(table, find, second, truth) -> None:
    """Verdicts are a with probability 0.3 in the first run; two draws differ with p(1-q) + q(1-p), noise included."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(40):
        draws = [
            table([
                row
                for repeat in (0, 1)
                for row in rows_of(np.where(rng.random(120) < p, "a", "b"), judge=name, repeat=repeat)
            ])
            for name, p in (("j", 0.3), ("k", second))
        ]  # fmt: skip
        excess = find(compare(*draws, Settings()), "excess_verdict_change")
        held += excess["conf_low"] <= truth <= excess["conf_high"]
    assert held >= 35


def test_two_mitigations_are_compared_on_the_items_as_a_double_difference(table, find) -> None:
    def cue(verdict, mitigation):
        return rows_of(verdict, mitigation=mitigation, perturbation="x", arm="treatment", target="b")

    plain = rows_of("aaab", mitigation="none") + cue("bbab", "none")
    warned = rows_of("aaab", mitigation="warned") + cue("baab", "warned")
    found = compare_mitigations(table(plain + warned), "none", "warned", Settings())
    assert set(found["judge"]) == {"j"}
    assert set(found["mitigation"]) == {"none - warned"}
    # the cue turns two verdicts of four without, one with the warning
    assert find(found, "target_preference")["estimate"] == pytest.approx(2 / 4 - 1 / 4)


def test_a_mitigation_that_was_not_run_is_told_with_the_nearest(table) -> None:
    with pytest.raises(InputError, match="no mitigation 'nome'") as error:
        compare_mitigations(table(rows_of("ab")), "none", "nome", Settings())
    assert error.value.suggestion == "none"
