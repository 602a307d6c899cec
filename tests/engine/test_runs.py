"""A suite run on the server from end to end: what is drawn and what the log probabilities say agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import judgebench
from judgebench.protocols import protocols

SUITE = """\
suite: agree
items: [{{source: bank, limit: 12}}]
protocols: [{{pairwise: {{verdict: {verdict}}}}}]
repeats: {repeats}
perturbations: [position]
sampling: {{temperature: 1.0, max_tokens: 4}}
"""


@pytest.fixture(scope="module")
def estimates(engine: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The row of the first preference, drawn under a constraint and read from log probabilities."""
    found = {}
    for verdict, repeats in (("constrained", 8), ("logprob", 2)):
        folder = tmp_path_factory.mktemp(verdict)
        path: Path = folder / "suite.yaml"
        path.write_text(SUITE.format(verdict=verdict, repeats=repeats))
        run = judgebench.run(path, "vllm/tiny", base_url=engine, out=folder / "run")
        assert run.complete
        effects = run.effects().query(
            "bias == 'position' and estimand == 'first_preference' and stratum == 'all'"
        )
        found[verdict] = (run, effects.iloc[0])
    return found


def test_every_trial_has_a_verdict_either_way(estimates: dict[str, Any]) -> None:
    for run, _ in estimates.values():
        assert set(run.judgments()["verdict"]) <= {"a", "b", "tie"}
        assert run.manifest["served_model"] == "tiny"


def test_only_the_log_probabilities_come_with_their_mass(estimates: dict[str, Any]) -> None:
    assert estimates["logprob"][0].judgments()["captured_mass"].between(0.5, 1).all()
    assert estimates["constrained"][0].judgments()["captured_mass"].isna().all()


def test_sampled_and_logprob_estimates_of_the_first_preference_agree_within_their_intervals(
    estimates: dict[str, Any],
) -> None:
    drawn, said = (estimates[name][1] for name in ("constrained", "logprob"))
    assert drawn["conf_low"] <= said["estimate"] <= drawn["conf_high"]
    assert drawn["conf_low"] <= said["conf_high"]
    assert said["conf_low"] <= drawn["conf_high"]


EACH = """\
suite: each
items:
  - {{source: file, path: items.jsonl}}
  - {{source: bank, set: choice, limit: 2}}
protocols: [{protocol}]
perturbations: [position]
sampling: {{temperature: 1.0, max_tokens: 8}}
"""
OWN = Path(__file__).parents[1] / "protocols" / "judges" / "pairwise.yaml"


@pytest.mark.parametrize("protocol", protocols.names())
def test_every_protocol_runs_on_the_server(engine: str, protocol: str, tmp_path: Path) -> None:
    pairs = [
        {"id": f"p{i}", "prompt": "Name a number.", "response_a": f"{i}", "response_b": f"The number {i}."}
        for i in range(2)
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, pairs)))
    path = tmp_path / "suite.yaml"
    asked = f"file: {OWN}" if protocol == "file" else protocol
    path.write_text(EACH.format(protocol=asked))
    run = judgebench.run(path, "vllm/tiny", base_url=engine, out=tmp_path / "run")
    assert run.complete
    judgments = run.judgments()
    title = OWN.stem if protocol == "file" else protocol
    assert set(judgments["protocol"].str.partition("@")[0]) == {title}
    assert "error" not in set(judgments["verdict"])
    assert len(run.effects())


def test_the_server_takes_every_effort_as_an_arm_and_a_stated_confidence(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(
        "suite: effort\nitems: [{source: bank, limit: 2}]\nprotocols: [pairwise: {confidence: true}]\n"
        "perturbations: [position]\nsampling: {max_tokens: 8, reasoning_effort: [none, low, high]}\n"
    )
    run = judgebench.run(path, "vllm/tiny", base_url=engine, out=tmp_path / "run")
    assert run.complete
    assert set(run.judgments()["protocol"]) == {
        f"pairwise@effort-{effort}" for effort in ("none", "low", "high")
    }
    assert run.manifest["tokens"]["reasoning_estimated"] >= 0
