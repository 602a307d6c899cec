"""PandaLM's upstream layout: `testset-v1.json` with three annotators, and beside it a file of verdicts a judge.

A verdict is 1, 2 or a tie, about `response1` and `response2` in the order in which they were shown. The layout of
WeOpenML/PandaLM at 3871806.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.public.pandalm import RESPONSES, SIDES, TESTSET, majority, pair
from judgebench.items.source_rows import SourceRow, read_objects
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.stated import beside

_LAYOUT: Final = (
    "PandaLM's test set: testset-v1.json and verdicts such as pandalm-7b-testset-v1.json beside it"
)
_VERDICTS: Final[Mapping[str, str]] = {"1": "a", "2": "b", "0": "tie", "tie": "tie", "garbage": "invalid"}
_SUITE: Final = "pandalm"

_FRAME: Final = (
    "1 is response1 (a) and 2 is response2 (b), which the judge was shown in this order and knew as such"
)


def read(path: Path) -> list[Recording]:
    """The recordings of the test set's folder, one a judge, or the one in a file of verdicts.

    Raises:
        InputError: A file is missing or not in the layout, or does not belong to the test set.
    """
    folder = path if path.is_dir() else path.parent
    files = sorted(folder.glob(f"*-{TESTSET}")) if path.is_dir() else [path]
    if not files:
        raise InputError("no file of verdicts", file=path, expected=_LAYOUT)
    testset = read_objects(folder / TESTSET, expected=_LAYOUT)
    items = [pair(row) for row in testset]
    return [_recording(file, testset, items) for file in files]


def _recording(file: Path, testset: Sequence[SourceRow], items: Sequence[Item]) -> Recording:
    rows = read_objects(file, expected=_LAYOUT)
    if len(rows) != len(items):
        raise InputError(
            f"{len(rows)} verdicts on {len(items)} pairs",
            file=file,
            expected=f"one for each pair of {TESTSET}",
        )
    verdicts = [_verdict(*triple) for triple in zip(rows, testset, items, strict=True)]
    judge = judge_of(file.name.removesuffix(f"-{TESTSET}"))
    stated = beside(_SUITE, judge, upstream_figures([majority(row) for row in testset], verdicts))
    return Recording(_SUITE, judge, verdicts, _FRAME, stated, items, _unknown(rows, testset))


def _unknown(rows: Sequence[SourceRow], testset: Sequence[SourceRow]) -> list[str]:
    told = ["the verdicts in the other order"]
    if "pandalm_result" in rows[0].values:
        told.append("which ties could not be read: PandaLM's parser takes what it cannot read for a tie")
    respelled = sum(isinstance(row.values[key], bool) for row in testset for key in RESPONSES)
    if respelled:
        told.append(f"the spelling of {respelled} responses that the file holds as a truth value")
    return told


def _verdict(row: SourceRow, tested: SourceRow, item: Item) -> RecordedVerdict:
    if row.text("idx") != tested.text("idx"):
        raise row.wrong("idx", f"{tested.text('idx')}, as in {TESTSET}")
    key = next((key for key in row.values if key.endswith("_result")), "pandalm_result")
    verdict = _VERDICTS.get(row.text(key).lower())
    if verdict is None:
        raise row.wrong(key, "0, 1, 2, tie or garbage")
    return RecordedVerdict(item.id, "ab", verdict, gold=item.gold, source=item.source, category=item.category)


def upstream_figures(golds: Sequence[str], verdicts: Sequence[RecordedVerdict]) -> dict[str, float]:
    """Upstream's figures by upstream's own rule: accuracy, and precision, recall and F1 as means over a, b and tie.

    What could not be read counts as a tie; a class that is never named has a precision of 0.
    """
    named = ["tie" if v.verdict == "invalid" else v.verdict for v in verdicts]
    right = Counter(gold for gold, name in zip(golds, named, strict=True) if gold == name)
    of_gold, of_judge = Counter(golds), Counter(named)
    precision = {side: _share(right[side], of_judge[side]) for side in SIDES.values()}
    recall = {side: _share(right[side], of_gold[side]) for side in SIDES.values()}
    f1 = {
        side: _share(2 * precision[side] * recall[side], precision[side] + recall[side]) for side in precision
    }
    return {
        "accuracy": _share(right.total(), len(golds)),
        "precision": sum(precision.values()) / len(precision),
        "recall": sum(recall.values()) / len(recall),
        "f1": sum(f1.values()) / len(f1),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


pandalm = Importer("pandalm", "PandaLM's test set with the verdicts of its judges, a folder or a file", read)
