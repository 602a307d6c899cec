"""Write the logs of inspect_ai that the tests read, with inspect_ai itself and no network.

    pip install inspect_ai && python tests/run/logs/make_inspect_logs.py FOLDER

Three evaluations of its `mockllm` provider: answers graded by a model beside a scorer by rule, with one reply that has
no grade and one that is partly right, over two epochs; the same with a grader that is named by role; and choices
between two responses. Written with the version that stands in the logs.
"""

import sys
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import includes, model_graded_fact, model_graded_qa, pattern
from inspect_ai.solver import generate

QUESTIONS = [
    ("Which gas do plants take in?", "carbon dioxide"),
    ("How many sides has a hexagon?", "6"),
    ("Which metal is liquid at room temperature?", "mercury"),
]
ANSWERS = ["Plants take in carbon dioxide.", "It has seven sides.", "That would be mercury."]
GRADES = ["It matches. GRADE: C", "It does not match. GRADE: I", "I would rather not say."]
AGAIN = ["It matches. GRADE: C", "Almost. GRADE: P", "GRADE: C"]


def replies(texts):
    outputs = [ModelOutput.from_content("mockllm/model", text) for text in texts]
    for output in outputs:
        output.usage = ModelUsage(
            input_tokens=9, output_tokens=9, total_tokens=18
        )  # or it fetches a tokenizer
    return get_model("mockllm/model", custom_outputs=outputs)


def graded(folder: Path, form: str) -> None:
    task = Task(
        name="small_facts",
        dataset=[Sample(id=f"q{n}", input=q, target=t) for n, (q, t) in enumerate(QUESTIONS)],
        solver=generate(),
        scorer=[model_graded_qa(model=replies(GRADES + AGAIN), partial_credit=True), includes()],
    )
    evaluate(
        task,
        model=replies(ANSWERS * 2),
        epochs=2,
        log_dir=str(folder),
        log_format=form,
        max_samples=1,
        max_connections=1,
        display="none",
    )


def by_role(folder: Path) -> None:
    task = Task(
        name="small_roles",
        dataset=[Sample(id=f"q{n}", input=q, target=t) for n, (q, t) in enumerate(QUESTIONS)],
        solver=generate(),
        scorer=model_graded_fact(),
    )
    evaluate(
        task,
        model=replies(ANSWERS),
        model_roles={"grader": replies(AGAIN)},
        log_dir=str(folder),
        log_format="eval",
        max_samples=1,
        display="none",
    )


def pairs(folder: Path) -> None:
    shown = [("ab", "A", "A"), ("ba", "A", "B"), ("ab", "B", "B"), ("ba", "neither is good", "A")]
    samples = [
        Sample(
            id=n,
            input="Which answer is better? A: six. B: seven. Say ANSWER: A or ANSWER: B.",
            target=target,
            metadata={
                "item_id": f"hexagon-{n // 2}",
                "order": order,
                "prompt": "How many sides has a hexagon?",
                "response_a": "six",
                "response_b": "seven",
            },
        )
        for n, (order, _, target) in enumerate(shown)
    ]
    task = Task(name="small_pairs", dataset=samples, solver=generate(), scorer=pattern(r"ANSWER: ([AB])"))
    evaluate(
        task,
        model=replies([f"ANSWER: {said}" for _, said, _ in shown]),
        log_dir=str(folder),
        log_format="eval",
        max_samples=1,
        display="none",
    )


if __name__ == "__main__":
    out = Path(sys.argv[1])
    graded(out, "eval")
    graded(out, "json")
    by_role(out)
    pairs(out)
