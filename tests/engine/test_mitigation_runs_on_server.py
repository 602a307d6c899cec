"""Every mitigation on a server, held to its labels: all trials have their verdict, and what it does is estimated."""

from __future__ import annotations

from pathlib import Path

import judgebench
from judgebench.protocols import mitigations

SUITE = """\
suite: mitigated
items: [{source: file, path: items.jsonl}]
protocols: [{pairwise: {verdict: constrained}}]
perturbations: [position]
mitigations: [none, system_prompt, length_instruction, in_context: {k: 2}, blinding, reference_answer, self_reflection,
  swap_and_average, self_consistency: {k: 3}, panel: {judges: [sim/null]}]
sampling: {temperature: 1.0, max_tokens: 4}
"""
PAIRS = """\
{"id": "1", "prompt": "Two and two?", "response_a": "Four.", "response_b": "Five.", "gold": "a"}
{"id": "2", "prompt": "Say hello.", "response_a": "No.", "response_b": "Hello.", "gold": "b"}
"""


def test_every_mitigation_runs_on_a_server(engine: str, tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text(PAIRS)
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    run = judgebench.run(path, "vllm/tiny", base_url=engine, out=tmp_path / "out")
    assert run.complete
    judgments, table = run.judgments(), run.effects()
    assert set(judgments["mitigation"]) == set(mitigations.names())
    assert set(judgments["verdict"]) <= {"a", "b", "tie"}
    removed = table[table["estimand"] == "bias_removed"]
    assert set(removed["mitigation"]) == set(mitigations.names()) - {"none"}
    assert removed["estimate"].between(-1, 1).all()
