"""The catalogue as a table: what each registered perturbation is, in the words that lists and docs print."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from judgebench.perturb.base import Perturbation, perturbations

_PLACES = {
    "response": "a response",
    "prompt": "the request",
    "label": "the labels",
    "order": "the order",
    "system": "a note in the system prompt",
    "in_prompt": "a note in the request",
    "before_target": "a note before a response",
    "after_responses": "a note after the responses",
    "system_and_after": "a note in both places",
}
_TARGETS = {"one": "one of the two", "better": "the better", "worse": "the worse", "both": "each in turn"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A perturbation in words.

    Attributes:
        changes: What it changes, each place that an option can choose.
        targets: Which response that is about, unless a suite says otherwise; empty for the order.
        levels: The option that may be a list, with what it may be: `dose: 1.5, 2`; empty without one.
        options: The other options with what they may be.
        placebo: Whether it has one, with all options or with some.
        by_model: Whether a model can make the change, or has to.
    """

    id: str
    family: str
    changes: str
    targets: str
    levels: str
    options: tuple[str, ...]
    placebo: str
    by_model: str
    summary: str
    papers: tuple[str, ...]


def entries() -> Iterator[Entry]:
    """All registered perturbations, by name."""
    for name in perturbations.names():
        yield entry_of(perturbations.get(name))


def entry_of(plugin: Perturbation) -> Entry:
    """A perturbation in words."""
    places = dict.fromkeys([plugin.place, *plugin.places.values()])
    others = (p for key, p in plugin.options.items() if key != plugin.levels)
    placebo = (
        "no" if plugin.placebo_of is None else "yes" if plugin.placebo_if is None else "with some options"
    )
    by_model = "no" if plugin.rewrite_by is None else "can be" if "by" in plugin.options else "yes"
    return Entry(
        plugin.id,
        plugin.family,
        "; ".join(_PLACES[place] for place in places),
        "" if plugin.apply is None else _TARGETS.get(plugin.targets, plugin.targets),
        _levels(plugin),
        tuple(f"{p.name}: {_values(p)}" for p in others),
        placebo,
        by_model,
        plugin.summary,
        plugin.papers,
    )


def _levels(plugin: Perturbation) -> str:
    parameter = plugin.options.get(plugin.levels)
    if parameter is None:
        return ""
    if plugin.dose:
        return f"{plugin.levels}: {', '.join(_shown(dose) for dose in plugin.dose)}"
    return f"{plugin.levels}: {_values(parameter)}"


def _values(parameter: inspect.Parameter) -> str:
    """What an option may be: its values, the default first, or its default and type."""
    found = [value for value in get_args(parameter.annotation) if isinstance(value, str)]
    if found:
        return ", ".join(sorted(found, key=lambda value: value != parameter.default))
    if parameter.default is parameter.empty:
        return "required"
    return "free" if parameter.default is None else _shown(parameter.default)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
