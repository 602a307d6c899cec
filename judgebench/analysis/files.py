"""Effects as files: `effects.json` and, for simulated judges, `truth.json`; a missing number is null."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from judgebench.analysis.authors import authored_rows, by_prompt, read_authored
from judgebench.analysis.effects import effects, truths
from judgebench.analysis.item_facts import ItemFacts
from judgebench.analysis.long import long_effects
from judgebench.analysis.mitigated import COST_COLUMNS
from judgebench.analysis.panels import Change
from judgebench.analysis.parts import Parts
from judgebench.analysis.schema import ANALYSED_COLUMNS, EFFECT_COLUMNS, JUDGMENT_COLUMNS, LIST_COLUMNS
from judgebench.analysis.sequential import by_sequence
from judgebench.analysis.settings import Settings
from judgebench.errors import InputError
from judgebench.items.model import ATTRIBUTES, VOTES
from judgebench.run.export import JUDGMENTS, TRUTH
from judgebench.run.manifest import write_text
from judgebench.run.store import STORE, Store

LONG: Final = 200_000
"""Judgments above which they are gone through in parts."""

EFFECTS: Final = "effects.json"
TRUTHS: Final = "truth.json"

_NUMBERS: Final = ("repeat", "p_a", "p_b", "p_tie", "score_a", "score_b", *LIST_COLUMNS)
_TEXTS: Final = frozenset({
    "suite", "judge", "bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation", "unit",
    "method",
})  # fmt: skip
_COUNTS: Final = ("n_items", "n_clusters", "n_judgments", "n_missing")
TRUTH_COLUMNS: Final = (
    "suite", "judge", "bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation", "truth",
)  # fmt: skip


def read_judgments(out: Path, name: str = JUDGMENTS) -> pd.DataFrame:
    """The judgments of a run directory.

    Raises:
        InputError: There are none, the file is broken, or columns are missing.
    """
    return _table(out / name, JUDGMENT_COLUMNS)


def read_stated(out: Path) -> pd.DataFrame:
    """The judgments on unchanged items that state a probability, a part of the file in memory at a time.

    Raises:
        InputError: There are no judgments, or the file is broken.
    """
    path = out / JUDGMENTS
    columns = ["item_id", "arm", "gold", "p_a", "p_b"]
    _metadata(path)
    with _reading(path):
        file = pq.ParquetFile(path)
        parts = [
            batch.filter(pc.and_(pc.is_valid(batch.column("p_a")), pc.equal(batch.column("arm"), "control")))
            for batch in file.iter_batches(columns=columns)
        ]
        schema = file.schema_arrow.empty_table().select(columns).schema
        stated: pd.DataFrame = pa.Table.from_batches(parts, schema).to_pandas()
    return stated


def _table(path: Path, columns: Sequence[str], texts_as_categories: Sequence[str] = ()) -> pd.DataFrame:
    present = _metadata(path).schema.names
    wanted = [column for column in columns if column in present]
    with _reading(path):
        table = pq.ParquetFile(path, read_dictionary=list(texts_as_categories)).read(columns=wanted)
    # column by column, each freed once it is copied: half the memory
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _metadata(path: Path) -> pq.FileMetaData:
    """What a file of judgments says of itself.

    Raises:
        InputError: There is no such file, it is broken, or columns are missing.
    """
    if not path.is_file():
        raise InputError(
            "no judgments here", file=path, expected="a run directory made by `judgebench run` or `import`"
        )
    with _reading(path):
        metadata = pq.read_metadata(path)
    absent = [column for column in JUDGMENT_COLUMNS if column not in metadata.schema.names]
    if absent:
        raise InputError(f"the judgments lack the columns {', '.join(absent)}", file=path)
    return metadata


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what Arrow finds wrong with a file into an error of the user's."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"the file is broken: {str(error).splitlines()[0]}", file=path) from error


def _to_analyse(path: Path) -> pd.DataFrame:
    """What the effects are computed from, with a third of the memory that all columns take as text."""
    # items are too many for codes to save anything
    texts = [column for column in ANALYSED_COLUMNS if column not in {"item_id", *_NUMBERS}]
    return _table(path, (*ANALYSED_COLUMNS, *LIST_COLUMNS), texts)


def analyse(
    out: Path,
    settings: Settings,
    stopping: Mapping[str, Any] | None = None,
    authors: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Estimate the effects of a run directory, write them there, and return them.

    Args:
        out: The run directory.
        settings: Margin, levels, clusters.
        stopping: What its manifest says of a stopping rule, if it had one.
        authors: What it says of the responses' authors, if they matter.

    Raises:
        InputError: There are no judgments, or they contradict each other.
    """
    authored = read_authored(out)
    if authored is None:
        table = _effects(out, settings, stopping)
    else:
        table = _of_authors(out, authored, settings, stopping, authors or {})
    _write(out / EFFECTS, table, EFFECT_COLUMNS)
    if (out / TRUTH).is_file():
        _write(out / TRUTHS, truths(_to_analyse(out / TRUTH)), TRUTH_COLUMNS)
    return table


def _of_authors(
    out: Path,
    authored: pd.DataFrame,
    settings: Settings,
    stopping: Mapping[str, Any] | None,
    authors: Mapping[str, Any],
) -> pd.DataFrame:
    """The effects of a run whose pairs have authors, with the rows that these have beside."""
    failed, costs, facts = _known_of(out / STORE)
    judgments, settings = by_prompt(_to_analyse(out / JUDGMENTS), authored, settings)
    more = authored_rows(out, judgments, authored, settings, authors, failed)
    table = effects(judgments, settings, failed, costs, more, facts)
    return table if stopping is None else by_sequence(table, judgments, settings, stopping)


def _effects(out: Path, settings: Settings, stopping: Mapping[str, Any] | None) -> pd.DataFrame:
    """The effects, in memory that does not grow with a long record."""
    path = out / JUDGMENTS
    failed, costs, facts = _known_of(out / STORE)
    if stopping is None and _metadata(path).num_rows > LONG:
        with _reading(path):
            parts = Parts(path)
        with parts:
            if parts.can_be_summed:
                return long_effects(parts, settings, failed)
    judgments = _to_analyse(path)
    table = effects(judgments, settings, failed, costs, facts=facts)
    return table if stopping is None else by_sequence(table, judgments, settings, stopping)


def _known_of(path: Path) -> tuple[frozenset[Change] | None, pd.DataFrame | None, ItemFacts]:
    """The changes whose manipulation check failed, what verdicts take, and what items hold; as far as a store knows."""
    if not path.is_file():
        return None, None, ItemFacts()
    with Store(path, read_only=True) as store:
        costs = pd.DataFrame(store.costs(), columns=list(COST_COLUMNS))
        return (
            frozenset(store.failed_checks()),
            costs,
            ItemFacts(store.of_items(VOTES), store.of_items(ATTRIBUTES)),
        )


def read_effects(out: Path) -> pd.DataFrame:
    """The effects table of a run directory.

    Raises:
        InputError: It has not been analysed, or the file is broken.
    """
    return _read(out / EFFECTS, EFFECT_COLUMNS)


def read_truths(out: Path) -> pd.DataFrame | None:
    """The planted truth of a simulated judge's run; None for a real one."""
    return _read(out / TRUTHS, TRUTH_COLUMNS) if (out / TRUTHS).is_file() else None


def _write(path: Path, table: pd.DataFrame, columns: Sequence[str]) -> None:
    rows = [{column: _plain(row[column], column) for column in columns} for row in table.to_dict("records")]
    write_text(path, json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any, column: str) -> Any:
    """The value as JSON has it: counts whole, missing numbers null."""
    if value is None or pd.isna(value):
        return None
    return int(value) if column in _COUNTS else value


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(
            "no effects here", file=path, expected="a run directory; `judgebench analyze DIR` makes them"
        )
    try:
        return _frame(json.loads(path.read_text(encoding="utf-8")), columns)
    except (ValueError, TypeError) as error:  # among them JSONDecodeError and UnicodeDecodeError
        raise InputError(f"the file is broken: {error}", file=path) from error


def _frame(rows: Any, columns: Sequence[str]) -> pd.DataFrame:
    """JSON rows as the frame that they were written from.

    Raises:
        TypeError: They are no rows.
        ValueError: A value is not of its column's type.
    """
    if not isinstance(rows, list):
        raise TypeError("not a list of rows")
    # as objects, so that the decision keeps None where there is none
    table = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return table.astype({column: _type(column) for column in columns if column != "decision"})


def _type(column: str) -> str:
    if column in _COUNTS:
        return "int64"
    return "str" if column in _TEXTS else "float64"
