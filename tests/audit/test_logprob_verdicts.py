"""Probabilities of the labels end to end: asked for, stored, read again, in the item's frame, and analysed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgebench

SUITE = """\
suite: probable
items: [{source: bank, limit: 12}]
protocols: [{pairwise: {verdict: logprob}}]
perturbations: [position, authority]
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


@pytest.fixture
def run(suite: Path, tmp_path: Path) -> Any:
    return judgebench.run(suite, "sim/mild", out=tmp_path / "run")


def test_the_probabilities_of_a_simulated_judge_are_those_that_were_planted(run: Any) -> None:
    judgments = run.judgments()
    planted = pd.read_parquet(run.path / "truth.parquet")
    columns = ["p_a", "p_b", "p_tie", "captured_mass"]
    # the refusal and the reply without a verdict are the mass that is missing
    assert judgments["captured_mass"].between(0.98, 0.99).all()
    np.testing.assert_allclose(judgments[columns], planted[columns], atol=1e-5)
    expected = judgments[["p_a", "p_b", "p_tie"]].set_axis(["a", "b", "tie"], axis=1).idxmax(axis=1)
    assert (judgments["verdict"] == expected).all()


def test_the_target_is_preferred_by_its_probability_and_half_that_of_a_tie(run: Any) -> None:
    judgments = run.judgments()
    aimed = judgments[judgments["target"].notna()]
    own = np.where(aimed["target"] == "a", aimed["p_a"], aimed["p_b"])
    np.testing.assert_allclose(aimed["preferred_target"], own + aimed["p_tie"] / 2)
    assert judgments.loc[judgments["target"].isna(), "preferred_target"].isna().all()


def test_effects_are_those_of_the_probabilities(run: Any) -> None:
    both = run.effects().merge(run.truth(), on=["bias", "perturbation", "estimand", "contrast", "stratum"])
    position = both[(both["bias"] == "position") & (both["estimand"] == "first_preference")]
    assert len(position) == 1
    np.testing.assert_allclose(position["estimate"], position["truth"], atol=1e-5)


def test_reading_again_from_the_store_gives_the_same_to_the_last_digit(run: Any, suite: Path) -> None:
    before = run.judgments()
    with closing(sqlite3.connect(run.path / "judgments.db")) as db:
        stored = db.execute("SELECT outcome, reason, probabilities FROM verdicts ORDER BY rowid").fetchall()
        db.execute("DELETE FROM verdicts")
        db.commit()
    again = judgebench.run(suite, "sim/mild", out=run.path)
    assert again.manifest["counts"]["attempts"] == run.manifest["counts"]["attempts"]
    pd.testing.assert_frame_equal(again.judgments(), before)
    with closing(sqlite3.connect(run.path / "judgments.db")) as db:
        assert (
            db.execute("SELECT outcome, reason, probabilities FROM verdicts ORDER BY rowid").fetchall()
            == stored
        )


def test_low_mass_is_missing_from_the_effects_and_on_record(suite: Path, tmp_path: Path) -> None:
    run = judgebench.run(suite, "sim/mild?invalid=0.9&refusal=0", out=tmp_path / "low")
    judgments = run.judgments()
    assert set(judgments["verdict"]) == {"invalid"}
    assert judgments["captured_mass"].lt(0.2).all()
    assert judgments["preferred_target"].isna().all()
    position = run.effects().query("estimand == 'first_preference'").iloc[0]
    assert (position["n_items"], position["n_missing"]) == (0, 12 * 2)
    with closing(sqlite3.connect(run.path / "judgments.db")) as db:
        reasons = {reason for (reason,) in db.execute("SELECT reason FROM verdicts")}
    assert reasons == {"low mass"}


def test_an_answer_on_file_holds_the_alternatives_at_the_verdict_alone(run: Any) -> None:
    with closing(sqlite3.connect(run.path / "judgments.db")) as db:
        texts = [text for (text,) in db.execute("SELECT logprobs FROM attempts")]
    assert all(len(json.loads(text)) == 1 for text in texts)
    assert max(map(len, texts)) < 200


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("judge", "lacks"),
    [
        ("anthropic/claude-haiku-4-5", "gives no log probabilities"),
        ("openai/gpt-5-mini", "gives no log probabilities"),
    ],
)
def test_a_judge_that_cannot_is_refused_before_anything_is_asked(
    cli: Any, suite: Path, tmp_path: Path, command: str, judge: str, lacks: str
) -> None:
    done = cli(command, suite, "--judge", judge)
    assert done.returncode == 2
    assert lacks in done.stderr
    assert "suite.yaml:3" in done.stderr
    assert not (tmp_path / "results").exists()


def test_held_to_the_labels_a_simulated_judge_always_has_a_verdict(suite: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace("logprob", "constrained"))
    run = judgebench.run(suite, "sim/strong?invalid=0.5", out=tmp_path / "held")
    assert set(run.judgments()["verdict"]) <= {"a", "b", "tie"}
