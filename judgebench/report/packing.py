"""Trials as they travel in the HTML page: compressed text that the page opens when it is asked for.

A packed sample is the base64 of a zlib stream of JSON lines, one an example. What others wrote is made visible
(`clean_block`) before it is packed, and the page only ever sets it as text.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from judgebench.report.model import Example, Sample, Showing
from judgebench.report.text import clean, clean_block

__all__ = ["Packed", "pack", "room_for"]

_ROOM: Final = 1_200_000  # bytes that the trials of one judge may take in the page
_MOST: Final = 3_600_000  # and those of all judges
_LONGEST: Final = 20_000  # characters of a prompt or a reply that the page holds


@dataclass(frozen=True, slots=True)
class Packed:
    """A sample ready for the page.

    Attributes:
        data: Base64.
        kinds: (kind, how many are in `data`, how many there are in the run).
    """

    data: str
    kinds: tuple[tuple[str, int, int], ...]

    @property
    def shown(self) -> int:
        """How many examples are in `data`."""
        return sum(shown for _, shown, _ in self.kinds)

    @property
    def total(self) -> int:
        """How many there are in the run."""
        return sum(total for _, _, total in self.kinds)


def room_for(samples: int, judges: int) -> int:
    """The bytes that each of a page's samples may take, so that the page opens at once however large the run."""
    return min(_ROOM * judges, _MOST) // max(samples, 1)


def pack(sample: Sample, room: int) -> Packed:
    """As many of the sample's examples as fit into `room` bytes, of each kind at least one before a second."""
    stream, size = zlib.compressobj(9), 0
    chunks: list[bytes] = []
    kept: dict[str, int] = {}
    for example in _in_turn(sample.examples):
        line = json.dumps(_document(example), ensure_ascii=False, separators=(",", ":")) + "\n"
        attempt = stream.copy()
        chunk = attempt.compress(line.encode()) + attempt.flush(zlib.Z_SYNC_FLUSH)
        if (size + len(chunk)) * 4 / 3 <= room:
            stream, size = attempt, size + len(chunk)
            chunks.append(chunk)
            kept[example.kind] = kept.get(example.kind, 0) + 1
    data = base64.b64encode(b"".join([*chunks, stream.flush()])).decode()
    return Packed(data, tuple((kind, kept.get(kind, 0), total) for kind, total in sample.kinds))


def _in_turn(examples: Sequence[Example]) -> Iterator[Example]:
    """The first of each kind, then the second of each, and so on."""
    places: dict[str, int] = {}
    ranked = []
    for at, example in enumerate(examples):
        places[example.kind] = places.get(example.kind, 0) + 1
        ranked.append((places[example.kind], at))
    return (examples[at] for _, at in sorted(ranked))


def _document(example: Example) -> dict[str, Any]:
    return {
        "item": clean(example.item_id),
        "kind": example.kind,
        "target": clean(example.target),
        "gold": clean(example.gold or ""),
        "showings": [_showing(showing) for showing in example.showings],
    }


def _showing(showing: Showing) -> dict[str, Any]:
    reply = showing.reply
    return {
        "arm": clean(showing.arm).replace("_", " "),
        "order": clean(showing.order),
        "verdict": clean(showing.verdict),
        "prompt": list(_pieces(showing.prompt[:_LONGEST], showing.changed)),
        "cut": max(0, len(showing.prompt) - _LONGEST),
        "reply": None if reply is None else clean_block(reply[:_LONGEST]),
        "reply_cut": 0 if reply is None else max(0, len(reply) - _LONGEST),
    }


def _pieces(text: str, changed: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The text in pieces, every second one changed; spans are cut to the text and may overlap."""
    at = 0
    for start, end in sorted(changed):
        first, last = max(start, at), min(end, len(text))
        if first < last:
            yield clean_block(text[at:first])
            yield clean_block(text[first:last])
            at = last
    yield clean_block(text[at:])
