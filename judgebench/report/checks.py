"""What a reader must be told before believing a table: the checks of the instrument, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, Line, effects_of, lines_of
from judgebench.report.labels import bias_of, perturbation_name
from judgebench.report.model import Audit
from judgebench.report.text import shorten

__all__ = ["FEW_CLUSTERS", "warnings_of"]

_ALPHA: Final = 0.05
_FAILED_CHECKS: Final = 0.05  # from this share on, what was to be changed was often not changed as it says
FEW_CLUSTERS: Final = 30  # the smallest number at which the intervals' coverage was measured


def warnings_of(audit: Audit) -> tuple[str, ...]:
    """The warnings that belong on every output of this audit, the gravest first; empty when there is none."""
    effects, lines = effects_of(audit), lines_of(audit)
    found = (
        *_state(audit, effects),
        *_plan(audit),
        *_positive_control(effects),
        *_manipulation(effects),
        *_authors(audit, effects),
        *_familiarity(audit),
        *_missing(effects, lines),
        *_placebo(lines),
        *_simpson(lines),
        *_few(lines),
        *_no_floor(lines),
    )
    return tuple(dict.fromkeys(found))


def _state(audit: Audit, effects: tuple[Effect, ...]) -> Iterable[str]:
    state = audit.manifest.get("state", "complete")
    if state != "complete":
        yield f"The run is {shorten(str(state), 20)}: the figures describe the part that was answered."
    if not effects:
        yield "The audit holds no effects."


def _plan(audit: Audit) -> Iterable[str]:
    """What is not as it was locked before the first request."""
    if not audit.plan_intact:
        yield "The plan in the manifest is not the one that was locked before the first request."
    changed = audit.manifest.get("analysis_changed")
    if isinstance(changed, Mapping) and changed:
        told = (
            f"{name} {values.get('used')} in place of {values.get('planned')}"
            for name, values in changed.items()
            if isinstance(values, Mapping)
        )
        yield f"The analysis is not that of the locked plan: {shorten(', '.join(told), 120)}."


def _positive_control(effects: tuple[Effect, ...]) -> Iterable[str]:
    """A judge that spares a degraded answer is no instrument, so it must lose beyond the margin."""
    for effect in effects:
        wanted = effect.bias == "positive_control" and effect.estimand == "target_preference"
        if not wanted or effect.stratum not in ("all", "") or effect.contrast.startswith("placebo"):
            continue
        if effect.conf_high is None or effect.conf_high >= -(effect.margin or 0):
            yield (
                f"Positive control failed: a degraded response does not clearly lose ({_figures(effect)}); "
                "trust no other figure before this is understood."
            )


def _manipulation(effects: tuple[Effect, ...]) -> Iterable[str]:
    for effect in effects:
        if effect.estimand == "failed_check_rate" and (effect.estimate or 0) > _FAILED_CHECKS:
            name = shorten(perturbation_name(effect.perturbation, effect.perturbation), 48)
            yield (
                f"{name}, {shorten(effect.contrast, 40)}: {formats.estimate(effect)} % of the changes failed their "
                "check; read the effect where the checks were passed."
            )


def _authors(audit: Audit, effects: tuple[Effect, ...]) -> Iterable[str]:
    """Where DBG is no estimate of self-preference, and a panel that is related to the judge."""
    whole = [
        e
        for e in effects
        if e.perturbation == "all" and e.stratum in ("all", "") and not e.bias.endswith("_equalised")
    ]
    for dbg in (e for e in whole if e.estimand == "dbg"):
        beside = {e.estimand: e for e in whole if _variant_of(e) == _variant_of(dbg)}
        gap, adjusted = beside.get("own_quality_gap"), beside.get("adjusted")
        name = bias_of(dbg.bias).name
        if gap is not None and gap.excludes_zero:
            better, way = ("better", "down") if (gap.estimate or 0) > 0 else ("worse", "up")
            yield (
                f"{name}, DBG: gold-adjusted, not identified. By gold the judge's side is {better} ({_figures(gap)}), "
                f"and a judge's errors alone then push DBG {way}."
            )
        if adjusted is None:
            yield (
                f"{name}, DBG: gold-adjusted, not identified, since there are no pairs of other authors and no panel "
                "to compare with."
            )
    told = audit.manifest.get("self_preference")
    panel = told.get("panel") if isinstance(told, Mapping) else None
    related = panel.get("related") if isinstance(panel, Mapping) else None
    if isinstance(related, list) and related:
        names = ", ".join(shorten(str(name), 60) for name in related)
        yield f"The panel holds judges of the judge's own family: {names}; gold may share its preferences."
    rewrites = audit.manifest.get("rewrites")
    kin = rewrites.get("related") if isinstance(rewrites, Mapping) else None
    if isinstance(kin, list) and kin:
        names = " and ".join(shorten(str(name), 60) for name in kin)
        yield f"The model that put the responses in one style is of the family of {names}; the style may be theirs."


def _familiarity(audit: Audit) -> Iterable[str]:
    """Where the suite asks how familiar responses are, and the judge does not tell it of all."""
    told = audit.manifest.get("self_preference")
    asked = told.get("familiarity") if isinstance(told, Mapping) else None
    if not isinstance(asked, Mapping) or not (asked.get("unknown") or asked.get("why")):
        return
    why = shorten(str(asked.get("why") or "they are empty, or no reply came"), 100)
    if asked.get("responses"):
        missed = f"{formats.count(asked.get('unknown'))} of {formats.count(asked.get('responses'))} responses"
        yield f"Familiarity is not known of {missed}: {why}."
    else:
        yield f"Familiarity is not measured: {why}."


def _variant_of(effect: Effect) -> tuple[str, str, str]:
    return effect.bias, effect.protocol, effect.mitigation


def _missing(effects: tuple[Effect, ...], lines: tuple[Line, ...]) -> Iterable[str]:
    for line in lines:
        if line.primary.sign_open:
            yield (
                f"{formats.line_name(line)}: {formats.count(line.primary.n_missing)} missing replies could "
                f"undo the sign of the effect (worst-case bounds {formats.bounds(line.primary)})."
            )
    gaps = [e for e in effects if e.bias == "missing" and e.estimand == "missing_rate_difference"]
    for effect in gaps:
        # Bonferroni over the arms: one gap in twenty excludes zero by chance
        if effect.p_value is not None and effect.p_value * len(gaps) < _ALPHA:
            name = shorten(perturbation_name(effect.perturbation, effect.perturbation), 48)
            arm = shorten(effect.contrast, 40)
            yield f"{name}, {arm}: verdicts go missing at different rates ({_figures(effect)})."


def _placebo(lines: tuple[Line, ...]) -> Iterable[str]:
    for line in lines:
        if line.placebo is not None and line.placebo.excludes_zero:
            yield (
                f"{formats.line_name(line)}: the placebo moves the judge too ({_figures(line.placebo)}); "
                f"read treatment against placebo ({formats.estimate(line.net)})."
            )


def _simpson(lines: tuple[Line, ...]) -> Iterable[str]:
    """A category or a source whose effect goes against the effect as a whole, by Bonferroni over all of them."""
    for line in lines:
        for effect in line.strata:
            against = (effect.estimate or 0) * (line.primary.estimate or 0) < 0
            sure = effect.p_value is not None and effect.p_value * len(line.strata) < _ALPHA
            if against and effect.excludes_zero and sure:
                yield (
                    f"{formats.line_name(line)}, {shorten(effect.stratum, 60)}: the effect goes the other way "
                    f"({_figures(effect)}) than over all items ({formats.estimate(line.primary)})."
                )


def _few(lines: tuple[Line, ...]) -> Iterable[str]:
    clusters = [line.primary.n_clusters for line in lines if line.primary.n_clusters is not None]
    if clusters and min(clusters) < FEW_CLUSTERS:
        yield (
            f"Few clusters ({min(clusters)}, under {FEW_CLUSTERS}): the intervals are wide and lean on their "
            "small-sample correction."
        )


def _no_floor(lines: tuple[Line, ...]) -> Iterable[str]:
    if any(line.flips is not None and line.noise is None and line.excess is None for line in lines):
        yield "No rerun arm: the flip rates hold sampling noise as well as bias."


def _figures(effect: Effect) -> str:
    return f"{formats.measured(effect)}, {formats.interval(effect)}"
