"""The pairs of a suite or a record as preference for one's own is estimated from them: `authored.parquet`.

A row a pair: who wrote the two responses, what they are to the judge, what gold and a panel say of response a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from judgebench.items.authored import prompt_of
from judgebench.judges.base import Judge
from judgebench.judges.families import families_of, model_of
from judgebench.run.familiarity import Surprises
from judgebench.run.panel import Said, majority
from judgebench.suite import Suite
from judgebench.suite.authors import SELF

AUTHORED: Final = "authored.parquet"
_WINS: Final = {"a": 1.0, "b": 0.0, "tie": 0.5}


@dataclass(frozen=True, slots=True)
class AuthoredPair:
    """A pair with its authors and what others say of it.

    Attributes:
        item_id: The pair.
        prompt_id: The prompt that it may share with other pairs.
        author_a: Who wrote response a; so `author_b`, empty where a response stands alone.
        relation_a: What that author is to the judge: `self`, `family`, `teacher` or `none`; so `relation_b`.
        gold_a: Gold's win for response a: 1, 1/2 for a tie, 0; None where there is no gold.
        gap_a: By how much response a is better, by what the estimates are matched on; None where nothing says so.
        panel_a: The share that the panel gives to response a, without the members that `gap_a` comes from.
        nats_a: What a token of response a surprises the judge, in nats; None where nothing says so; so `nats_b`.
        points_a: Gold's score of response a, where it is scored by itself; None where it is not; so `points_b`.
    """

    item_id: str
    prompt_id: str
    author_a: str
    author_b: str
    relation_a: str
    relation_b: str
    gold_a: float | None = None
    gap_a: float | None = None
    panel_a: float | None = None
    nats_a: float | None = None
    nats_b: float | None = None
    points_a: float | None = None
    points_b: float | None = None


_SCHEMA: Final = pa.schema(
    [(f.name, pa.string() if f.default is MISSING else pa.float64()) for f in fields(AuthoredPair)]
)  # fmt: skip


def write_pairs(path: Path, pairs: Iterable[AuthoredPair]) -> None:
    """Write the pairs."""
    pq.write_table(pa.Table.from_pylist([asdict(pair) for pair in pairs], schema=_SCHEMA), path)


def pairs_from(
    suite: Suite, relations: Mapping[str, str], said: Said, members: list[str], surprises: Surprises
) -> list[AuthoredPair]:
    """The pairs of a suite that name both authors.

    Where items have gold (from people or a check), pairs are matched on it and the whole panel is compared with the
    judge. Where gold is the panel's majority, the first half of its members says how good the responses are, and the
    others are compared with the judge, so that no verdict enters on both sides.

    Args:
        suite: The suite with its responses and gold.
        relations: What each author is to the judge.
        said: What the panel says.
        members: The members' specs, in the order of the suite; with one, nothing is matched on its verdicts.
        surprises: What a token of each response surprises the judge, where that is known.
    """
    found = []
    for item in suite.items:
        a, b = item.authors
        if a is None or b is None:
            continue
        given = said.shares.get(item.id, {})
        stated = None if item.gold is None else _WINS.get(item.gold)
        if item.gold is not None:
            gap, panel = None if stated is None else 2 * stated - 1, _mean(given, members)
        else:
            first = _mean(given, members[: len(members) // 2])
            gap, panel = None if first is None else 2 * first - 1, _mean(given, members[len(members) // 2 :])
        gold = stated if item.gold is not None else majority(given)
        nats = (surprises.get((item.prompt, text)) for text in item.responses)
        points = (said.points.get((item.id, letter)) for letter in item.letters)
        found.append(
            AuthoredPair(
                item.id, prompt_of(item), a, b, relations[a], relations[b], gold, gap, panel, *nats, *points
            )
        )
    return found


def _mean(given: Mapping[str, float], members: list[str]) -> float | None:
    """The mean over those members that gave a verdict; None where none did."""
    said = [given[name] for name in members if name in given]
    return sum(said) / len(said) if said else None


def relations_of(suite: Suite, judge: Judge, written: Mapping[str, Judge]) -> dict[str, str]:
    """What each author of the suite's pairs is to the judge.

    Args:
        suite: The suite.
        judge: The judge that is audited.
        written: The models that wrote in this run, by author.
    """
    told = suite.spec.self_preference
    stated = {author.title: author for author in (told.authors if told else ())}
    own = {name.casefold() for name in (*(told.own if told else ()), *_names(judge.spec))}
    families = families_of(judge.spec, told.family if told else None)
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for item in suite.items for name in item.authors if name):
        author, model = stated.get(name), written.get(name)
        is_self = (model is not None and model.identity == judge.identity) or (
            model is None and name.casefold() in own
        )
        if author is not None and author.relation is not None:
            found[name] = author.relation
        elif is_self or (author is not None and author.judge == SELF):
            found[name] = "self"
        else:
            theirs = families_of(model.spec if model else name, author.family if author else None)
            found[name] = "family" if theirs & families else "none"
    return found


def _names(spec: str) -> tuple[str, ...]:
    """How an item file may call the judge: by its spec, its model, or the last part of that."""
    model = model_of(spec)
    return spec, model, model.rpartition("/")[2]
