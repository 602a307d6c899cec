"""Samples of lm-evaluation-harness (`samples_*.jsonl`) with a metric that a model graded.

The harness logs a line a document and filter, and a value for each metric; a metric is taken for model-graded where
its name holds `judge` or `graded`, or where the user names it (`--map grade=METRIC`). Gold is `exact_match` on the same
line, or the metric that the user names (`--map gold=METRIC`). Which model graded is not on record. Tested on samples
that lm_eval 0.4.13 wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError, nearest
from judgebench.items.lines import Line, lacking, lines_of
from judgebench.judges.columns import Columns
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.names import judge_name
from judgebench.run.imports.options import check_names
from judgebench.run.imports.pointwise import EXPECTED, FRAME, NO_ORDER, verdict_of

_KEYS: Final = ("doc_id", "doc", "target", "resps", "filtered_resps")
_MARKS: Final = ("judge", "graded")
_GOLD: Final = "exact_match"
_OWN: Final = frozenset({
    *_KEYS, "arguments", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash", "task_name", "schema_version",
})  # fmt: skip
_UNKNOWN_GRADER: Final = "which model graded: the harness writes down the metric alone"


def misfit(path: Path) -> str | None:
    """Why a path is not such a file, at a glance."""
    return lacking(path, _KEYS)


def read(path: Path) -> list[Recording]:
    """The recordings in a file, one a model-graded metric.

    Raises:
        InputError: The file is broken, no metric is model-graded, or a value is no grade.
    """
    return read_mapped(path, Columns())


def read_mapped(path: Path, columns: Columns) -> list[Recording]:
    """The same, where the user names the metrics of `grade` and `gold`.

    Raises:
        InputError: As in `read`.
    """
    check_names(columns, ("grade", "gold"), names_only=True)
    found = Collection()
    for line in lines_of(path, "file of samples"):
        metrics = _metrics(line)
        wanted = columns.names.get("grade")
        graders = [name for name in metrics if (name == wanted if wanted else _is_graded(name))]
        if not graders or not metrics.keys() >= set(columns.names.values()):
            raise _not_measured(line, metrics, columns)
        for grader in graders:
            found.add(judge_name(grader), _verdict(line, metrics, grader, columns.names.get("gold", _GOLD)))
    if not found.judges():
        raise InputError("the file is empty", file=path, expected="at least one sample")
    return [
        Recording(
            path.stem,
            f"recorded/{judge}",
            found.verdicts(judge),
            FRAME,
            unknown=(NO_ORDER, _UNKNOWN_GRADER),
            protocol="pointwise",
            cluster="source",
        )
        for judge in found.judges()
    ]


def _metrics(line: Line) -> dict[str, Any]:
    """The metrics of a line: those it lists, or in older logs all that is not the harness's own."""
    listed = line.values.get("metrics")
    names = listed if isinstance(listed, list) else [key for key in line.values if key not in _OWN]
    return {str(name): line.values.get(name) for name in names}


def _is_graded(name: str) -> bool:
    return any(mark in name.lower() for mark in _MARKS)


def _not_measured(line: Line, metrics: Mapping[str, Any], columns: Columns) -> InputError:
    """The error where no metric is model-graded, or the one that the user names is not there."""
    absent = next((name for name in columns.names.values() if name not in metrics), None)
    held = f"the metrics are {', '.join(metrics)}" if metrics else "there are no metrics"
    return line.fault(
        "metrics",
        f"no metric {absent!r}; {held}" if absent else f"no metric is model-graded by its name; {held}",
        "--map grade=METRIC, the metric that a model graded",
        nearest(absent, metrics) if absent else None,
    )


def _verdict(line: Line, metrics: Mapping[str, Any], grader: str, gold: str) -> RecordedVerdict:
    found = verdict_of(metrics[grader])
    if found is None:
        raise line.fault(grader, f"{grader!r} is {metrics[grader]!r}"[:100], EXPECTED)
    rule = verdict_of(metrics[gold]) if gold in metrics and gold != grader else None
    document = f"doc-{line.name('doc_id')}"
    filtered = line.name("filter") if line.values.get("filter") else "none"
    return RecordedVerdict(
        f"{document}/{filtered}",
        None,
        found[0],
        gold=rule[0] if rule and rule[0] != "invalid" else None,
        source=document,
        score_a=found[1],
    )


lm_eval = Importer(
    "lm_eval",
    "samples_*.jsonl of lm-evaluation-harness with a model-graded metric",
    read,
    misfit,
    read_mapped,
)
