"""Tables of designs that have effects of their own: changes shown together, and choices from lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final

from judgebench.report.columns import cells_of, chosen, heads_of, shown
from judgebench.report.effects import Effect, Line, effects_of
from judgebench.report.labels import bias_of, estimand_of, perturbation_name, variant_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.report.text import clean, shorten

__all__ = ["choice_table", "factorial_table"]

_TOGETHER: Final = ("main_effect", "interaction_effect", "joint_effect", "shapley_value")
_COLUMNS: Final = ("bias", "effect", "interval", "p")
_LONGEST: Final = 60


def factorial_table(audit: Audit, columns: Sequence[str] | None = None) -> Table:
    """What each of several changes does among the others, how two interact, all of them, and the share of each.

    Raises:
        InputError: There is no such column.
    """
    found = [e for name in _TOGETHER for e in effects_of(audit) if e.estimand == name]
    return _table("factorial", "Changes shown together, in points", found, _change, columns)


def choice_table(audit: Audit, columns: Sequence[str] | None = None) -> Table:
    """The log odds of being chosen from a list: place, gold, attributes and cues in one model.

    Raises:
        InputError: There is no such column.
    """
    found = [e for e in effects_of(audit) if e.estimand == "choice_logit"]
    return _table("choice", "Log odds of being chosen from a list", found, _feature, columns)


def _table(
    name: str,
    caption: str,
    effects: Iterable[Effect],
    named: Callable[[Effect], str],
    columns: Sequence[str] | None,
) -> Table:
    """A row an effect, those of one estimand and way of asking together."""
    lines = [Line(effect) for effect in effects]
    truth = any(line.primary.truth is not None for line in lines)
    keys = chosen(columns, (*_COLUMNS, *(("truth",) if truth else ())))
    rows = [
        Row((shorten(named(line.primary), _LONGEST), *cells_of(keys[1:], line)), group, shown(keys, line))
        for group, own in groupby(lines, key=_group)
        for line in own
    ]
    return Table(name, caption, heads_of(keys, lines), tuple(rows), keys=tuple(keys))


def _group(line: Line) -> str:
    own = line.primary
    said = estimand_of(own.estimand).name
    return f"{said[:1].upper()}{said[1:]}{variant_name(own.protocol, own.mitigation)}"


def _change(effect: Effect) -> str:
    together = f"{bias_of('factorial').name}: "
    return perturbation_name(effect.bias, effect.perturbation).removeprefix(together)


def _feature(effect: Effect) -> str:
    """A place, gold or an attribute by what is compared; a change by its name."""
    if effect.bias == "attribute" or effect.contrast.startswith("bears the change"):
        return f"{perturbation_name(effect.bias, effect.perturbation)}, {clean(effect.contrast)}"
    return clean(effect.contrast)
