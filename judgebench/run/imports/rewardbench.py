"""RewardBench's upstream layouts of results, a prompt at a time: columns in one JSON object, or a line a prompt.

`results` is 1 where the chosen response won, 0 where it lost, and 0.5 where a generative judge's reply was no verdict;
reward models have `scores_chosen` and `scores_rejected` besides. The summary of accuracies that upstream writes is read
where it lies at its upstream place: in `eval-set/` beside `eval-set-scores/`, or beside the lines as `MODEL.json`. As
written by allenai/reward-bench: `scripts/run_rm.py` at 045c7f8, `scripts/run_generative.py` at 00bfce4 and the command
`rewardbench --save_all` at 011dfbd. RewardBench 2, best of four, is not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from judgebench.errors import InputError
from judgebench.items.public.rewardbench import SUITE, name_of, pair
from judgebench.items.source_rows import (
    SourceRow,
    distinct,
    finite,
    of_columns,
    read_json,
    read_objects,
    storable,
    unwrapped,
)
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.scores import better

_LAYOUT: Final = (
    "RewardBench's results a prompt: an object of columns or a line a prompt, with results or both scores"
)
_SCORES: Final = (("scores_chosen", "scores_rejected"), ("chosen", "rejected"))
_RESULTS: Final[Mapping[float, str]] = {1: "a", 0: "b", 0.5: "invalid"}
_FOLDERS: Final = {"eval-set-scores": "eval-set", "pref-sets-scores": "pref-sets"}

_FRAME: Final = (
    "a is the chosen response and b the rejected one, so gold is always a; the verdict is which score is higher, or "
    "the result where there are no scores"
)


def read(path: Path) -> list[Recording]:
    """The recording in a file of results.

    Raises:
        InputError: The file is not in the layout.
    """
    model, rows = _rows(path)
    names = [name_of(row, number) for number, row in enumerate(rows)]
    distinct(names, rows, "id")
    verdicts = [_verdict(row, name) for row, name in zip(rows, names, strict=True)]
    found = [pair(row, name) for row, name in zip(rows, names, strict=True)]
    items = [item for item in found if item is not None]
    complete = len(items) == len(rows)
    stated = _published(_summary_of(path), rows)
    unknown = _unknown(verdicts, texts=complete)
    return [Recording(SUITE, judge_of(model), verdicts, _FRAME, stated, items if complete else (), unknown)]


def _rows(path: Path) -> tuple[str, list[SourceRow]]:
    """The judge's name and the rows."""
    if path.suffix.lower() == ".json":
        content, values = read_json(path)
        if isinstance(values, dict):
            rows = of_columns(path, content, values)
            if not rows:
                raise InputError("there are no columns of results", file=path, expected=_LAYOUT)
            model = values.get("model")
            return model if storable(model) else path.stem, rows
    return _stem(path), read_objects(path, expected=_LAYOUT)


def _stem(path: Path) -> str:
    return path.stem.removesuffix("_outputs").removesuffix("_all")


def _unknown(verdicts: Sequence[RecordedVerdict], *, texts: bool) -> list[str]:
    told = ["the order, which is drawn and not written down where a judge is shown both responses"]
    unread = sum(v.verdict == "invalid" for v in verdicts)
    if unread:
        told.append(
            f"which of {unread} results of 0.5 were ties: upstream notes a reply without a verdict so too"
        )
    if not texts:
        told.append("prompts and responses apart: the texts are left out or in the judge's chat template")
    return told


def _scores(row: SourceRow) -> tuple[float, float] | None:
    """Both scores; None where the judge gave none. `chosen` and `rejected` are scores where they are no texts."""
    for keys in _SCORES:
        found = [finite(unwrapped(row.values.get(key))) for key in keys]
        match found:
            case [float() as chosen, float() as rejected]:
                return chosen, rejected
    for key in _SCORES[0]:
        if row.values.get(key) is not None:
            raise row.wrong(key, "a number, as the other score")
    return None


def _result(row: SourceRow) -> float | None:
    if row.values.get("results") is None:
        return None
    result = row.number("results")
    if result not in _RESULTS:
        raise row.wrong("results", "1, 0 or 0.5")
    return result


def _verdict(row: SourceRow, name: str) -> RecordedVerdict:
    scores, result = _scores(row), _result(row)
    if scores is None and result is None:
        raise row.wrong("results", "1, 0 or 0.5, or both scores")
    if scores is not None and result is not None and (result == 1) != (scores[0] > scores[1]):
        raise row.fault(
            "results",
            f"the result is {result} where the chosen response scores {scores[0]} and the rejected {scores[1]}",
            "1 where the chosen response scores higher",
        )
    verdict = better(*scores) if scores is not None else _RESULTS[result or 0]
    score_a, score_b = scores or (None, None)
    category = row.text_or_none("subset")
    return RecordedVerdict(
        name,
        None,
        verdict,
        gold="a",
        source=SUITE,
        category=category,
        score_a=score_a,
        score_b=score_b,
    )


def _summary_of(path: Path) -> Path:
    """Where upstream puts the accuracies that belong to a file of results."""
    parts = path.resolve().parts
    for folder, other in _FOLDERS.items():
        if folder in parts:
            return Path(*(other if part == folder else part for part in parts))
    return path.with_name(f"{_stem(path)}.json")


def _published(summary: Path, rows: Sequence[SourceRow]) -> dict[str, tuple[str, str]]:
    """The accuracies that upstream states, each next to the one from these rows; empty without the file."""
    if not summary.is_file():
        return {}
    _, values = read_json(summary)
    if not isinstance(values, dict):
        return {}
    subsets, found = values.get("extra_results"), upstream_figures(rows)
    stated = values | (subsets if isinstance(subsets, dict) else {})
    return {
        name: (f"{number:.6f}", f"{found[name]:.6f}")
        for name in found
        if (number := finite(stated.get(name))) is not None
    }


def upstream_figures(rows: Sequence[SourceRow]) -> dict[str, float]:
    """Upstream's accuracies by upstream's own rule: the mean result, of all prompts and of each subset.

    Equal scores are wrong, and a reply without a verdict is half right.
    """
    subsets = dict.fromkeys(subset for row in rows if (subset := row.text_or_none("subset")))
    figures = {"accuracy": fmean(map(_won, rows))}
    return figures | {
        name: fmean(_won(row) for row in rows if row.values["subset"] == name) for name in subsets
    }


def _won(row: SourceRow) -> float:
    result, scores = _result(row), _scores(row)
    return result if result is not None else float(scores is not None and scores[0] > scores[1])


rewardbench = Importer("rewardbench", "RewardBench's results a prompt, with results or with scores", read)
