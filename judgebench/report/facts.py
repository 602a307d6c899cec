"""The facts of a run from its manifest, each a short text; a fact that the manifest lacks is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from judgebench.analysis import Settings
from judgebench.report import formats
from judgebench.report.columns import STARS
from judgebench.report.effects import Effect, effects_of, find, lines_of
from judgebench.report.labels import perturbation_name
from judgebench.report.model import Audit
from judgebench.report.table import Table
from judgebench.report.text import clean, shorten

__all__ = ["facts_of", "headline", "instrument_lines", "method_notes", "table_notes"]


_ADJUSTED: Final = frozenset({"p (adj.)", "Decision", ""})  # heads of columns that rest on adjusted p-values


def headline(audit: Audit) -> str:
    """Items, judgments, missing replies and cost in one line."""
    counts = _section(audit, "counts")
    parts = []
    if (items := _number(counts, "items")) is not None:
        parts.append(f"{formats.count(items)} items")
    if (trials := _number(counts, "trials")) is not None:
        parts.append(f"{formats.count(trials)} judgments")
    if (missing := _number(counts, "missing")) is not None:
        share = f" ({formats.percent(missing / trials)})" if trials else ""
        parts.append(f"{formats.count(missing)} missing{share}")
    if unread := _number(counts, "no_verdict"):
        parts.append(f"{formats.count(unread)} without a verdict")
    parts.append(formats.money(_number(audit.manifest, "cost_usd")))
    return " · ".join(parts)


def facts_of(audit: Audit) -> tuple[tuple[str, str], ...]:
    """Everything about the run as (name, value), for the page's table of facts."""
    manifest, counts, tokens = audit.manifest, _section(audit, "counts"), _section(audit, "tokens")
    sampling = _section(audit, "sampling")
    facts = [
        ("Suite", audit.suite),
        ("Description", manifest.get("description")),
        ("Judge", audit.judge),
        ("Served model", manifest.get("served_model")),
        ("Seed", manifest.get("seed")),
        ("State", manifest.get("state")),
        *((name.capitalize(), formats.count(value)) for name, value in _numbers(counts)),
        *((_tokens_of(name), formats.count(value)) for name, value in _numbers(tokens)),
        ("Cost", formats.money(_number(manifest, "cost_usd"))),
        ("Wall time", formats.seconds(_number(manifest, "wall_s")) if "wall_s" in manifest else None),
        ("Started", manifest.get("started_at")),
        ("Finished", manifest.get("finished_at")),
        ("Sampling asked", _pairs(sampling.get("asked"))),
        ("Sampling in effect", _pairs(sampling.get("effective"))),
        ("Analysis", _pairs(manifest.get("analysis"))),
        ("Planted (simulated)", _pairs(manifest.get("sim_truth"))),
        ("Versions", _pairs(manifest.get("versions"))),
    ]
    return tuple((name, clean(str(value))) for name, value in facts if value not in (None, ""))


def _tokens_of(name: str) -> str:
    """What a number of tokens is called; those that no provider counted are told by their share of the reply."""
    if name == "reasoning_estimated":
        return "Reasoning tokens not counted by the provider, by length"
    return f"{name.capitalize()} tokens"


def method_notes(audit: Audit) -> tuple[str, ...]:
    """The notes under an audit's tables: what n is, the interval, the margin, the multiplicity and the units."""
    effects = effects_of(audit)
    return (*_figures([line.primary for line in lines_of(audit)]), *_families(audit, effects))


def table_notes(table: Table, audits: Sequence[Audit], *, stars: bool = False) -> tuple[str, ...]:
    """The notes under one table, from the effects in it: its own, then those of `method_notes`, and what stars mean."""
    shown = [effect for row in table.rows for effect in row.effects]
    if not shown:
        return table.notes
    simulated = (
        ("Simulated: verdicts are drawn from planted biases.",) if any(a.simulated for a in audits) else ()
    )
    families = []
    if stars or _ADJUSTED & set(table.columns):
        names = [shorten(audit.judge, 40) for audit in audits]
        said = [tuple(_families(audit, effects_of(audit))) for audit in audits]
        same = len(set(said)) == 1
        families = [
            note if same else f"{name}: {note}"
            for name, notes in zip(names[: 1 if same else None], said, strict=False)
            for note in notes
        ]
    meaning = (
        f"{', '.join(f'{mark} p < {limit:g}'.replace('0.', '.') for limit, mark in reversed(STARS))} (adjusted).",
    )
    return (*simulated, *table.notes, *_figures(shown), *families, *(meaning if stars else ()))


def _figures(effects: Sequence[Effect]) -> Iterator[str]:
    """Unit, n, interval and margin of some effects."""
    methods = sorted({shorten(effect.method, 60) for effect in effects if effect.method})
    levels = sorted({effect.conf_level for effect in effects if effect.conf_level is not None})
    scales = "" if all(map(formats.is_share, effects)) else "; scores and costs in their own units"
    yield f"Effects and intervals in percentage points{scales}."
    if sizes := sorted({effect.n_items for effect in effects if effect.n_items is not None}):
        span = formats.count(sizes[0]) + (f" to {formats.count(sizes[-1])}" if len(sizes) > 1 else "")
        yield f"n = {span} items an effect; repeats and orders are averaged within an item."
    by = f", by {'; '.join(methods)}" if methods else ""
    yield f"Intervals at {' or '.join(map(formats.level, levels)) or formats.level(None)}{by}."
    if margins := formats.margins(effects):
        yield f"Equivalence margin {margins}."


def _families(audit: Audit, effects: tuple[Effect, ...]) -> Iterator[str]:
    """Over which effects the p-values are adjusted, and which effects are exploratory."""
    tested = [
        effect for effect in effects if effect.p_adjusted is not None and effect.estimand != "bias_removed"
    ]
    settings = Settings.declared(_section(audit, "analysis"))
    open_ended = [e for e in tested if not settings.is_confirmatory(e.bias, e.perturbation)]
    if count := len(tested) - len(open_ended):
        yield f"p-values adjusted by Holm over {count} confirmatory effects."
    if open_ended:
        names = ", ".join(dict.fromkeys(perturbation_name(e.bias, e.perturbation) for e in open_ended))
        yield f"Exploratory, adjusted by Benjamini and Hochberg over {len(open_ended)}: {shorten(names, 200)}."


def instrument_lines(audit: Audit) -> tuple[tuple[str, Effect], ...]:
    """The instrument's own figures, by name: agreement, order, noise, positive control, missing replies."""
    effects = effects_of(audit)
    wanted: tuple[tuple[str, dict[str, str]], ...] = (
        ("Agreement with gold", {"bias": "agreement", "estimand": "accuracy"}),
        ("Verdict depends on order", {"bias": "position", "estimand": "swap_inconsistency"}),
        ("Order dependence beyond noise", {"bias": "position", "estimand": "excess_swap_inconsistency"}),
        ("Flips on rerun (noise floor)", {"bias": "repeat_stability", "estimand": "flip_rate"}),
        ("Ties", {"bias": "ties", "estimand": "tie_rate"}),
        ("Positive control", {"bias": "positive_control", "estimand": "target_preference"}),
    )
    found = [(name, find(effects, stratum="all", **keys) or find(effects, **keys)) for name, keys in wanted]
    differences = [e for e in effects if e.bias == "missing" and e.estimand == "missing_rate_difference"]
    if worst := max(differences, key=lambda e: abs(e.estimate or 0), default=None):
        found.append((f"Largest gap in missing replies ({_perturbed(worst)})", worst))
    return tuple((name, effect) for name, effect in found if effect is not None)


def _perturbed(effect: Effect) -> str:
    bias = effect.perturbation.partition("@")[0]
    return shorten(perturbation_name(bias, effect.perturbation), 24)


def _section(audit: Audit, name: str) -> Mapping[str, Any]:
    section = audit.manifest.get(name)
    return section if isinstance(section, Mapping) else {}


def _number(mapping: Mapping[str, Any], name: str) -> float | None:
    value = mapping.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numbers(mapping: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(str(name), value) for name in mapping if (value := _number(mapping, name)) is not None]


def _pairs(value: Any) -> str | None:
    """A mapping as `name value, name value`; nested ones in brackets."""
    if not isinstance(value, Mapping):
        return None if value is None else str(value)
    shown = (f"{k} ({_pairs(v)})" if isinstance(v, Mapping) else f"{k} {v}" for k, v in value.items())
    return ", ".join(shown)
