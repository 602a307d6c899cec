"""Rows from JSONL, CSV and Parquet files, each with the place it came from."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from judgebench.errors import InputError, nearest

Row = tuple[int, str, dict[str, Any]]
"""(line number from 1, or the row's number in Parquet; the line's text or ""; the values)."""

_BATCH: Final = 10_000
"""Rows of a Parquet file that are in memory at a time."""


def read_rows(
    path: Path, *, kind: str = "file", known: Collection[str] = (), filled: Collection[str] = ()
) -> Iterator[Row]:
    """The rows of a file, read as they are asked for; its ending tells the format (.jsonl, .csv, .parquet).

    Args:
        path: The file.
        kind: What messages call it.
        known: The only columns that a CSV header may name; any where empty.
        filled: The columns in which an empty CSV cell is an empty text; elsewhere it says that nothing is known.

    Raises:
        InputError: The file is missing or of another format, or a row cannot be read.
    """
    ending = path.suffix.lower()
    if ending not in {".jsonl", ".ndjson", ".csv", ".parquet"}:
        raise InputError(
            f"cannot tell the format of a {kind} that ends in {path.suffix!r}",
            file=path,
            expected="one of .jsonl, .ndjson, .csv, .parquet",
        )
    if ending == ".csv":
        return _read_csv(path, kind, known, filled)
    return _read_parquet(path, kind) if ending == ".parquet" else read_jsonl(path, kind)


def read_bytes(path: Path, *, kind: str = "file") -> bytes:
    """The content of a file.

    Raises:
        InputError: There is no such file (the nearest name in its folder is suggested), or it cannot be read.
    """
    with _opened(path, kind) as file:
        return file.read()


def _opened(path: Path, kind: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"no such {kind}", file=path, suggestion=_nearest_file(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"the {kind} cannot be read: {reason}", file=path) from error


def decode(path: Path, data: bytes) -> str:
    """The text of a file's content; a byte order mark at its start is dropped.

    Raises:
        InputError: It is not UTF-8.
    """
    return _decoded(path, data.removeprefix(codecs.BOM_UTF8), 1)


def _decoded(path: Path, body: bytes, first_line: int) -> str:
    """The text of a part of a file that begins with that line."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line_start = body.rfind(b"\n", 0, error.start) + 1
        raise InputError(
            f"not UTF-8: byte 0x{body[error.start]:02x}",
            file=path,
            line=body.count(b"\n", 0, error.start) + first_line,
            column=len(body[line_start : error.start].decode()) + 1,
            expected="a UTF-8 file",
        ) from error


def _nearest_file(path: Path) -> str | None:
    try:
        return nearest(path.name, (p.name for p in path.parent.iterdir()))
    except OSError:
        return None


def unknown_key(path: Path, line: int, column: int, key: str, known: Collection[str]) -> InputError:
    """The error for a key that no row may have, with the nearest that it may."""
    return InputError(
        f"unknown key {key!r}",
        file=path,
        line=line,
        column=column,
        expected=f"keys {', '.join(known)}",
        suggestion=nearest(key, known),
    )


def _twice(path: Path, line: int, column: int, key: str) -> InputError:
    return InputError(
        f"the key {key!r} comes twice", file=path, line=line, column=column, expected="each key once"
    )


def _columns(text: str, key: str) -> list[int]:
    """Where a JSON key stands in its line."""
    written = "|".join(re.escape(json.dumps(key, ensure_ascii=ascii_only)) for ascii_only in (True, False))
    return [match.start() + 1 for match in re.finditer(rf"(?:{written})\s*:", text)]


def column_of(text: str, key: str) -> int:
    """Where a JSON key stands in its line; 1 where it does not."""
    return next(iter(_columns(text, key)), 1)


class _DuplicateKeyError(ValueError):
    """A JSON object gives the same key twice; the argument is the key."""


class _ConstantError(ValueError):
    """NaN or an infinity, which JSON does not have; the argument is the word."""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return row


def _no_constant(word: str) -> NoReturn:
    raise _ConstantError(word)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_constant=_no_constant)


def read_jsonl(path: Path, kind: str) -> Iterator[Row]:
    """The rows of a file of one JSON object a line, whatever its ending, read as they are asked for.

    Raises:
        InputError: The file is missing, or a line is no object.
    """
    for number, text in _lines(path, kind):
        if not text.strip():
            continue
        row = _parse_line(path, number, text)
        if not isinstance(row, dict):
            raise InputError(
                f"{_json_name(row)}, not an object",
                file=path,
                line=number,
                column=1,
                expected="one JSON object a line",
            )
        yield number, text, row


def _lines(path: Path, kind: str) -> Iterator[tuple[int, str]]:
    with _opened(path, kind) as file:
        for number, line in enumerate(file, 1):
            body = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            yield number, _decoded(path, body.removesuffix(b"\n"), number)


def _parse_line(path: Path, number: int, text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except _DuplicateKeyError as error:
        key = str(error)
        raise _twice(path, number, (_columns(text, key) or [1])[-1], key) from error
    except json.JSONDecodeError as error:
        message, column = f"not JSON: {error.msg}", error.colno
    except _ConstantError as error:
        message, column = f"not JSON: {error}", text.find(str(error)) + 1
    except RecursionError:
        message, column = "not an item: nested too deeply", 1
    except ValueError:
        message, column = "not an item: a number of thousands of digits", 1
    raise InputError(message, file=path, line=number, column=column, expected="one JSON object a line")


def _json_name(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else f"the {type(value).__name__} {str(value)[:40]!r}"


def _read_csv(path: Path, kind: str, known: Collection[str], filled: Collection[str]) -> Iterator[Row]:
    rows = _csv_rows(path, kind)
    line, header = next(rows, (1, []))
    for place, key in enumerate(header):
        column = len(",".join(header[:place])) + (place > 0) + 1
        if known and key not in known:
            raise unknown_key(path, line, column, key, known)
        if key in header[:place]:
            raise _twice(path, line, column, key)
    for number, cells in rows:
        if len(cells) != len(header):
            raise InputError(
                f"the row has {len(cells)} cells, the header {len(header)}",
                file=path,
                line=number,
                column=1,
                expected=f"{len(header)} cells",
            )
        row = dict(zip(header, cells, strict=True))
        yield number, "", {key: cell if cell or key in filled else None for key, cell in row.items()}


def _csv_rows(path: Path, kind: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it starts in."""
    with io.TextIOWrapper(_opened(path, kind), encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line, limit = 1, csv.field_size_limit(sys.maxsize)  # the module's own limit refuses long responses
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise InputError(f"not CSV: {error}", file=path, line=line, column=1) from error
        except UnicodeDecodeError:
            decode(path, read_bytes(path, kind=kind))  # which knows the place
            raise
        finally:
            csv.field_size_limit(limit)


def _read_parquet(path: Path, kind: str) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with _opened(path, kind) as file:
        try:
            table = pq.ParquetFile(file)
            names = table.schema_arrow.names
            if len(set(names)) != len(names):
                raise _twice(path, 1, 1, next(name for name in names if names.count(name) > 1))
            for batch in table.iter_batches(_BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield number, "", dict(zip(names, values, strict=True))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"not Parquet: {str(error).partition(chr(10))[0]}", file=path) from error
