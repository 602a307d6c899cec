"""Any preference set, by saying which column holds what: a local file, or a set of Hugging Face."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from judgebench.errors import InputError, nearest
from judgebench.items.model import Gold, Item, fault_of
from judgebench.items.public.base import PublicSource, Sides, placed
from judgebench.items.source_rows import SourceRow, distinct, read_table

_CHOSEN: Final = ("chosen", "rejected")
_PAIR: Final = ("response_a", "response_b")
_KNOWN: Final = (
    "prompt", *_CHOSEN, *_PAIR, "id", "gold", "category", "source", "reference", "author_a", "author_b"
)  # fmt: skip
_GOLDS: Final[dict[str, Gold | None]] = {"a": "a", "b": "b", "tie": "tie", "none": None}
_EXPECTED: Final = (
    "columns: {prompt: ..., chosen: ..., rejected: ...} or {prompt: ..., response_a: ..., response_b: ...}"
)


@dataclass(frozen=True)
class Preferences(PublicSource):
    """Any preference set, from a file or from Hugging Face, by column mapping.

    Attributes:
        dataset: A set of Hugging Face or a folder that its library reads; needs the extra `datasets`.
        config: That set's configuration.
        split: That set's split.
        revision: That set's revision, to pin it.
        columns: From `prompt`, `chosen`, `rejected` (or `response_a`, `response_b`, `gold`), `id`, `category`,
            `source`, `reference`, `author_a`, `author_b` to the column that holds it. A response may be a list of
            messages, whose last one it is; the messages before are the prompt where no column holds it.
        gold_values: From the values of the column of gold to a, b, tie or none.
        sides: For chosen and rejected: `upstream` makes the chosen one a always.
    """

    name: ClassVar[str] = "preferences"
    dataset: str | None = None
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    columns: dict[str, str] | None = None
    gold_values: dict[str, str] | None = None
    sides: Sides = "balanced"

    def load(self) -> list[Item]:
        """The pairs of the file or set, in its order."""
        columns = self._columns()
        rows = self._rows(columns)
        named = self.dataset or str(self.located().stem)
        pairs = [self._pair(row, columns, f"{named}/{number:05d}") for number, row in enumerate(rows)]
        distinct([item.id for item in pairs], rows, columns.get("id", ""))
        items = [item if item.source else replace(item, source=named) for item in pairs]
        return placed(items, self.sides) if "chosen" in columns else items

    def _columns(self) -> Mapping[str, str]:
        columns = self.columns or {}
        for key in columns:
            if key not in _KNOWN:
                raise InputError(
                    f"unknown key {key!r} in 'columns'",
                    expected=f"one of {', '.join(_KNOWN)}",
                    suggestion=nearest(key, _KNOWN),
                )
        by_choice, by_side = ([key in columns for key in keys] for keys in (_CHOSEN, _PAIR))
        if (
            any(by_choice) == any(by_side)
            or not (all(by_choice) or all(by_side))
            or (any(by_choice) and "gold" in columns)
        ):
            raise InputError("'columns' does not say where both responses stand", expected=_EXPECTED)
        for value, meaning in (self.gold_values or {}).items():
            if meaning not in _GOLDS:
                raise InputError(
                    f"'gold_values' gives {value!r} the meaning {meaning!r}",
                    expected=f"one of {', '.join(_GOLDS)}",
                )
        return columns

    def _rows(self, columns: Mapping[str, str]) -> list[SourceRow]:
        if (self.dataset is None) == (self.path is None):
            raise InputError(
                "a preference set comes from a file or from Hugging Face", expected="path: or dataset:"
            )
        if self.dataset is None:
            rows = read_table(self.located(), expected=_EXPECTED, kind="preference set")
        else:
            rows = list(_hugging_face(self.dataset, self.config, self.split, self.revision))
        for column in columns.values():
            if rows and column not in rows[0].values:
                raise InputError(
                    f"the set has no column {column!r}",
                    expected=f"one of {', '.join(map(str, rows[0].values))}",
                    suggestion=nearest(column, map(str, rows[0].values)),
                )
        return rows

    def _pair(self, row: SourceRow, columns: Mapping[str, str], name: str) -> Item:
        chosen = "chosen" in columns
        keys = [columns[key] for key in (_CHOSEN if chosen else _PAIR)]
        before, (response_a, response_b) = zip(*(_response(row, key) for key in keys), strict=True)
        prompt = _prompt(row, columns["prompt"]) if "prompt" in columns else before[0]
        if not prompt or ("prompt" not in columns and before[0] != before[1]):
            raise row.fault(
                keys[1],
                "the prompt is not on record",
                "a column for it, or one conversation before both responses",
            )

        def given(key: str) -> str | None:
            return row.text_or_none(columns[key]) if key in columns else None

        item = Item(
            id=given("id") or name,
            prompt=prompt,
            response_a=response_a,
            response_b=response_b,
            gold="a" if chosen else self._gold(row, columns),
            category=given("category"),
            source=given("source"),
            reference=given("reference"),
            author_a=given("author_a"),
            author_b=given("author_b"),
        )
        fault = fault_of(item.to_dict())
        if fault:
            raise row.fault(keys[0], fault[1], "texts that can be stored")
        return item

    def _gold(self, row: SourceRow, columns: Mapping[str, str]) -> Gold | None:
        if "gold" not in columns or row.values.get(columns["gold"]) is None:
            return None
        value = row.values[columns["gold"]]
        meanings = self.gold_values or {gold: gold for gold in _GOLDS}
        if str(value) not in meanings:
            raise row.wrong(columns["gold"], f"one of {', '.join(meanings)}")
        return _GOLDS[meanings[str(value)]]


def _response(row: SourceRow, key: str) -> tuple[str, str]:
    """What was said before a response, and the response."""
    value = row.values.get(key)
    if not isinstance(value, list):
        return "", row.text(key)
    for message in value or [None]:
        if not (isinstance(message, dict) and isinstance(message.get("content"), str)):
            raise row.wrong(key, "a text, or a list of messages with role and content")
        row.storable(key, message["content"], "messages that can be stored")
    before = value[:-1]
    if len(before) == 1:
        return str(before[0]["content"]), str(value[-1]["content"])
    return "\n\n".join(f"{m.get('role')}: {m['content']}" for m in before), str(value[-1]["content"])


def _prompt(row: SourceRow, key: str) -> str:
    """A prompt; of a list of messages, who says what, and of a single one what it says."""
    value = row.values.get(key)
    if not isinstance(value, list):
        return row.text(key)
    before, last = _response(row, key)
    return last if not before else "\n\n".join(f"{m.get('role')}: {m['content']}" for m in value)


def _hugging_face(dataset: str, config: str | None, split: str, revision: str | None) -> Iterator[SourceRow]:
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise InputError(
            f"the set {dataset!r} is of Hugging Face, whose library is not installed",
            expected="pip install 'judgebench[datasets]', or a local file in path:",
        ) from error
    try:
        rows: Any = load_dataset(dataset, config, split=split, revision=revision)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the set {dataset!r} does not load: {reason}",
            expected="its name, configuration and split, and a network",
        ) from error
    for number, values in enumerate(rows, 1):
        yield SourceRow(Path(dataset), values, "", line=number)
