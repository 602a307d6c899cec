"""Rows of a publisher's file, each with the place it came from, and values read strictly."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

from judgebench.errors import InputError
from judgebench.items.model import LONE_SURROGATE
from judgebench.items.rows import column_of, decode, read_bytes, read_jsonl, read_rows

_GAP: Final = re.compile(r"[\s,]*")
_DECODER: Final = json.JSONDecoder()
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An object of a JSONL file or of a JSON list.

    Attributes:
        path: The file.
        values: What the object holds.
        content: The text that holds it: its line in JSONL, the whole file in JSON.
        start: Where in that text it starts.
        line: The number of that text's first line, from 1.
        place: Which element of the columns it is, from 0, where the file holds columns.
    """

    path: Path
    values: Mapping[str, Any]
    content: str
    start: int = 0
    line: int = 1
    place: int | None = None

    def fault(self, key: str, message: str, expected: str) -> InputError:
        """An error at the place of a key, or at the object's where it has no such key."""
        offset = column_of(self.content[self.start :], key) - 1 if key in self.values else 0
        before = self.content[: self.start + offset]
        return InputError(
            message if self.place is None else f"{message} at place {self.place}",
            file=self.path,
            line=self.line + before.count("\n"),
            column=len(before) - before.rfind("\n"),
            expected=expected,
        )

    def wrong(self, key: str, expected: str) -> InputError:
        """The error for a value that is missing or of another kind."""
        if key not in self.values:
            return self.fault(key, f"{key!r} is missing", expected)
        return self.fault(key, f"{key!r} is {shown(self.values[key])}", expected)

    def text(self, key: str) -> str:
        """A text; a whole number counts as one.

        Raises:
            InputError: It is missing, of another kind, or no text that can be stored.
        """
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or LONE_SURROGATE.search(value):
            raise self.wrong(key, "a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        """A text, or None where there is none.

        Raises:
            InputError: It is of another kind.
        """
        return None if self.values.get(key) is None else self.text(key)

    def number(self, key: str) -> float:
        """A finite number.

        Raises:
            InputError: It is missing or of another kind.
        """
        value = finite(self.values.get(key))
        if value is None:
            raise self.wrong(key, "a number")
        return value

    def numbers(self, key: str, count: int) -> list[float]:
        """So many finite numbers; each may stand in a list of its own.

        Raises:
            InputError: They are missing, fewer, more, or of another kind.
        """
        values = self.values.get(key)
        found = [finite(unwrapped(v)) for v in values] if isinstance(values, list) else []
        if len(found) != count or None in found:
            raise self.wrong(key, f"a list of {count} numbers")
        return [value for value in found if value is not None]

    def storable(self, key: str, value: object, expected: str) -> str:
        """A text that stands somewhere under a key.

        Raises:
            InputError: It is none, or none that can be stored.
        """
        if not storable(value):
            raise self.fault(key, f"a {type(value).__name__} {shown(value)} under {key!r}", expected)
        return value

    def texts(self, key: str, count: int) -> list[str]:
        """So many texts.

        Raises:
            InputError: They are missing, fewer, more, or of another kind.
        """
        values = self.values.get(key)
        if not (isinstance(values, list) and len(values) == count and all(map(storable, values))):
            raise self.wrong(key, f"a list of {count} texts")
        return values


def read_objects(path: Path, *, expected: str, kind: str = "file of verdicts") -> list[SourceRow]:
    """The objects of a JSONL file (.jsonl) or of a JSON list (any other ending), in their order.

    Args:
        path: The file.
        expected: What a message says should have been there.
        kind: What messages call the file.

    Raises:
        InputError: The file is missing, empty, or holds something else.
    """
    if path.suffix.lower() == ".jsonl":
        rows = [SourceRow(path, values, text, line=line) for line, text, values in read_rows(path, kind=kind)]
    else:
        rows = _of_list(path, expected, kind)
    if not rows:
        raise InputError("the file is empty", file=path, expected=expected)
    return rows


def read_lines(path: Path, *, expected: str, kind: str) -> list[SourceRow]:
    """The objects of a file of one object a line, whatever its ending.

    Raises:
        InputError: The file is missing, empty, or holds something else.
    """
    rows = [SourceRow(path, values, text, line=line) for line, text, values in read_jsonl(path, kind)]
    if not rows:
        raise InputError("the file is empty", file=path, expected=expected)
    return rows


def read_table(path: Path, *, expected: str, kind: str) -> list[SourceRow]:
    """The rows of a Parquet, CSV or JSONL file, or of a JSON list.

    Raises:
        InputError: The file is missing, empty, of another format, or broken.
    """
    if path.suffix.lower() == ".json":
        return read_objects(path, expected=expected, kind=kind)
    rows = [SourceRow(path, values, text, line=line) for line, text, values in read_rows(path, kind=kind)]
    if not rows:
        raise InputError("the file is empty", file=path, expected=expected)
    return rows


def read_groups(path: Path, *, expected: str, kind: str) -> list[SourceRow]:
    """The objects of a JSON object that holds lists of them, in their order.

    Raises:
        InputError: The file is missing, empty, or holds something else.
    """
    content, values = read_json(path, kind=kind)
    rows = []
    for start, found in _members(content) if isinstance(values, dict) else ():
        if not (isinstance(found, list) and all(isinstance(value, dict) for value in found)):
            raise InputError("not an object of lists of objects", file=path, expected=expected)
        starts = _starts(content, start + 1, len(found))
        rows += [SourceRow(path, value, content, place) for value, place in zip(found, starts, strict=True)]
    if not rows:
        raise InputError("not an object of lists of objects", file=path, expected=expected)
    return rows


def _members(content: str) -> Iterator[tuple[int, Any]]:
    """Where the values of a JSON object start, and the values, from a text that is known to hold one."""
    place = _after_gap(content, content.index("{") + 1)
    while content[place] != "}":
        _, place = _DECODER.raw_decode(content, place)
        start = _after_gap(content, content.index(":", place) + 1)
        value, place = _DECODER.raw_decode(content, start)
        place = _after_gap(content, place)
        yield start, value


def _after_gap(content: str, place: int) -> int:
    gap = _GAP.match(content, place)
    return gap.end() if gap else place


def _of_list(path: Path, expected: str, kind: str) -> list[SourceRow]:
    content, values = read_json(path, kind=kind)
    if not (isinstance(values, list) and all(isinstance(value, dict) for value in values)):
        raise InputError("not a list of objects", file=path, expected=expected)
    starts = _starts(content, content.index("[") + 1, len(values))
    return [SourceRow(path, value, content, start) for value, start in zip(values, starts, strict=True)]


def _starts(content: str, place: int, count: int) -> Iterator[int]:
    """Where the elements of a JSON list start that begins there, from a text that is known to hold one."""
    for _ in range(count):
        place = _after_gap(content, place)
        yield place
        _, place = _DECODER.raw_decode(content, place)


def of_columns(path: Path, content: str, columns: Mapping[str, Any]) -> list[SourceRow]:
    """The rows of an object that holds a list a column; what is no list is left out.

    Raises:
        InputError: The lists differ in length.
    """
    lists = {key: value for key, value in columns.items() if isinstance(value, list)}
    lengths = {key: len(value) for key, value in lists.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            f"the columns differ in length: {lengths}", file=path, expected="columns of one length"
        )
    return [
        SourceRow(path, dict(zip(lists, values, strict=True)), content, place=place)
        for place, values in enumerate(zip(*lists.values(), strict=True))
    ]


def read_json(path: Path, *, kind: str = "file") -> tuple[str, Any]:
    """The text of a JSON file, and what it holds.

    Raises:
        InputError: It is missing or not JSON.
    """
    content = decode(path, read_bytes(path, kind=kind))
    try:
        return content, json.loads(content)
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}", file=path, line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise InputError("not JSON that can be read: nested too deeply", file=path) from error
    except ValueError as error:
        raise InputError("not JSON that can be read: a number of thousands of digits", file=path) from error


def finite(value: object) -> float | None:
    """The number, or None where it is none, infinite, or a truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def unwrapped(value: object) -> object:
    """What a list of one holds; anything else as it is. Some scorers give each score a list of its own."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def storable(value: object) -> TypeGuard[str]:
    """Whether a value is a text that can be stored."""
    return isinstance(value, str) and LONE_SURROGATE.search(value) is None


def shown(value: object) -> str:
    """A value as messages show it."""
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def suite_of(*parts: str) -> str:
    """A name for a set of items that can also name a folder."""
    return re.sub(r"[^\w.-]+", "-", "-".join(parts))


def distinct(ids: Sequence[str], rows: Sequence[SourceRow], key: str) -> None:
    """Make sure that no id comes twice.

    Raises:
        InputError: One does; the place is the second's.
    """
    seen: set[str] = set()
    for name, row in zip(ids, rows, strict=True):
        if name in seen:
            raise row.fault(key, f"the item {name!r} comes twice", "each item once")
        seen.add(name)
