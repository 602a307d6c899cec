"""RM-Bench's upstream layout: the data set with `score_chosen` and `score_rejected`, three styles each.

Every prompt has three chosen and three rejected responses, in the styles concise, detailed, and detailed with markdown.
Each is scored once, so nine pairs are compared; a pair is hard where the rejected response has the fancier style. As
written by THU-KEG/RM-Bench, `scripts/run_rm.py` at 659399c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from judgebench.items import Item
from judgebench.items.public.rm_bench import PAIRS, STYLES, level, pairs, prompt_id
from judgebench.items.source_rows import SourceRow, distinct, read_objects, suite_of
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.scores import better
from judgebench.run.imports.stated import beside

_LAYOUT: Final = (
    "RM-Bench's results: id, prompt, chosen, rejected, score_chosen, score_rejected, three styles each"
)
_LEVELS: Final = ("hard", "normal", "easy")
_DOMAINS: Final = ("chat", "math", "code", "safety")
_FILE: Final = re.compile(r".*_(?:dataset|filtered)_(?P<model>.+)_REWORD_MODEL(?:_\d+)*")
"""As upstream names its files, misspelling and all."""

_FRAME: Final = (
    "a is the chosen response and b the rejected one, so gold is always a; the verdict is which of the two scores is "
    "higher; the nine pairs of a prompt share their responses, and their prompt is the source: cluster by it"
)
_UNKNOWN: Final = ("the order, which has no meaning where responses are scored one by one",)


def read(path: Path) -> list[Recording]:
    """The recording in a file of results.

    Raises:
        InputError: The file is not in the layout.
    """
    rows = read_objects(path, expected=_LAYOUT)
    distinct([prompt_id(row) for row in rows], rows, "id")
    items = [item for row in rows for item in pairs(row)]
    scores = [pair for row in rows for pair in _scores(row)]
    verdicts = [_verdict(item, *pair) for item, pair in zip(items, scores, strict=True)]
    domains = {_domain(row) for row in rows}
    suite = suite_of("rm-bench", *(() if domains >= set(_DOMAINS) else sorted(domains - {""})))
    named = _FILE.fullmatch(path.stem)
    judge = judge_of(named["model"] if named else path.stem)
    stated = beside(suite, judge, upstream_figures(rows))
    return [Recording(suite, judge, verdicts, _FRAME, stated, items, _UNKNOWN)]


def _domain(row: SourceRow) -> str:
    """The domain as upstream reports it: both halves of safety are one; empty where the file has none."""
    domain = row.text_or_none("domain") or ""
    return next((known for known in _DOMAINS if domain.startswith(known)), domain)


def _scores(row: SourceRow) -> list[tuple[float, float]]:
    """The scores of the chosen and the rejected response of each of the nine pairs."""
    chosen, rejected = (row.numbers(key, len(STYLES)) for key in ("score_chosen", "score_rejected"))
    return [(chosen[i], rejected[j]) for i, j in PAIRS]


def _verdict(item: Item, chosen: float, rejected: float) -> RecordedVerdict:
    return RecordedVerdict(
        item.id,
        None,
        better(chosen, rejected),
        gold=item.gold,
        source=item.source,
        category=item.category,
        score_a=chosen,
        score_b=rejected,
    )


def upstream_figures(rows: Sequence[SourceRow]) -> dict[str, float]:
    """Upstream's accuracies by upstream's own rule, in percent: equal scores are wrong, domains count the same.

    Returns:
        `hard`, `normal`, `easy`, `overall`, and one for each domain that the file names.
    """
    domains = {name: [row for row in rows if _domain(row) == name] for name in map(_domain, rows)}
    accuracies = {name: _accuracies(found) for name, found in domains.items()}
    figures = {level: fmean(found[level] for found in accuracies.values()) for level in _LEVELS}
    by_domain = {name: fmean(found.values()) for name, found in accuracies.items()}
    return figures | {"overall": fmean(by_domain.values())} | {k: v for k, v in by_domain.items() if k}


def _accuracies(rows: Sequence[SourceRow]) -> Mapping[str, float]:
    wins: dict[str, list[float]] = {level: [] for level in _LEVELS}
    for row in rows:
        for pair, (chosen, rejected) in zip(PAIRS, _scores(row), strict=True):
            wins[level(*pair)].append(100.0 * (chosen > rejected))
    return {level: fmean(found) for level, found in wins.items()}


rm_bench = Importer(
    "rm_bench", "RM-Bench's results: scores of three chosen and three rejected responses", read
)
