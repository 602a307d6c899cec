"""A table of judgments that may be too long to hold, in parts on disk: all rows of an item are in one part."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from judgebench.analysis.panels import ORDERS
from judgebench.analysis.schema import ANALYSED_COLUMNS, GROUP_COLUMNS
from judgebench.suite.factorial import PREFIX

PART: Final = 100_000
"""Rows of a part, about."""
_BATCH: Final = 50_000
_KIND: Final = (*GROUP_COLUMNS, "perturbation", "arm", "target", "order")


class Parts:
    """The judgments of a Parquet file, split by item.

    Attributes:
        kinds: The distinct suites, judges, protocols, mitigations, perturbations, arms, targets and orders, in the
            order of their first rows.
        stated: Whether some verdicts were read from label probabilities.
    """

    def __init__(self, path: Path) -> None:
        """Read the file once, and set its parts aside.

        Raises:
            pa.ArrowException: The file is broken.
        """
        table = pq.ParquetFile(path)
        count = max(-(-table.metadata.num_rows // PART), 1)
        self._kept = ExitStack()
        self._files = [self._kept.enter_context(_file()) for _ in range(count)]
        kinds: list[pd.DataFrame] = []
        self.stated = False
        with ExitStack() as until_written:
            streams: list[pa.RecordBatchStreamWriter] = []
            for batch in table.iter_batches(_BATCH, columns=list(ANALYSED_COLUMNS), use_threads=False):
                streams = streams or [
                    until_written.enter_context(_stream(file, batch.schema)) for file in self._files
                ]
                kinds = [_distinct(batch, kinds)]
                self.stated |= batch.column("p_a").null_count < batch.num_rows
                _split(batch, streams)
        self.kinds = kinds[0]

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
            for place, field in enumerate(table.schema):
                if pa.types.is_string(field.type) and field.name != "item_id":
                    table = table.set_column(place, field.name, table.column(place).dictionary_encode())
            if table.num_rows:
                yield table.to_pandas()


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _stream(file: IO[bytes], schema: pa.Schema) -> pa.RecordBatchStreamWriter:
    return pa.ipc.new_stream(file, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))


def _split(batch: pa.RecordBatch, streams: list[pa.RecordBatchStreamWriter]) -> None:
    """Write each row of a batch where its item belongs."""
    if len(streams) == 1:
        streams[0].write_batch(batch)
        return
    names = batch.column("item_id").to_numpy(zero_copy_only=False)
    part = (pd.util.hash_array(names, categorize=False) % len(streams)).astype(np.intp)
    order = np.argsort(part, kind="stable")
    ordered, start = batch.take(pa.array(order)), 0
    for stream, size in zip(streams, np.bincount(part, minlength=len(streams)).tolist(), strict=True):
        stream.write_batch(ordered.slice(start, size))
        start += size


def _distinct(batch: pa.RecordBatch, before: list[pd.DataFrame]) -> pd.DataFrame:
    """What comes before and in the batch, each once."""
    names = list(_KIND)
    table = pa.Table.from_batches([batch]).select(names)
    table = table.append_column("row", pa.array(np.arange(table.num_rows)))
    found = table.group_by(names, use_threads=False).aggregate([("row", "min")]).sort_by("row_min")
    together: pd.DataFrame = pd.concat([*before, found.select(names).to_pandas()])
    return together.drop_duplicates(ignore_index=True)
