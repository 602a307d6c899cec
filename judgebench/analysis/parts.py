"""A table of judgments that may be too long to hold, in parts on disk: all rows of an item are in one part."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from judgebench.analysis.panels import ORDERS
from judgebench.analysis.schema import ANALYSED_COLUMNS, GROUP_COLUMNS
from judgebench.suite.factorial import PREFIX

Numbers = npt.NDArray[np.int32]

PART: Final = 200_000
"""Rows of a part, about."""
_BATCH: Final = 100_000
_KIND: Final = (*GROUP_COLUMNS, "perturbation", "arm", "target", "order")
_TEXTS: Final = (*_KIND, "source", "category", "verdict", "gold")
_READ: Final = ("item_id", "repeat", "p_a", "p_b", *_TEXTS)
_NOTHING: Final = tuple(name for name in ANALYSED_COLUMNS if name not in {"item_id", "repeat", *_TEXTS})
"""What no row has of a record that sums tell all of."""

_SCHEMA: Final = pa.schema(
    [("item_id", pa.string()), ("repeat", pa.int64()), *((name, pa.int32()) for name in _TEXTS)]
)


class _Codes:
    """A column of texts as numbers, the same in all parts; -1 where there is no text.

    Attributes:
        names: The texts, in the order of their first rows' batches.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def of(self, column: pa.DictionaryArray) -> Numbers:
        """The numbers of a batch's texts, shape (rows,)."""
        known = [self.names.setdefault(name, len(self.names)) for name in column.dictionary.to_pylist()]
        places = column.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
        numbers: Numbers = np.array([*known, -1], dtype=np.int32)[places]
        return numbers


class Parts:
    """The judgments of a Parquet file, split by item.

    Attributes:
        kinds: The distinct suites, judges, protocols, mitigations, perturbations, arms, targets and orders, in the
            order of their first rows.
        stated: Whether some verdicts were read from label probabilities.
    """

    def __init__(self, path: Path) -> None:
        """Read the file once, and set its parts aside, texts as numbers.

        Raises:
            pa.ArrowException: The file is broken.
        """
        table = pq.ParquetFile(path, read_dictionary=["item_id", *_TEXTS])
        count = max(-(-table.metadata.num_rows // PART), 1)
        self._kept = ExitStack()
        self._files = [self._kept.enter_context(_file()) for _ in range(count)]
        self._codes = {name: _Codes() for name in _TEXTS}
        kinds = pd.DataFrame({name: pd.Series(dtype="int32") for name in _KIND})
        self.stated = False
        with ExitStack() as until_written:
            streams = [until_written.enter_context(_stream(file)) for file in self._files]
            for batch in table.iter_batches(_BATCH, columns=list(_READ)):
                self.stated |= any(batch.column(name).null_count < batch.num_rows for name in ("p_a", "p_b"))
                coded = {name: codes.of(_dictionary(batch, name)) for name, codes in self._codes.items()}
                found = pd.DataFrame({name: coded[name] for name in _KIND}, copy=False).drop_duplicates()
                kinds = pd.concat([kinds, found]).drop_duplicates(ignore_index=True)
                _split(_dictionary(batch, "item_id"), batch.column("repeat"), coded, streams)
        self.kinds = pd.DataFrame({name: self._texts(name, kinds[name].to_numpy()) for name in _KIND})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    @property
    def can_be_summed(self) -> bool:
        """Whether sums tell all: verdicts on pairs, under one protocol and mitigation of each suite and judge.

        Scores, choices from lists, label probabilities, factorial designs, and protocols or mitigations that are set
        against each other are estimated from rows.
        """
        orders = self.kinds["order"].dropna()
        groups = self.kinds[list(GROUP_COLUMNS)].drop_duplicates()
        alone = not groups.duplicated(["suite", "judge"]).any()
        together = self.kinds["perturbation"].dropna().astype(str).str.startswith(PREFIX).any()
        return alone and not together and not self.stated and set(orders) <= set(ORDERS)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """The parts, rows of each in the order of the file."""
        for file in self._files:
            file.seek(0)
            table = pa.ipc.open_stream(file).read_all()
            if not table.num_rows:
                continue
            frame: dict[str, Any] = {name: table.column(name).to_pandas() for name in ("item_id", "repeat")}
            frame |= {name: self._texts(name, table.column(name).to_numpy()) for name in _TEXTS}
            yield pd.DataFrame({**frame, **dict.fromkeys(_NOTHING, np.nan)})

    def _texts(self, name: str, codes: Numbers) -> pd.Categorical[str]:
        return pd.Categorical.from_codes(codes, pd.Index(list(self._codes[name].names)), validate=False)


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _stream(file: IO[bytes]) -> pa.RecordBatchStreamWriter:
    return pa.ipc.new_stream(file, _SCHEMA)


def _dictionary(batch: pa.RecordBatch, name: str) -> pa.DictionaryArray:
    """A column of texts, each text once."""
    column = batch.column(name)
    return column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()


def _split(
    items: pa.DictionaryArray,
    repeats: pa.Array,
    coded: Mapping[str, Numbers],
    streams: Sequence[pa.RecordBatchStreamWriter],
) -> None:
    """Write each row of a batch where its item belongs."""
    names = np.asarray(items.dictionary.to_pylist(), dtype=object)
    belongs = (pd.util.hash_array(names, categorize=False) % len(streams)).astype(np.intp)
    places = items.indices.to_numpy(zero_copy_only=False)
    part = belongs[places]
    order = np.argsort(part, kind="stable")
    taken = items.dictionary.take(pa.array(places[order])).cast(pa.string())
    numbers = [pa.array(codes[order]) for codes in coded.values()]
    ordered = pa.record_batch([taken, repeats.take(pa.array(order)).cast(pa.int64()), *numbers], _SCHEMA)
    start = 0
    for stream, size in zip(streams, np.bincount(part, minlength=len(streams)).tolist(), strict=True):
        stream.write_batch(ordered.slice(start, size))
        start += size
