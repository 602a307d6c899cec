"""LLMBar's upstream layout: an evaluator's folder with `result.json`, and `dataset.json` in a folder above it.

Each item was judged in both orders. Upstream already maps the winner back to output_1 and output_2, so `1` is a and `2`
is b in the item's frame; a winner that could not be read is null, and counts as wrong in upstream's figures. The layout
of princeton-nlp/LLMBar at 900616b.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.public.llmbar import pairs
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording

_RUNS: Final[tuple[tuple[str, Literal["ab", "ba"]], ...]] = (("swap = False", "ab"), ("swap = True", "ba"))
_SIDES: Final = {"1": "a", "2": "b"}
_ABOVE: Final = 4
_LAYOUT: Final = (
    "the folder of an evaluator in LLMBar's upstream layout, such as Natural/evaluators/GPT-4/Vanilla"
)


def read(path: Path) -> list[Recording]:
    """The recording of one evaluator of LLMBar.

    Raises:
        InputError: A file is missing or not in the layout, or the two files do not belong together.
    """
    result = _rows(path / "result.json")
    dataset_path = _dataset_above(path)
    items = pairs(dataset_path)
    if len(result) != len(items):
        raise InputError(
            f"{len(result)} results for {len(items)} items",
            file=path / "result.json",
            expected=f"one result for each item of {dataset_path}",
        )
    suite = f"llmbar-{dataset_path.parent.name.lower()}"
    verdicts = [
        verdict
        for index, (item, judged) in enumerate(zip(items, result, strict=True))
        for verdict in _verdicts(path, index, item, judged)
    ]
    judge = "recorded/" + "/".join(path.resolve().parts[-2:])
    frame = "upstream maps both runs back to output_1 (a) and output_2 (b); `swap = True` is order ba"
    published = _published(path / "statistics.json", verdicts)
    return [Recording(suite, judge, verdicts, frame, published, items)]


def _dataset_above(path: Path) -> Path:
    for folder in list(path.resolve().parents)[:_ABOVE]:
        if (folder / "dataset.json").is_file():
            return folder / "dataset.json"
    raise InputError("no dataset.json in the folders above", file=path, expected=_LAYOUT)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, expected=_LAYOUT) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", file=path) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}", file=path, line=error.lineno, column=error.colno
        ) from error


def _rows(path: Path) -> list[dict[str, Any]]:
    found = _json(path)
    if not (isinstance(found, list) and found and all(isinstance(row, dict) for row in found)):
        raise InputError("not a list of objects", file=path, expected="an object for each item")
    return found


def _verdicts(path: Path, index: int, item: Item, judged: dict[str, Any]) -> list[RecordedVerdict]:
    """Both verdicts of an item.

    The last entry of `results` holds them: prompts that ask for metrics or a reference first leave those before it.
    """
    try:
        belongs = item.prompt == judged["input"]
        runs = judged["results"][-1]
        winners = {order: str(runs[name]["winner"]) for name, order in _RUNS}
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(
            f"result {index} is not in the layout: {error!r}",
            file=path / "result.json",
            expected="input, and results ending in both runs with their winners",
        ) from error
    if not belongs:
        raise InputError(
            f"result {index} is about another item",
            file=path / "result.json",
            expected="the results in the order of dataset.json",
        )
    return [
        RecordedVerdict(
            item.id,
            order,
            _SIDES.get(winner, "invalid"),
            gold=item.gold,
            source=item.source,
        )
        for order, winner in winners.items()
    ]


def upstream_figures(verdicts: Sequence[RecordedVerdict]) -> dict[str, str]:
    """Upstream's statistics by upstream's own rule: what cannot be read is wrong, and equals nothing but its like."""
    orders = {order: [v for v in verdicts if v.order == order] for order in ("ab", "ba")}
    right = {order: [v.verdict == v.gold for v in found] for order, found in orders.items()}
    total = len(orders["ab"])
    both = sum(a and b for a, b in zip(right["ab"], right["ba"], strict=True))
    equal = sum(a.verdict == b.verdict for a, b in zip(orders["ab"], orders["ba"], strict=True))
    average = 50 * (sum(right["ab"]) / total + sum(right["ba"]) / total)
    return {
        "correct_False": f"{sum(right['ab'])} / {total}",
        "correct_True": f"{sum(right['ba'])} / {total}",
        "correct_average": f"{average:.6f}",
        "correct_both": f"{both} / {total}",
        "equal": f"{equal} / {total}",
    }


def _published(statistics: Path, verdicts: Sequence[RecordedVerdict]) -> dict[str, tuple[str, str]]:
    """Upstream's figures as published, each next to the same figure from these verdicts; empty without the file.

    Upstream's kappas are left out: they compare winners 0 and 1 with labels 1 and 2.
    """
    if not statistics.is_file():
        return {}
    stated, found = _json(statistics), upstream_figures(verdicts)
    try:
        return {name: (_comparable(stated[name]), found[name]) for name in found if name in stated}
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"not in the layout: {error}", file=statistics, expected='figures such as "95 / 100 = 95.0%"'
        ) from error


def _comparable(stated: str) -> str:
    """`95 / 100 = 95.0%` as its counts, `95.5%` as a number of six decimals."""
    counts, equals, _ = stated.partition(" = ")
    return counts if equals else f"{float(stated.rstrip('%')):.6f}"


llmbar = Importer("llmbar", "an evaluator's folder of LLMBar, with result.json", read)
