"""Write the samples of lm-evaluation-harness that the tests read, with the harness itself and no network.

    pip install lm_eval && python tests/run/logs/make_lm_eval_samples.py FOLDER

A task of three questions, answered by a stand-in for a model; a metric `llm_judge`, as a task's own `process_results`
gives it, stands beside `exact_match`.
"""

import json
import os
import sys
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}

import lm_eval
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

DOCS = [
    {"question": "How many sides has a hexagon?", "answer": "6"},
    {"question": "Which gas do plants take in?", "answer": "carbon dioxide"},
    {"question": "Which metal is liquid at room temperature?", "answer": "mercury"},
]
ANSWERS = {"hexagon": "six", "gas": "carbon dioxide", "metal": "lead"}
GRADES = {"six": 1.0, "carbon dioxide": 1.0, "lead": 0.0}
TASK = """
task: small_facts
dataset_path: json
dataset_kwargs:
  data_files: {test: %s}
test_split: test
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{answer}}"
process_results: !function graded.process_results
generation_kwargs: {until: ["\\n"]}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
  - {metric: llm_judge, aggregation: mean, higher_is_better: true}
metadata: {version: 1}
"""
GRADED = """
GRADES = %r

def process_results(doc, results):
    said = results[0].strip()
    return {"exact_match": float(said == doc["answer"]), "llm_judge": GRADES[said]}
"""


class Answers(LM):
    def generate_until(self, requests, **_):
        return [next(a for word, a in ANSWERS.items() if word in r.args[0]) for r in requests]

    def loglikelihood(self, requests, **_):
        raise NotImplementedError

    def loglikelihood_rolling(self, requests, **_):
        raise NotImplementedError


if __name__ == "__main__":
    out = Path(sys.argv[1]).resolve()
    tasks = out / "tasks"
    tasks.mkdir(parents=True, exist_ok=True)
    (tasks / "docs.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in DOCS))
    (tasks / "small_facts.yaml").write_text(TASK % (tasks / "docs.jsonl"))
    (tasks / "graded.py").write_text(GRADED % GRADES)
    tracker = EvaluationTracker(output_path=str(out))
    found = lm_eval.simple_evaluate(
        model=Answers(),
        tasks=["small_facts"],
        task_manager=TaskManager(include_path=str(tasks)),
        log_samples=True,
        evaluation_tracker=tracker,
    )
    samples = found.pop("samples")
    tracker.save_results_aggregated(results=found, samples=samples)
    for name, rows in samples.items():
        tracker.save_results_samples(task_name=name, samples=rows)
