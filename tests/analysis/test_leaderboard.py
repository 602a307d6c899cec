"""What measured biases do to win rates and ranks."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis import EFFECT_COLUMNS
from judgebench.analysis.leaderboard import Standing, correct, rate_variance
from judgebench.analysis.leaderboard_files import read_board
from judgebench.errors import InputError
from judgebench.stats import anchored_mean

AUDIT = pd.DataFrame(
    [
        ("position", "first_preference", "shown first - 1/2", 0.10, 0.02),
        ("length", "slope_per_log_length", "per log length", 0.20, 0.03),
        ("authority", "target_preference", "treatment - control", 0.05, 0.01),
        ("authority", "target_preference", "placebo - control", 0.50, 0.01),
    ],
    columns=["perturbation", "estimand", "contrast", "estimate", "std_error"],
).assign(stratum="all")
AUDIT = AUDIT.reindex(columns=list(EFFECT_COLUMNS))


def test_a_bias_is_taken_out_by_exposure_times_effect() -> None:
    standings = [
        Standing("always first", 0.60, 0.001, 100, {"first_share": 1.0}),
        Standing("half the time", 0.55, 0.001, 100, {"first_share": 0.5}),
        Standing("always second", 0.45, 0.001, 100, {"first_share": 0.0}),
    ]
    found = correct(standings, AUDIT, ["first_share"])
    assert found.wins == pytest.approx([0.50, 0.55, 0.55])
    assert found.moved[:, 0] == pytest.approx([0.10, 0.0, -0.10])
    # sampling plus exposure squared times the audit's variance
    assert found.std_error**2 == pytest.approx([0.001 + 0.02**2, 0.001, 0.001 + 0.02**2])
    assert list(found.before.rank) == [1, 2, 3]
    assert list(found.after.rank) == [3, 1, 1]


def test_length_and_cues_add_up_and_the_placebo_is_not_the_cue() -> None:
    exposures = {"log_length_ratio": np.log(2), "exposure.authority": 0.4}
    found = correct([Standing("m", 0.7, 0.0, 1, exposures)], AUDIT, list(exposures))
    assert found.wins == pytest.approx([0.7 - 0.2 * np.log(2) - 0.4 * 0.05])


def test_an_error_of_the_audit_that_all_models_share_decides_no_rank() -> None:
    alike = [Standing(f"m{k}", 0.5 + 0.1 * k, 1e-6, 10**5, {"first_share": 1.0}) for k in range(3)]
    wide = AUDIT.assign(std_error=0.5)
    found = correct(alike, wide, ["first_share"])
    assert (found.std_error > 0.49).all()
    assert list(found.after.conf_low) == list(found.after.conf_high) == [3, 2, 1]


def test_the_corrected_rate_covers_the_truth_of_a_biased_judge() -> None:
    rng = np.random.default_rng(8)
    truth, first, bias = 0.45, 0.8, 0.12
    held = 0
    for _ in range(300):
        shown = rng.random(400) < first
        wins = rng.random(400) < truth + np.where(shown, bias, -bias)
        measured = AUDIT.assign(estimate=rng.normal(bias, 0.02), std_error=0.02)
        mean = wins.mean()
        standing = Standing("m", mean, rate_variance(mean, 400), 400, {"first_share": shown.mean()})
        found = correct([standing], measured, ["first_share"])
        held += abs(found.wins[0] - truth) <= 1.96 * found.std_error[0]
    assert held / 300 >= 0.93


def test_what_the_audit_did_not_measure_cannot_be_taken_out() -> None:
    with pytest.raises(InputError, match="no target_preference of 'autority'") as error:
        correct([Standing("m", 0.5, 0.1, 5, {"exposure.autority": 1.0})], AUDIT, ["exposure.autority"])
    assert error.value.suggestion == "authority"
    with pytest.raises(InputError, match="says nothing of how much a bias touched"):
        correct([Standing("m", 0.5, 0.1, 5)], AUDIT, [])


def test_win_rates_and_counts_give_the_same_standing(tmp_path) -> None:
    (tmp_path / "rates.csv").write_text("model,win_rate,n,first_share\nm,0.6,50,0.5\n")
    (tmp_path / "counts.csv").write_text("model,wins,losses,first_share\nm,30,20,0.5\n")
    one, two = read_board(tmp_path / "rates.csv"), read_board(tmp_path / "counts.csv")
    assert one.exposures == ("first_share",)
    assert one.standings[0].variance == pytest.approx(two.standings[0].variance)
    assert one.standings[0].wins == two.standings[0].wins == 0.6


def test_a_tie_is_half_a_win_and_varies_less(tmp_path) -> None:
    (tmp_path / "b.csv").write_text("model,wins,ties,losses\nties,0,50,0\nsplit,25,0,25\n")
    ties, split = read_board(tmp_path / "b.csv").standings
    assert ties.wins == split.wins == 0.5
    assert 0 < ties.variance < split.variance / 10


def test_single_comparisons_give_rates_exposures_and_with_labels_an_anchored_rate(tmp_path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        {"model": "m", "item_id": str(k), "judged": float(rng.random() < 0.7), "first_share": k % 2}
        for k in range(100)
    ]
    for row in rows[:30]:
        row["gold"] = row["judged"] if rng.random() < 0.8 else 1 - row["judged"]
    path = tmp_path / "c.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (standing,) = read_board(path).standings
    judged = np.array([row["judged"] for row in rows])
    assert (standing.wins, standing.n, standing.exposures["first_share"]) == (judged.mean(), 100, 0.5)
    expected = anchored_mean([row["gold"] for row in rows[:30]], judged[:30], judged[30:])
    assert standing.anchored is not None
    assert standing.anchored.estimate == pytest.approx(expected.estimate)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model,win_rate,n,frist_share\nm,.5,9,1\n", "unknown column 'frist_share'"),
        ("model,win_rate,n\nm,1.5,9\n", "'win_rate' is 1.5"),
        ("model,win_rate,n\nm,half,9\n", "'win_rate' is 'half'"),
        ("model,win_rate\nm,.5\n", "'n' is missing"),
        ("model,win_rate,n\n,.5,9\n", "'model' is missing"),
        ("model,win_rate,n\nm,.5,9\nm,.6,9\n", "'m' stands in line 2 already"),
        ("model,wins,losses\nm,0,0\n", "no comparison"),
        ("model,item_id,judged\nm,1,1\nm,1,0\n", "'m' on '1' stands in line 2 already"),
        ("model,item_id,judged\nm,1,nan\n", "'judged' is nan"),
        ("model,win_rate,n,log_length_ratio\nm,.5,9,inf\n", "'log_length_ratio' is inf"),
        ("model,win_rate,n\n", "empty"),
    ],
)
def test_a_broken_leaderboard_is_told_with_its_line(tmp_path, text, said) -> None:
    path = tmp_path / "b.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_board(path)
    assert said in str(error.value)
    assert "b.csv" in str(error.value)
