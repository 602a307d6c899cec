"""Choices between two responses in a log of inspect_ai: the evaluated model is the judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from judgebench.errors import InputError, nearest
from judgebench.items import Item
from judgebench.items.lines import is_name
from judgebench.items.model import LONE_SURROGATE, Gold
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.inspect_file import InspectLog
from judgebench.run.imports.names import judge_name

_PLACES: Final = {"A": 0, "B": 1, "C": 2, "TIE": 2}
_FRAME: Final = (
    "the letter that was answered (A, B; C or tie) and the target are about the responses as shown, and are turned by "
    "the `order` in the sample's metadata; epochs are repeats"
)


def is_pair(sample: Mapping[str, Any]) -> bool:
    """Whether a sample is a choice between two responses."""
    return {"response_a", "response_b"} <= _metadata(sample).keys()


def read_pairs(log: InspectLog, suite: str) -> list[Recording]:
    """The one recording in such a log.

    Raises:
        InputError: A sample is none of these, or lacks the order.
    """
    found, judge = Collection(), judge_name(str(log.spec.get("model") or "")) or "unnamed"
    for name, sample in log.samples():
        order, item = _order(log, name, sample), _item(log, name, sample)
        verdict = _verdict(log, name, sample, order)
        found.add(judge, RecordedVerdict(item.id, order, verdict, gold=item.gold, source=suite))
        if found.lacks(judge, item.id):
            found.add_item(judge, item)
    return [Recording(suite, f"recorded/{judge}", found.verdicts(judge), _FRAME, items=found.items(judge))]


def _metadata(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sample.get("metadata")
    return found if isinstance(found, dict) else {}


def _order(log: InspectLog, name: str, sample: Mapping[str, Any]) -> Literal["ab", "ba"]:
    order = _metadata(sample).get("order")
    if order not in ("ab", "ba"):
        raise InputError(
            f"{name}: a choice between the responses as shown, and no order in its metadata",
            file=log.path,
            expected="order: ab or ba; without it nobody can tell which response was chosen",
            suggestion=nearest("order", _metadata(sample)),
        )
    return cast('Literal["ab", "ba"]', order)


def _item(log: InspectLog, name: str, sample: Mapping[str, Any]) -> Item:
    metadata = _metadata(sample)
    prompt = metadata.get("prompt", sample.get("input"))
    one, two = metadata.get("response_a"), metadata.get("response_b")
    if not all(isinstance(text, str) and not LONE_SURROGATE.search(text) for text in (prompt, one, two)):
        raise InputError(
            f"{name}: the prompt or a response is no text",
            file=log.path,
            expected="prompt, response_a, response_b",
        )
    item_id = metadata.get("item_id", sample.get("id"))
    if not is_name(item_id):
        raise InputError(f"{name}: 'item_id' is no name", file=log.path, expected="a text or a whole number")
    target, order = sample.get("target"), _order(log, name, sample)
    gold = _side(target, order) if isinstance(target, str) else None
    return Item(str(item_id), str(prompt), str(one), str(two), gold=cast("Gold | None", gold))


def _verdict(log: InspectLog, name: str, sample: Mapping[str, Any], order: str) -> str:
    """The response that was chosen; invalid where no letter of the three was answered."""
    held = sample.get("scores")
    scores = [score for score in held.values() if isinstance(score, dict)] if isinstance(held, dict) else []
    if not scores:
        return "error" if sample.get("error") else "invalid"
    answers = {str(score.get("answer") or "") for score in scores}
    if len(answers) > 1:
        raise InputError(
            f"{name}: the scorers read different answers: {', '.join(sorted(answers))}"[:160],
            file=log.path,
            expected="one answer",
        )
    return _side(answers.pop(), order) or "invalid"


def _side(letter: str, order: str) -> str | None:
    """The response that a letter shown stands for; None where it is none of them."""
    place = _PLACES.get(letter.strip().upper())
    return None if place is None else (*order, "tie")[place]
