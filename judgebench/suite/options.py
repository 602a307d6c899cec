"""The options that a suite gives to a perturbation, checked against the signature of its function."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from judgebench.perturb import Perturbation
from judgebench.perturb.base import Targets
from judgebench.suite.strict_yaml import Document, KeyPath
from judgebench.suite.validate import check_model

_CONFIG = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True)
class Variant:
    """A perturbation with all its options settled: what an arm of trials gets.

    Attributes:
        name: The value of the column `perturbation`: the id, with `@value` where it has doses or other levels.
        plugin: The perturbation.
        options: All options of its function.
        targets: Which response is changed: `one` of the two, drawn per item; `both` in turn; `a` or `b`; or
            the `better` or `worse` one by gold.
        placebo: Whether its placebo is asked too.
    """

    name: str
    plugin: Perturbation
    options: Mapping[str, Any]
    targets: Targets
    placebo: bool


def title_of(entry: Mapping[str, Mapping[str, Any]]) -> str:
    """The name of an entry that may have one of its own: its kind, and that name."""
    kind, options = next(iter(entry.items()))
    label = options.get("name")
    return f"{kind}@{label}" if isinstance(label, str) else kind


def variants_of(
    plugin: Perturbation, given: Mapping[str, Any], document: Document, path: KeyPath
) -> Iterator[Variant]:
    """The variants of one entry of `perturbations:`: one a dose or other level, or one.

    Raises:
        InputError: An option is unknown or of the wrong type, or a level comes twice.
    """
    model = _options_model(plugin)
    key = plugin.levels
    has_levels = key in plugin.options and (key in given or bool(plugin.dose))
    levels = given.get(key, list(plugin.dose)) if has_levels else None
    if isinstance(levels, list) and not levels:
        raise document.error((*path, key), f"{key!r} is a list of 0", expected=f"at least one {key}")
    for level in levels if isinstance(levels, list) else [levels]:
        chosen = {**given, key: level} if has_levels else dict(given)
        checked = check_model(document, model, chosen, path).model_dump()
        targets, placebo = checked.pop("targets", "one"), checked.pop("placebo", False)
        shown = f"{level:g}" if isinstance(level, int | float) else level
        name = f"{plugin.id}@{shown}" if has_levels else plugin.id
        yield Variant(name, plugin, checked, targets, placebo and plugin.has_placebo(checked))


def _options_model(plugin: Perturbation) -> type[BaseModel]:
    """A pydantic model of the plugin's own options and of those that every perturbation like it has."""
    more: dict[str, Any] = {}
    if plugin.apply is not None:
        more["targets"] = (Targets, plugin.targets)
    if plugin.is_cue:
        more["placebo"] = (bool, True)
    return options_model(plugin.id, plugin.options, more)


def options_model(
    name: str, parameters: Mapping[str, inspect.Parameter], more: Mapping[str, Any] | None = None
) -> type[BaseModel]:
    """A pydantic model of keyword-only parameters, and of fields beside them as (type, default)."""
    own: dict[str, Any] = {
        name: (
            Any if p.annotation is inspect.Parameter.empty else p.annotation,
            ... if p.default is inspect.Parameter.empty else p.default,
        )
        for name, p in parameters.items()
    }
    return create_model(f"{name} options", __config__=_CONFIG, **{**own, **(more or {})})
