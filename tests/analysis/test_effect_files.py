from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.analysis import EFFECT_COLUMNS, JUDGMENT_COLUMNS, Settings
from judgebench.analysis.effects import effects
from judgebench.analysis.files import analyse, read_effects, read_judgments, read_truths
from judgebench.errors import InputError
from judgebench.run.export import write_table
from judgebench.run.records import TrialRow
from judgebench.run.store import STORE, Store

COUNTS = {"n_items", "n_clusters", "n_judgments", "n_missing"}
TEXTS = {*EFFECT_COLUMNS[:10], "method"}


@pytest.fixture
def run(tmp_path: Path, random_rows: Any, table: Any) -> Path:
    """A run directory with ties, placebos and missing verdicts, and a cue that nobody answered."""
    rows = random_rows(22, items=12)
    rows += [
        {"item_id": row["item_id"], "gold": row["gold"], "source": row["source"], "perturbation": "silent",
         "arm": "treatment", "target": "a", "order": row["order"], "verdict": "refused"}
        for row in {row["item_id"]: row for row in rows}.values()
    ]  # fmt: skip
    records = table(rows).astype(object).to_dict("records")
    write_table(
        tmp_path / "judgments.parquet",
        ({k: None if pd.isna(v) else v for k, v in r.items()} for r in records),
    )
    return tmp_path


def test_effects_json_holds_the_columns_and_types_of_the_contract(run: Path) -> None:
    analyse(run, Settings())
    rows = json.loads((run / "effects.json").read_text(encoding="utf-8"))
    assert {row["decision"] for row in rows} <= {"biased", "equivalent", "inconclusive", None}
    for row in rows:
        assert list(row) == list(EFFECT_COLUMNS)
        assert all(type(row[name]) is int for name in COUNTS)
        assert all(type(row[name]) is str for name in TEXTS)
        rest = [row[name] for name in row.keys() - COUNTS - TEXTS - {"decision"}]
        assert all(value is None or type(value) is float for value in rest)
    assert any(row["decision"] for row in rows)
    silent = next(row for row in rows if row["bias"] == "silent" and row["decision"])
    assert (silent["estimate"], silent["p_adjusted"], silent["n_items"]) == (None, None, 0)


def test_effects_are_read_as_they_were_written(run: Path) -> None:
    written = analyse(run, Settings())
    read = read_effects(run)
    pd.testing.assert_frame_equal(read, written)


def test_the_analysis_of_the_file_is_that_of_the_frame(run: Path, as_dict: Any) -> None:
    judgments = read_judgments(run)
    assert list(judgments.columns) == list(JUDGMENT_COLUMNS)
    pd.testing.assert_frame_equal(analyse(run, Settings()), effects(judgments, Settings()))


def test_truths_are_written_where_the_judge_was_simulated(run: Path, table: Any) -> None:
    analyse(run, Settings())
    assert read_truths(run) is None
    planted = {"item_id": "i", "verdict": None, "p_a": 0.75, "p_b": 0.25, "p_tie": 0.0}
    rows = table([{**planted, "order": order} for order in ("ab", "ba")])
    records = rows.astype(object).to_dict("records")
    write_table(
        run / "truth.parquet", ({k: None if pd.isna(v) else v for k, v in r.items()} for r in records)
    )
    analyse(run, Settings())
    truth = read_truths(run)
    assert truth is not None
    assert dict(zip(truth["estimand"], truth["truth"], strict=True)) == {
        "first_preference": 0, "discordance": 0, "swap_inconsistency": 0.375, "tie_rate": 0
    }  # fmt: skip


def test_checks_that_failed_are_read_from_the_store(run: Path) -> None:
    judgments = read_judgments(run)
    changed = judgments[judgments["arm"] == "treatment"].iloc[0]
    fields = ["perturbation", "arm", "target", "order", "protocol", "mitigation"]
    place = {**changed[fields], "repeat": int(changed["repeat"])}
    failing = '{"change": {"inserted": "{\\"failures\\": [\\"x\\"]}"}, "failures": ["nothing changed"]}'
    passing = failing.replace('["nothing changed"]', "[]")
    records = [
        ("gone", passing),
        (changed["item_id"], failing),
        ("other", ""),
        ("broken", '{"failures": ["x"'),
    ]
    with Store(run / STORE) as store:
        store.add_trials(
            TrialRow(n, item, "s", None, None, request_key=str(n), record=record, **place)
            for n, (item, record) in enumerate(records)
        )
    with Store(run / STORE, read_only=True) as store:
        names = ("item_id", "perturbation", "arm", "target", "repeat")
        assert store.failed_checks() == [tuple(changed[name] for name in names)]
    found = analyse(run, Settings())
    rates = found[found["bias"] == "manipulation"]
    assert (rates["estimate"] > 0).sum() == 1
    assert "manipulation checks passed" in set(found["stratum"])


def test_a_directory_without_judgments_or_effects_says_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="judgebench run"):
        read_judgments(tmp_path)
    with pytest.raises(InputError, match="judgebench analyze"):
        read_effects(tmp_path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    pd.DataFrame({"item_id": ["i"], "verdict": ["a"]}).to_parquet(tmp_path / "judgments.parquet")
    with pytest.raises(InputError, match="lack the columns suite, judge, source"):
        read_judgments(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": 1}', "[1]", '[{"n_items": null}]', '[{"estimate": "big"}]', "\udcff"]
)
def test_a_broken_file_of_effects_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "effects.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="is broken"):
        read_effects(tmp_path)


def test_a_broken_file_of_judgments_is_told(tmp_path: Path) -> None:
    (tmp_path / "judgments.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="is broken"):
        read_judgments(tmp_path)
