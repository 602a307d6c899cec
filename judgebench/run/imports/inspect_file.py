"""The log files of inspect_ai: `.eval`, a zip of JSON files, and `.json`, the same in one; samples come one by one."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError
from judgebench.items.lines import read_json

_HEADERS: Final = ("header.json", "_journal/start.json")
_ZSTANDARD: Final = 93
_SIGNATURE: Final = b"PK\x03\x04"
_LOCAL: Final = struct.Struct("<4s22sHH")
"""A member's header: signature, what the directory says too, and the lengths of its name and of its extra field."""
_EXPECTED: Final = "a log of inspect_ai, as .eval or .json, with its samples"


@dataclass(frozen=True, slots=True)
class InspectLog:
    """A log.

    Attributes:
        path: Its file.
        spec: What was evaluated: the object `eval` of its header.
    """

    path: Path
    spec: Mapping[str, Any]

    def samples(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each sample with the name that messages call it.

        Raises:
            InputError: One cannot be read.
        """
        if not zipfile.is_zipfile(self.path):
            for number, sample in enumerate(_samples(self.path), 1):
                yield f"sample {number}", sample
            return
        with zipfile.ZipFile(self.path) as archive:
            for name in sorted(archive.namelist()):
                if name.startswith("samples/") and name.endswith(".json"):
                    sample = _member(self.path, archive, name)
                    if not isinstance(sample, dict):
                        raise InputError(f"{name} is no sample", file=self.path, expected=_EXPECTED)
                    yield name, sample


def open_log(path: Path) -> InspectLog:
    """Open a log and read its header.

    Raises:
        InputError: It is no log of inspect_ai.
    """
    header = _header(path)
    spec = header.get("eval") if isinstance(header, dict) else None
    if not isinstance(spec, dict):
        raise InputError("it has no object 'eval'", file=path, expected=_EXPECTED)
    return InspectLog(path, spec)


def _header(path: Path) -> Any:
    if path.is_file() and zipfile.is_zipfile(path):
        with _archive(path) as archive:
            for name in _HEADERS:
                if name in archive.namelist():
                    return _member(path, archive, name)
        raise InputError("a zip without header.json", file=path, expected=_EXPECTED)
    if path.suffix.lower() == ".eval" and path.is_file():
        raise InputError("not a zip, or a damaged one", file=path, expected=_EXPECTED)
    if path.suffix.lower() != ".json":
        raise InputError("neither .eval nor .json", file=path, expected=_EXPECTED)
    return read_json(path)


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"not a zip that can be read: {error}", file=path, expected=_EXPECTED) from error


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> Any:
    try:
        return json.loads(_content(path, archive, name))
    except NotImplementedError as error:
        raise InputError(
            f"{name} is compressed in a way that cannot be read",
            file=path,
            expected="a log as inspect_ai writes it, or one converted with `inspect log convert --to json`",
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise InputError(f"{name} cannot be read: {error}", file=path, expected=_EXPECTED) from error
    except ValueError as error:
        raise InputError(f"{name} is not JSON: {error}", file=path, expected=_EXPECTED) from error


def _content(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """What a member holds; Zstandard, which inspect_ai writes, is beyond `zipfile` before Python 3.14.

    Raises:
        zipfile.BadZipFile: The member is damaged.
    """
    member = archive.getinfo(name)
    if member.compress_type != _ZSTANDARD:
        return archive.read(name)
    import pyarrow as pa

    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != _SIGNATURE:
            raise zipfile.BadZipFile("no member where the directory says")
        file.seek(
            sum(_LOCAL.unpack(header)[-2:]), os.SEEK_CUR
        )  # its name and what else stands before the data
        packed = file.read(member.compress_size)
    found: bytes = pa.decompress(packed, member.file_size, codec="zstd", asbytes=True)
    if zlib.crc32(found) != member.CRC:
        raise zipfile.BadZipFile("the checksum is another")
    return found


def _samples(path: Path) -> list[dict[str, Any]]:
    found = read_json(path).get("samples")
    if not (isinstance(found, list) and all(isinstance(sample, dict) for sample in found)):
        raise InputError("it holds no list 'samples'", file=path, expected=_EXPECTED)
    return found


def misfit(path: Path) -> str | None:
    """Why a path is no log of inspect_ai, at a glance."""
    if path.is_dir():
        return "it is a folder"
    with suppress(OSError):
        if path.suffix.lower() not in (".eval", ".json") and not zipfile.is_zipfile(path):
            return "neither .eval nor .json"
    try:
        open_log(path)
    except InputError as error:
        return error.message
    return None
