"""Rows of a publisher's layout, each with the place it came from, and what is asked of them again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from judgebench.errors import InputError, nearest
from judgebench.items.model import LONE_SURROGATE
from judgebench.items.rows import column_of, read_rows

T = TypeVar("T")


@dataclass(slots=True)
class Line:
    """One row.

    Attributes:
        path: Its file.
        number: Its line, from 1.
        text: The line itself; empty where the file has no lines.
        values: What it holds.
    """

    path: Path
    number: int | None
    text: str
    values: Mapping[str, Any]

    def fault(
        self, key: str, message: str, expected: str | None = None, suggestion: str | None = None
    ) -> InputError:
        """An error at the place of a key."""
        return InputError(
            message,
            file=self.path,
            line=self.number,
            column=column_of(self.text, key) if self.number else None,
            expected=expected,
            suggestion=suggestion,
        )

    def name(self, key: str) -> str:
        """A text or a whole number that must be there, as text.

        Raises:
            InputError: It is absent, empty, or something else.
        """
        found = self.values.get(key)
        if found is None or found == "":
            raise self.fault(key, f"{key!r} is missing", suggestion=nearest(key, self.values))
        if not is_name(found):
            raise self.fault(key, f"{key!r} is {found!r}"[:80], "a name or a whole number")
        return str(found)

    def one_of(self, key: str, meanings: Mapping[str, T]) -> T:
        """What a value out of few stands for.

        Raises:
            InputError: It is none of them.
        """
        found = self.name(key)
        if found not in meanings:
            raise self.fault(
                key, f"{key!r} is {found!r}", f"one of {', '.join(meanings)}", nearest(found, meanings)
            )
        return meanings[found]


def lines_of(path: Path, kind: str) -> Iterator[Line]:
    """The rows of a JSONL, CSV or Parquet file, or of a list in a JSON file.

    Raises:
        InputError: The file is missing, broken or of another format.
    """
    if path.suffix.lower() == ".json":
        yield from _listed(path)
        return
    for number, text, values in read_rows(path, kind=kind):
        yield Line(path, number, text, values)


def _listed(path: Path) -> Iterator[Line]:
    found = read_json(path)
    if not (isinstance(found, list) and all(isinstance(row, dict) for row in found)):
        raise InputError("not a list of objects", file=path, expected="an object for each judgment")
    for row in found:
        yield Line(path, None, "", row)


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        InputError: It cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", file=path) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}", file=path, line=error.lineno, column=error.colno
        ) from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"not JSON that can be read: {error}", file=path) from error


def lacking(path: Path, *layouts: tuple[str, ...]) -> str | None:
    """Why the first row of a file is in none of the layouts, each given by its keys; None where it is in one."""
    if path.is_dir():
        return "it is a folder"
    try:
        first = next(lines_of(path, "log"), None)
    except InputError as error:
        return error.message
    if first is None:
        return "it is empty"
    absent = [[key for key in layout if key not in first.values] for layout in layouts]
    if not all(absent):
        return None
    return "its first row lacks " + ", or ".join(" and ".join(map(repr, keys)) for keys in absent)


def is_name(value: Any) -> bool:
    """Whether a value is a whole number, or a text that is not empty and can be stored."""
    if isinstance(value, str):
        return bool(value.strip()) and not LONE_SURROGATE.search(value)
    return isinstance(value, int) and not isinstance(value, bool)
