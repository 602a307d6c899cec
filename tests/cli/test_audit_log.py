"""From somebody's log to what it can say and what it cannot, in one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judgebench.analysis import files
from judgebench.errors import InputError
from judgebench.run.imports import detect

GOOD = [
    {"item_id": f"i{i}", "judge": "one", "order": order, "verdict": verdict, "gold": "a"}
    for i, verdicts in enumerate(("ab", "aa", "at", "bb"))
    for order, verdict in zip(
        ("ab", "ba"), ({"a": "a", "b": "b", "t": "tie"}[v] for v in verdicts), strict=True
    )
]
PAIR = {
    "question_id": 1, "model_1": "x", "model_2": "y", "g1_winner": "tie", "g2_winner": "model_2", "judge": ["g", "p"]
}  # fmt: skip
BATTLE = {"question_id": 1, "model_a": "x", "model_b": "y", "winner": "tie"}
SAMPLE = {
    "doc_id": 0, "doc": {}, "target": "t", "resps": [], "filtered_resps": [], "metrics": ["llm_judge"], "llm_judge": 1
}  # fmt: skip


def log(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def lists(printed: str) -> tuple[str, str]:
    """What can be said and what cannot."""
    can, cannot = printed.split("What this log can say\n")[1].split("What it cannot\n")
    return can, cannot.split("\n\n")[0]


def test_a_log_is_detected_analysed_and_reported(cli, tmp_path: Path) -> None:
    done = cli("audit-log", log(tmp_path / "v.jsonl", *GOOD), "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "recorded/one, read as tidy" in done.stdout
    assert "Agreement with gold" in done.stdout
    can, cannot = lists(done.stdout)
    assert "Position bias: 4 items have verdicts in both orders." in can
    assert "Agreement with gold: 8 verdicts on 4 items that have gold." in can
    assert "1 ties and 0 without a verdict, of 8" in can
    assert "Noise floor unknown" in cannot
    assert "there is no counterfactual" in cannot
    assert "the texts are not on record" in cannot
    assert "Position" not in cannot
    assert "no gold" not in cannot
    assert {"run.json", "effects.json", "effects.csv", "report.html", "said.md", "judgments.parquet"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert (tmp_path / "out" / "said.md").read_text(encoding="utf-8") in done.stdout


def test_a_mapped_table_needs_no_format(cli, tmp_path: Path) -> None:
    rows = [{"q": 1, "label": "A", "first": "m1"}, {"q": 1, "label": "A", "first": "m2"}]
    maps = ["--map", "item_id=q", "--map", "verdict=label", "--map", "order=first"]
    values = [
        "--map-values",
        "A=a,B=b",
        "--map-values",
        "order:m1=ab,m2=ba",
        "--frame",
        "displayed",
        "--judge",
        "g",
    ]
    done = cli("audit-log", log(tmp_path / "t.jsonl", *rows), *maps, *values, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "recorded/g, read as mapped" in done.stdout
    assert "Position bias: 1 items" in done.stdout
    done = cli("import", tmp_path / "t.jsonl", "--format", "mapped", *maps, *values, "--out", "again")
    assert (done.returncode, "recorded/g: 1 items, 2 verdicts" in done.stdout) == (0, True)


def test_what_fits_no_format_is_told_format_by_format(cli, tmp_path: Path) -> None:
    done = cli("audit-log", log(tmp_path / "x.jsonl", {"item_id": 1, "label": "A"}))
    assert done.returncode == 2
    assert "x.jsonl: no format fits; tried:" in done.stderr
    assert "tidy: its first row lacks 'judge' and 'order' and 'verdict'" in done.stderr
    assert "mapped: nobody said which column holds what" in done.stderr
    assert "llmbar: " in done.stderr
    assert "Traceback" not in done.stderr
    assert cli("audit-log", "absent.jsonl").returncode == 2
    broken = log(tmp_path / "broken.jsonl", GOOD[0], {**GOOD[1], "verdict": "A"})
    done = cli("audit-log", broken)
    assert (done.returncode, "broken.jsonl:2:" in done.stderr, "did you mean 'a'?" in done.stderr) == (
        2,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("row", "form"), [(GOOD[0], "tidy"), (PAIR, "mt_bench"), (BATTLE, "arena"), (SAMPLE, "lm_eval")]
)
def test_a_format_is_known_by_its_first_row(tmp_path: Path, row: dict[str, Any], form: str) -> None:
    assert detect(log(tmp_path / "v.jsonl", row)) == form


def test_what_fits_two_formats_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="several formats fit: arena, tidy"):
        detect(log(tmp_path / "v.jsonl", BATTLE | GOOD[0]))


@pytest.mark.slow
def test_texts_on_record_are_described_in_the_same_command(cli, tmp_path: Path, monkeypatch) -> None:
    rows = [
        {"item_id": f"i{n}", "judge": "one", "order": order, "verdict": "a" if n % 4 else "b", "prompt": f"p{n}",
         "response_a": "x" * (50 + n % 7), "response_b": "y" * (40 + n % 5)}
        for n in range(40) for order in ("ab", "ba")
    ]  # fmt: skip
    path = log(tmp_path / "v.jsonl", *rows)
    command = ("audit-log", path, "--map", "item_id=item_id", "--out")
    done = cli(*command, "out")
    assert done.returncode == 0, done.stderr
    assert "Nothing was changed, so nothing here is a bias" in done.stdout
    assert "recorded/one: length, average_marginal_effect (observational: all items)" in done.stdout
    assert (tmp_path / "out" / "observational.csv").is_file()
    monkeypatch.setattr(files, "LONG", 10)
    done = cli(*command, "long")
    assert "to describe them: judgebench observe long" in done.stdout
    assert not (tmp_path / "long" / "observational.csv").exists()
