"""The tables of effects: a row a bias, a category or a dose; one judge, or several side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.report import formats
from judgebench.report.columns import COLUMNS, cells_of, chosen, heads_of, shown, truth_mark
from judgebench.report.effects import Effect, Line, effects_of, lines_of
from judgebench.report.labels import DECISIONS, bias_of, dose_of, perturbation_name, variant_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.report.text import shorten

__all__ = [
    "beside_table",
    "category_table",
    "comparison_table",
    "dose_table",
    "full_table",
    "judge_names",
    "main_table",
    "side_by_side",
    "truth_mark",
]

_MAIN: Final = ("bias", "effect", "interval", "p_adjusted", "decision")
_BESIDE: Final = (
    "bias", "placebo", "placebo_interval", "net", "flips", "noise", "excess", "toward", "away", "loses", "wins",
)  # fmt: skip
_ABREAST: Final = ("bias", "effect", "mark", "interval")
_STRATUM: Final = ("bias", "effect", "interval", "items")
_FULL: Final = (
    "bias_name", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation", "effect", "unit",
    "interval", "p", "p_adjusted", "decision", "items", "missing", "bounds",
)  # fmt: skip
_TRENDS: Final = {"dose_trend": "per step of dose", "slope_per_log_length": "per unit of log length"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row to be: what makes it the same for several judges, its name, its group, and the line behind it."""

    key: tuple[str, ...]
    name: str
    group: str
    line: Line


def main_table(audit: Audit, columns: Sequence[str] | None = None, *, stars: bool = False) -> Table:
    """A line a bias: effect, interval, adjusted p, decision, and the truth of a simulated judge.

    Args:
        audit: One judge's.
        columns: Other columns, by their names in `COLUMNS`.
        stars: Whether the effects carry stars for small adjusted p-values.

    Raises:
        InputError: There is no such column.
    """
    lines = lines_of(audit)
    truth = any(line.primary.truth is not None for line in lines)
    keys = chosen(columns, (*_MAIN, *(("truth",) if truth else ())))
    return _lines_table("effects", f"Effects of suite {_suite(audit)}, in points", lines, keys, stars=stars)


def beside_table(audit: Audit, columns: Sequence[str] | None = None) -> Table:
    """What must stand beside each effect: placebo, flips with their noise floor, and the strata of gold."""
    caption = "Placebo, flips and strata beside each effect, in points"
    lines = [line for line in lines_of(audit) if line.beside]
    return _lines_table("beside", caption, lines, chosen(columns, _BESIDE))


def full_table(audit: Audit, columns: Sequence[str] | None = None, *, stars: bool = False) -> Table:
    """Every effect of the audit, with nothing left out."""
    lines = [Line(effect) for effect in effects_of(audit)]
    table = _lines_table(
        "all", f"Every effect of suite {_suite(audit)}", lines, chosen(columns, _FULL), stars=stars
    )
    plain = ("Interval" if head.endswith("interval") else head for head in table.columns)  # levels may differ
    rows = tuple(Row(row.cells, effects=row.effects) for row in table.rows)
    return Table(table.name, table.caption, tuple(plain), rows, table.left, table.keys)


def comparison_table(audits: Sequence[Audit]) -> Table:
    """The effects of several judges side by side, each with its interval and the mark of its decision in one cell."""
    found = [{line.key: line for line in lines_of(audit)} for audit in audits]
    every = {key: line for lines in found for key, line in lines.items()}
    ordered = sorted(every.values(), key=lambda line: line.family.rank)
    rows = tuple(
        Row((formats.line_name(line), *(_compared(lines.get(line.key)) for lines in found)), line.family.name)
        for line in ordered
    )
    return Table("effects", "Effects by judge, in points", ("Bias", *judge_names(audits)), rows)


def side_by_side(
    audits: Sequence[Audit], columns: Sequence[str] | None = None, *, stars: bool = False
) -> Table:
    """The same with columns of their own for each judge: estimate, mark of the decision, interval."""
    entries = [
        [_Entry(line.key, formats.line_name(line), line.family.name, line) for line in lines]
        for lines in map(lines_of, audits)
    ]
    for own in entries:
        own.sort(key=lambda entry: entry.line.family.rank)
    keys = chosen(columns, _ABREAST)[1:]
    return _abreast("effects", "Effects by judge, in points", "Bias", entries, audits, keys, stars=stars)


def category_table(
    audits: Sequence[Audit], columns: Sequence[str] | None = None, *, stars: bool = False
) -> Table:
    """Each effect by the categories and sources of its items; one judge, or several side by side."""
    entries = [list(_categories(audit)) for audit in audits]
    keys = chosen(columns, _STRATUM)[1:]
    caption = "Effects by category of items, in points"
    return _abreast("categories", caption, "Items of", entries, audits, keys, stars=stars)


def dose_table(
    audits: Sequence[Audit], columns: Sequence[str] | None = None, *, stars: bool = False
) -> Table:
    """Each effect by its dose, and its trend over the doses; one judge, or several side by side."""
    entries = [list(_doses(audit)) for audit in audits]
    keys = chosen(columns, _STRATUM)[1:]
    return _abreast("doses", "Effects by dose, in points", "Dose", entries, audits, keys, stars=stars)


def judge_names(audits: Sequence[Audit]) -> tuple[str, ...]:
    """The judges' names, short enough for a column; a name that comes twice is numbered."""
    names = [shorten(audit.judge, 40) for audit in audits]
    return tuple(
        name if names.count(name) == 1 else f"{name} #{names[: i + 1].count(name)}"
        for i, name in enumerate(names)
    )


def _lines_table(
    name: str, caption: str, lines: Sequence[Line], keys: Sequence[str], *, stars: bool = False
) -> Table:
    rows = tuple(
        Row(cells_of(keys, line, stars=stars), line.family.name, shown(keys, line)) for line in lines
    )
    return Table(name, caption, heads_of(keys, lines), rows, _words(keys), tuple(keys))


def _abreast(
    name: str,
    caption: str,
    first: str,
    entries: Sequence[Sequence[_Entry]],
    audits: Sequence[Audit],
    keys: Sequence[str],
    *,
    stars: bool,
) -> Table:
    """A row a name; for each judge the columns of `keys`, under the judge's name where there are several."""
    found: list[Mapping[tuple[str, ...], Line]] = [{e.key: e.line for e in own} for own in entries]
    every = _in_groups({entry.key: entry for own in entries for entry in own}.values())
    lines = [line for own in found for line in own.values()]
    rows = tuple(
        Row(
            (
                entry.name,
                *(cell for own in found for cell in cells_of(keys, own.get(entry.key), stars=stars)),
            ),
            entry.group,
            tuple(own[entry.key].primary for own in found if entry.key in own),
        )
        for entry in every
    )
    several = len(audits) > 1
    plain = heads_of(keys, lines) if not several else tuple(map(_short_head, heads_of(keys, lines)))
    left = (0, *(1 + i + len(keys) * j for j in range(len(audits)) for i in _words(keys, first=False)))
    spans = tuple((judge, len(keys)) for judge in judge_names(audits)) if several else ()
    marks = _marks(lines) if "mark" in keys else ()
    return Table(name, caption, (first, *plain * len(audits)), rows, left, spans=spans, notes=marks)


def _in_groups(entries: Iterable[_Entry]) -> list[_Entry]:
    """Entries of one group together, the groups in the order in which they come first."""
    listed = list(entries)
    order = list(dict.fromkeys(entry.group for entry in listed))
    return sorted(listed, key=lambda entry: order.index(entry.group))


def _categories(audit: Audit) -> Iterable[_Entry]:
    for line in lines_of(audit):
        name = formats.line_name(line)
        for effect in line.strata:
            yield _Entry((*line.key, effect.stratum), shorten(effect.stratum, 40), name, Line(effect))


def _doses(audit: Audit) -> Iterable[_Entry]:
    lines = [line for line in lines_of(audit) if dose_of(line.primary.perturbation) is not None]
    trends = [effect for effect in effects_of(audit) if effect.estimand in _TRENDS]
    for way in dict.fromkeys(_way(line.primary) for line in lines):
        own = sorted((x for x in lines if _way(x.primary) == way), key=lambda x: _amount(x.primary))
        if len(own) > 1:
            bias, protocol, mitigation = way
            group = bias_of(bias).name + variant_name(protocol, mitigation)
            for line in own:
                full = perturbation_name(bias, line.primary.perturbation)
                yield _Entry(line.key, full.removeprefix(bias_of(bias).name).strip(), group, line)
            for effect in (trend for trend in trends if _way(trend) == way):
                yield _Entry((*way, effect.estimand), _TRENDS[effect.estimand], group, Line(effect))


def _way(effect: Effect) -> tuple[str, str, str]:
    return effect.bias, effect.protocol, effect.mitigation


def _amount(effect: Effect) -> float:
    return dose_of(effect.perturbation) or 0.0


def _words(keys: Sequence[str], *, first: bool = True) -> tuple[int, ...]:
    words = {i for i, key in enumerate(keys) if COLUMNS[key].words}
    return tuple(sorted(words | {0} if first else words))


def _short_head(head: str) -> str:
    return "Interval" if head.endswith(" interval") and head[0].isdigit() else head


def _marks(lines: Sequence[Line]) -> tuple[str, ...]:
    """What the marks stand for, those that are shown."""
    shown = {line.primary.verdict for line in lines}
    words = (f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    return (f"{'; '.join(words)}.",) if shown else ()


def _compared(line: Line | None) -> str:
    if line is None:
        return formats.ABSENT
    own = line.primary
    return f"{formats.estimate(own)} {formats.interval(own)} {DECISIONS[own.verdict].mark}"


def _suite(audit: Audit) -> str:
    return shorten(audit.suite, 40)
