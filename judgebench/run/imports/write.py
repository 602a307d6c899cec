"""A recording as a run directory: the same tables as a run that was asked here, and a manifest that says it was not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from judgebench._version import __version__
from judgebench.errors import InputError
from judgebench.judges.spool import Group
from judgebench.judges.tidy import VERDICT_FIELDS
from judgebench.run.export import BATCH, JUDGMENTS, preferred_target, write_columns
from judgebench.run.imports.base import Recording
from judgebench.run.imports.holdings import Holdings
from judgebench.run.manifest import MANIFEST, now, read_manifest, write_manifest
from judgebench.run.pairs import AUTHORED, write_pairs
from judgebench.suite import AnalysisSpec

ITEMS: Final = "items.jsonl"
Batch = Mapping[str, tuple[Any, ...]]
"""Verdicts by field."""
_values = attrgetter(*VERDICT_FIELDS)


def write_recording(recording: Recording, out: Path, *, path: Path, form: str) -> None:
    """Write `judgments.parquet`, `run.json` and, where texts are on record, `items.jsonl`, in little memory.

    Args:
        recording: The verdicts.
        out: The run directory: new, empty, or holding the same import.
        path: Where they were read from.
        form: By which importer.

    Raises:
        InputError: The directory holds another run or other files.
    """
    held = _held_by(out)
    out.mkdir(parents=True, exist_ok=True)
    holdings, digest = Holdings(), hashlib.sha256(repr((recording.suite, recording.judge)).encode())

    def columns() -> Iterator[dict[str, Any]]:
        for batch in _batches(recording):
            holdings.add(batch)
            yield _table_columns(recording, batch)
            digest.update(repr(batch).encode())
        if held and held["imported"].get("sha256") != digest.hexdigest():  # before anything is replaced
            raise _holds_another(out, held)

    write_columns(out / JUDGMENTS, columns())
    texts = _write_items(recording, out / ITEMS)
    if recording.pairs:
        write_pairs(out / AUTHORED, recording.pairs)
    imported = {
        "path": str(path),
        "format": form,
        "frame": recording.frame,
        "unknown": list(recording.unknown),
        "holds": {**holdings.to_dict(), "texts": texts},
        "sha256": digest.hexdigest(),
    }
    write_manifest(out, _manifest(recording, form, imported, holdings))


def _manifest(
    recording: Recording, form: str, imported: Mapping[str, Any], holdings: Holdings
) -> dict[str, Any]:
    authors = {"self_preference": _authors(recording)} if recording.pairs else {}
    return {
        "judgebench": __version__,
        "suite": recording.suite,
        "description": f"recorded verdicts, imported from the {form} format",
        "judge": recording.judge,
        "imported": imported,
        "published": {name: {"stated": a, "found": b} for name, (a, b) in recording.published.items()},
        "analysis": AnalysisSpec(cluster=recording.cluster).model_dump(),
        "finished_at": now(),
        "state": "complete",
        "counts": holdings.counts(),
        **authors,
    }


def _authors(recording: Recording) -> dict[str, Any]:
    """Who wrote the responses of a record, and how many pairs have gold."""
    relations: dict[str, str] = {}
    for pair in recording.pairs:
        relations |= {pair.author_a: pair.relation_a}
        if pair.author_b:  # scored by itself it has no other
            relations.setdefault(pair.author_b, pair.relation_b)
    known = sum((pair.gold_a, pair.points_a) != (None, None) for pair in recording.pairs)
    return {
        "authors": [{"name": name, "relation": relation} for name, relation in relations.items()],
        "gold": {"items": known, "panel": 0, "none": len(recording.pairs) - known},
        "split": "half",
    }


def _held_by(out: Path) -> dict[str, Any] | None:
    """The manifest of what a directory holds; None where it is free.

    Raises:
        InputError: It holds something that is no import.
    """
    expected = "another --out: a new or empty directory"
    if out.exists() and not out.is_dir():
        raise InputError("the output directory is a file", file=out, expected=expected)
    if (out / MANIFEST).is_file():
        held = read_manifest(out)
        if not isinstance(held.get("imported"), dict):
            raise _holds_another(out, held)
        return held
    if out.is_dir() and any(out.iterdir()):
        raise InputError("the output directory holds other files", file=out, expected=expected)
    return None


def _holds_another(out: Path, held: Mapping[str, Any]) -> InputError:
    return InputError(
        f"the output directory holds another run ({held['suite']} by {held.get('judge')})",
        file=out,
        expected="another --out: a new or empty directory",
    )


def _batches(recording: Recording) -> Iterator[Batch]:
    """The verdicts by field, `BATCH` of them at a time."""
    verdicts = recording.verdicts
    rows = iter(verdicts.rows() if isinstance(verdicts, Group) else map(_values, verdicts))
    while batch := tuple(islice(rows, BATCH)):
        yield dict(zip(VERDICT_FIELDS, zip(*batch, strict=True), strict=True))


def _table_columns(recording: Recording, batch: Batch) -> dict[str, Any]:
    """The columns of `judgments.parquet`."""
    size = len(batch["item_id"])
    constant = {
        "suite": recording.suite,
        "judge": recording.judge,
        "protocol": recording.protocol,
        "mitigation": "none",
    }
    return {
        **batch,
        **{name: [value] * size for name, value in constant.items()},
        "source": [source or recording.suite for source in batch["source"]],
        "preferred_target": list(map(preferred_target, batch["verdict"], batch["target"])),
        "request_key": list(_keys(recording.judge, batch)),
    }


def _keys(judge: str, batch: Batch) -> Iterator[str]:
    """Keys that tell the recorded questions from others; there were no requests of ours."""
    names = ("item_id", "order", "perturbation", "arm", "target", "repeat")
    for item, order, perturbation, arm, target, repeat in zip(*(batch[n] for n in names), strict=True):
        question = f"{judge}\x1f{item}\x1f{order}\x1f{perturbation}\x1f{arm}\x1f{target}\x1f{repeat}"
        yield hashlib.sha256(question.encode()).hexdigest()


def _write_items(recording: Recording, path: Path) -> int:
    """Write the items one by one, in one step; no file where there are none. Returns how many there are."""
    temporary, count = path.with_name(f".{path.name}"), 0
    with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for count, item in enumerate(recording.items, 1):  # noqa: B007  # the count of the last
            file.write(json.dumps(item.to_dict(), ensure_ascii=False) + "\n")
    if count:
        temporary.replace(path)
    else:
        temporary.unlink()
    return count
