"""Two models behind two servers write responses, one judges both and says which are its own, the other rewrites them.

Continued, nobody is asked again.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

import judgebench

SUITE = """\
suite: own
seed: 2
items: [{{source: bank, limit: 8}}]
protocols: [{{pairwise: {{verdict: constrained}}}}]
perturbations: [position]
sampling: {{temperature: 0.0, max_tokens: 4}}
rewrites: {{judge: vllm/other, base_url: "{other}", family: third, max_tokens: 12}}
self_preference:
  familiarity: true
  equalised: plain
  recognition: {{verdict: constrained}}
  authors:
    - {{judge: self, name: own, max_tokens: 12}}
    - {{judge: vllm/other, base_url: "{other}", name: other, max_tokens: 12}}
    - {{judge: vllm/other, base_url: "{other}", name: warm, temperature: 1.0, max_tokens: 12}}
  panel: [{{judge: vllm/other, base_url: "{other}"}}]
"""


def attempts(folder: Path) -> dict[str, int]:
    """How often anybody was asked, by store."""
    found = {}
    for name in ("authors", "panel", "recognition", "familiarity", "rewrites", "judgments"):
        with closing(sqlite3.connect(folder / f"{name}.db")) as store:
            found[name] = store.execute("SELECT count(*) FROM attempts").fetchone()[0]
    return found


def test_both_write_and_one_judges_and_a_second_run_asks_nothing(
    two_engines: tuple[str, str], tmp_path: Path
) -> None:
    one, two = two_engines
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE.format(other=two))
    run = judgebench.run(path, "vllm/tiny", base_url=one, out=tmp_path / "run")
    assert run.complete
    asked = attempts(run.path)
    # three responses to eight prompts; 24 pairs in two orders, which the judge sees twice (random models may write the
    # same, and what is the same is asked once)
    assert asked["authors"] == 24
    assert 0 < asked["panel"] <= len(pd.read_parquet(run.path / "panel.parquet")) == 48
    # and once more in one style, where random models may have written nothing whole
    assert 0 < asked["judgments"] <= run.manifest["counts"]["trials"] == 96 + 48
    # each of its own beside each of the other's two, in two orders; each response rewritten, what is the same once
    assert 0 < asked["recognition"] <= len(pd.read_parquet(run.path / "recognition.parquet")) == 32
    assert 0 < asked["rewrites"] == run.manifest["rewrites"]["texts"] <= 24
    assert run.manifest["self_preference"]["recognition"]["no_verdict"] == 0
    assert 0 < asked["familiarity"] <= 24
    assert run.manifest["self_preference"]["familiarity"]["unknown"] == 0
    told = {author["name"]: author for author in run.manifest["self_preference"]["authors"]}
    assert told["own"]["served_models"] == ["tiny"]
    assert told["other"]["served_models"] == told["warm"]["served_models"] == ["other"]
    assert {name: author["relation"] for name, author in told.items()} == {
        "own": "self", "other": "none", "warm": "none",
    }  # fmt: skip
    pairs = pd.read_parquet(run.path / "authored.parquet")
    assert pairs["gold_a"].notna().all()
    assert (pairs[["nats_a", "nats_b"]] > 0).all(axis=None)
    own = run.effects().query("bias == 'self_preference' and perturbation == 'all' and stratum == 'all'")
    assert {"raw", "dbg", "judge_minus_panel", "order_consistency"} <= set(own["estimand"])
    named = run.effects()["bias"]
    assert {"self_preference_equalised", "self_recognition"} <= set(named)
    again = judgebench.run(path, "vllm/tiny", base_url=one, out=tmp_path / "run")
    assert attempts(again.path) == asked
    assert json.loads((again.path / "run.json").read_text())["sessions"] == 2
