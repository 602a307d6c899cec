"""The manifest of a run, `run.json`: what was asked of whom, under which declared analysis, and what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError

MANIFEST: Final = "run.json"


def now() -> str:
    """The time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of a run directory.

    Raises:
        InputError: There is none, or it is broken.
    """
    path = out / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError("not a run directory: it has no run.json", file=out) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the manifest is broken: {error}", file=path) from error
    if not isinstance(manifest, dict) or "suite" not in manifest:
        raise InputError("the manifest is broken: it names no suite", file=path)
    return manifest


def write_manifest(out: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest in one step, so that it is never seen half written."""
    write_text(out / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step; lone surrogates, which no encoding has, become escapes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
    temporary.replace(path)


def append_text(path: Path, text: str) -> None:
    """Add text at the end of a file that may hold what others wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
