"""The part of a methods paragraph on the analysis: estimands, intervals, multiplicity, margin, departures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from judgebench.analysis import Settings
from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of, lines_of
from judgebench.report.labels import estimand_of
from judgebench.report.model import Audit
from judgebench.report.sentence import Sentence, cited
from judgebench.report.text import shorten

__all__ = ["analysis_sentences"]

_CT: Final = ("tango1998", "bell2002", "pustejovsky2018")


def analysis_sentences(audit: Audit, effects: Sequence[Effect]) -> Iterator[Sentence]:
    """What is estimated and how, against which margin, and what is not as it was planned."""
    settings = Settings.declared(_section(audit.manifest, "analysis"))
    yield from _estimands(audit)
    yield from _intervals(
        effects, "prompt" if settings.cluster == "item" and _by_prompt(audit) else settings.cluster
    )
    yield from _multiplicity(effects, settings)
    yield from _decisions(audit, effects)
    yield from _departures(audit)


def _estimands(audit: Audit) -> Iterator[Sentence]:
    """What each primary effect is; DBG and what is familiar with their sources."""
    names = dict.fromkeys(line.primary.estimand for line in lines_of(audit))
    for name in names:
        found = estimand_of(name)
        if found.meaning:
            yield cited(f"{found.name[:1].upper()}{found.name[1:]}: {found.meaning}", *_source(name))


def _source(estimand: str) -> tuple[str, ...]:
    return {"dbg": ("chen2025",), "preference_per_nat": ("wataoka2024",)}.get(estimand, ())


def _by_prompt(audit: Audit) -> bool:
    """Whether pairs that share a prompt were one cluster, as they are where responses have authors."""
    authored = isinstance(audit.manifest.get("self_preference"), Mapping)
    counts = (effect for effect in effects_of(audit) if effect.bias == "position" and authored)
    return any((effect.n_clusters or 0) < (effect.n_items or 0) for effect in counts)


def _intervals(effects: Sequence[Effect], cluster: str) -> Iterator[Sentence]:
    levels = sorted({e.conf_level for e in effects if e.conf_level is not None})
    methods = {e.method for e in effects if e.estimate is not None}
    if not levels:
        return
    stated = " or ".join(map(formats.level, levels))
    yield cited(
        "Effects are means over items of differences that were first averaged over orders and repeats of the item; "
        f"intervals are at {stated} and clustered by {cluster}"
    )
    if any(method.startswith("CT") for method in methods):
        yield cited("Differences have cluster-adjusted Tango score intervals", *_CT)
    if any("wilson" in method.lower() for method in methods):
        yield cited("Rates have Wilson score intervals on the effective number of items", "wilson1927")
    if any(method.startswith("Pearson") for method in methods):
        yield cited(
            "Correlations are Pearson's, their intervals made on Fisher's scale from the influence function of each "
            "item, summed within clusters",
            "devlin1975",
        )
    if any("McNemar" in method for method in methods):
        yield cited("Order dependence was also tested by McNemar's exact test", "mcnemar1947")
    if any(method.startswith("OLS") for method in methods):
        yield cited(
            "Slopes were fitted by least squares with CR2 standard errors", "bell2002", "pustejovsky2018"
        )


def _multiplicity(effects: Sequence[Effect], settings: Settings) -> Iterator[Sentence]:
    tested = [e for e in effects if e.p_adjusted is not None and e.estimand != "bias_removed"]
    confirmatory = [e for e in tested if settings.is_confirmatory(e.bias, e.perturbation)]
    if confirmatory:
        yield cited(
            f"P-values were adjusted by Holm's method, confirmatory effects: {len(confirmatory)}", "holm1979"
        )
    if len(tested) > len(confirmatory):
        yield cited(
            "P-values of exploratory effects were adjusted for the false discovery rate, effects: "
            f"{len(tested) - len(confirmatory)}",
            "benjamini1995",
        )
    if any("max-t" in e.method for e in effects):
        yield cited("Simultaneous intervals over the confirmatory effects use the joint max-t", "hothorn2008")
    if any(e.n_missing for e in effects):
        yield cited(
            "Effects are estimated on complete pairs; bounds hold all that the missing verdicts could have been",
            "imbens2004",
        )


def _decisions(audit: Audit, effects: Sequence[Effect]) -> Iterator[Sentence]:
    margins = formats.margins(effects)
    if not margins:
        return
    settings = Settings.declared(_section(audit.manifest, "analysis"))
    alpha = _used(audit, "alpha", settings.alpha)
    when = "; margin and alpha were declared before the first request" if _declared_first(audit) else ""
    yield cited(
        "An effect is called biased if its interval excludes zero and its adjusted p-value is below "
        f"{alpha:g}, equivalent if its interval lies within {margins}, and else inconclusive{when}"
    )


def _declared_first(audit: Audit) -> bool:
    """Whether the margin and alpha that were used are those of a plan that was locked before any request."""
    return (
        bool(audit.manifest.get("plan")) and audit.plan_intact and not audit.manifest.get("analysis_changed")
    )


def _used(audit: Audit, name: str, planned: float) -> float:
    """A setting as it was used: a later analysis may have changed it."""
    changed = _section(_section(audit.manifest, "analysis_changed"), name)
    return float(changed.get("used", planned))


def _departures(audit: Audit) -> Iterator[Sentence]:
    """What is not as planned; and that nothing is, where there was a plan to depart from."""
    manifest = audit.manifest
    told = False
    for name, values in _section(manifest, "analysis_changed").items():
        if isinstance(values, Mapping):
            told = True
            yield cited(
                f"Departure from the plan: {shorten(str(name), 40)} {values.get('used')} in place of "
                f"{values.get('planned')}"
            )
    if not audit.plan_intact:
        told = True
        yield cited("The plan on record is not the one that was locked before the first request")
    if manifest.get("state") not in (None, "complete"):
        told = True
        yield cited(
            f"The run is {shorten(str(manifest['state']), 20)}: the figures describe the part that was answered"
        )
    if isinstance(rule := _section(manifest, "stopping").get("rule"), str):
        yield cited(f"Asking could end early by the declared rule {shorten(rule, 60)!r}")
    if isinstance(manifest.get("imported"), Mapping):
        yield cited("The verdicts were on record before this analysis was declared")
    elif manifest.get("plan") and not told:
        yield cited("There were no departures from the locked plan")


def _section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = mapping.get(name)
    return section if isinstance(section, Mapping) else {}
