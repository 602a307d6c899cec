"""Effects tables with every kind of row that the reports must show, plain and hostile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from judgebench.analysis.schema import EFFECT_COLUMNS
from judgebench.report.model import TRUTH_KEY, Audit, Example, Sample, Showing

SCRIPT = "<script>alert(1)</script>"
HOSTILE_JUDGE = f"openai/{SCRIPT}_%&#$x$~^{{}}\\=\u202eevil\x1b[31mred\U0001f600" + "x" * 500
Row = dict[str, Any]

_DEFAULTS: Row = {
    "suite": "core",
    "judge": "sim/mild",
    "contrast": "treatment - control",
    "stratum": "all",
    "protocol": "pairwise",
    "mitigation": "none",
    "unit": "share",
    "std_error": 0.01,
    "conf_level": 0.95,
    "statistic": 1.0,
    "p_value": 0.04,
    "p_adjusted": None,
    "method": "CT",
    "n_items": 400,
    "n_clusters": 400,
    "n_judgments": 1600,
    "n_missing": 3,
    "margin": 0.05,
    "decision": None,
}


def row(bias: str, estimand: str, estimate: float, low: float, high: float, **more: Any) -> Row:
    """One effects row; the bounds are a little wider than the interval."""
    place = {"bias": bias, "perturbation": bias, "estimand": estimand}
    figures = {"estimate": estimate, "conf_low": low, "conf_high": high}
    bounds = {"bound_low": low - 0.001, "bound_high": high + 0.001}
    return {**_DEFAULTS, **place, **figures, **bounds, **more}


def cue(bias: str, effect: float, half: float, decision: str, p: float, **more: Any) -> Iterator[Row]:
    """All rows of one cue."""
    where = {"perturbation": bias, **more}
    yield row(
        bias,
        "target_preference",
        effect,
        effect - half,
        effect + half,
        decision=decision,
        p_adjusted=p,
        **where,
    )
    for contrast, value in (("placebo - control", 0.004), ("treatment - placebo", effect - 0.004)):
        yield row(bias, "target_preference", value, value - half, value + half, contrast=contrast, **where)
    for stratum, value in (("gold: target loses", effect + 0.011), ("gold: target wins", effect - 0.012)):
        yield row(bias, "target_preference", value, value - half, value + half, stratum=stratum, **where)
    for estimand, value in (
        ("flip_rate", 0.1531), ("excess_flip_rate", 0.1122), ("flip_toward", 0.1214), ("flip_away", 0.0317),
    ):  # fmt: skip
        yield row(bias, estimand, value, value - 0.02, value + 0.02, **where)
    for arm in ("control", "treatment"):
        yield row(
            "missing", "missing_rate", 0.002, 0.0, 0.01, contrast=arm, perturbation=where["perturbation"]
        )
    yield row("missing", "missing_rate_difference", 0.0, -0.01, 0.01, perturbation=where["perturbation"])


def instrument() -> Iterator[Row]:
    yield row("repeat_stability", "flip_rate", 0.0409, 0.03, 0.06, contrast="")
    yield row("repeat_stability", "inconsistency", 0.0409, 0.03, 0.06, contrast="")
    yield row("agreement", "accuracy", 0.8137, 0.78, 0.85, contrast="", n_missing=None)
    yield row("positive_control", "target_preference", -0.7012, -0.75, -0.65)


def effect_rows() -> list[Row]:
    """A judge with one bias of each decision, doses, and the instrument's own rows."""
    position = {"contrast": "", "unit": "probability above 1/2"}
    return [
        row(
            "position",
            "first_preference",
            0.08215,
            0.0511,
            0.1133,
            decision="biased",
            p_adjusted=1e-6,
            **position,
        ),
        row("position", "swap_inconsistency", 0.2143, 0.18, 0.25, **position),
        row("position", "excess_swap_inconsistency", 0.1734, 0.13, 0.21, **position),
        *cue("authority", 0.0617, 0.0311, "biased", 0.0021),
        *cue("bandwagon", 0.0213, 0.0187, "equivalent", 0.081),
        *cue("distraction", -0.0042, 0.0213, "equivalent", 1.0),
        *cue("superficial_reflection", 0.0317, 0.0489, "inconclusive", 0.412),
        *cue("length", 0.0392, 0.0188, "inconclusive", 0.0513, perturbation="length@1.5"),
        *cue("length", 0.0877, 0.0223, "biased", 0.0004, perturbation="length@2"),
        *cue("fallacy", -0.5512, 0.0512, "biased", 0.0001),
        *instrument(),
    ]


def strata() -> Iterator[Row]:
    """A cue by category and by source."""
    for i, stratum in enumerate(("category: code", "category: safety & law", "source: bank_1")):
        value = 0.05 + i / 100
        yield row(
            "authority", "target_preference", value, value - 0.04, value + 0.04, stratum=stratum, n_items=40
        )


def mitigated() -> Iterator[Row]:
    """A cue under a mitigation, what that removes, the accuracy with it, and what it costs."""
    with_it = {"mitigation": "system_prompt"}
    yield from cue("authority", 0.0217, 0.0311, "inconclusive", 0.2, **with_it)
    yield row("authority", "bias_removed", 0.0402, 0.0105, 0.0698, contrast="none - system_prompt", **with_it)
    yield row("agreement", "accuracy", 0.8037, 0.77, 0.84, contrast="judge = gold", **with_it)
    contrast = "system_prompt - none"
    yield row("agreement", "accuracy_change", -0.01, -0.03, 0.01, contrast=contrast, **with_it)
    for cost, words, extra in (("tokens", "tokens", 31.25), ("usd", "USD", 0.0003125)):
        more = {"unit": f"{words} per verdict", "contrast": contrast, **with_it}
        yield row("cost", f"extra_{cost}", extra, 0.9 * extra, 1.1 * extra, **more)
        more = {"unit": f"{words} per point", "contrast": "none - system_prompt", **with_it}
        yield row("authority", f"{cost}_per_point", extra / 4, extra / 7, extra, **more)
    seconds = {"unit": "seconds per verdict", "contrast": contrast, **with_it}
    yield row("cost", "extra_seconds", 0.0, 0.0, 0.0, **seconds)


def of_designs() -> Iterator[Row]:
    """Changes shown together, and choices from lists."""
    for estimand in ("main_effect", "shapley_value"):
        yield row("authority", estimand, 0.0721, 0.053, 0.094, contrast="present - absent")
    for name, estimand in (
        ("length@2 x authority", "interaction_effect"),
        ("length@2+authority", "joint_effect"),
    ):
        yield row("factorial", estimand, 0.0213, -0.017, 0.058, perturbation=name, contrast="all - none")
    odds = {"unit": "log odds", "protocol": "choice"}
    second = "second place against first"
    yield row("position", "choice_logit", -0.8131, -1.05, -0.58, contrast=second, **odds)
    yield row("authority", "choice_logit", 2.1823, 1.78, 2.58, contrast="bears the change", **odds)


def own_responses() -> Iterator[Row]:
    """A judge before its own responses: two opponents, one of them by task, and one without a panel."""
    for opponent, task, values in (
        (
            "openai/gpt-4o_mini",
            "all",
            {"raw": 0.12, "dbg": 0.094, "adjusted": 0.031, "own_quality_gap": 0.04},
        ),
        ("openai/gpt-4o_mini", "category: code", {"raw": 0.07, "dbg": 0.052, "adjusted": 0.012}),
        ("anthropic/haiku", "all", {"raw": -0.01, "dbg": -0.023, "own_quality_gap": -0.05}),
    ):
        for estimand, value in values.items():
            yield row(
                "self_preference",
                estimand,
                value,
                value - 0.03,
                value + 0.03,
                perturbation=opponent,
                stratum=task,
                contrast="own - opponent",
            )
    one_style = {"bias": "self_preference_equalised", "perturbation": "openai/gpt-4o_mini"}
    for estimand, value in (("dbg", 0.021), ("adjusted", 0.004)):
        yield row("self_preference", estimand, value, value - 0.03, value + 0.03) | one_style
    for estimand, contrast, value, unit in (
        ("recognition_accuracy", "names its own", 0.6312, "proportion"),
        ("recognition_correlation", "names its own, prefers it", 0.2103, "correlation"),
        ("recognition_correlation", "names its own, prefers it beyond gold", 0.1502, "correlation"),
    ):
        where = {"perturbation": "all", "contrast": contrast, "unit": unit}
        yield row("self_recognition", estimand, value, value - 0.1, value + 0.1, **where)


def frame(rows: list[Row], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame([{**r, **columns} for r in rows], columns=list(EFFECT_COLUMNS))


def manifest(**more: Any) -> dict[str, Any]:
    return {
        "suite": "core",
        "description": "Six cues on pairs",
        "judge": "sim/mild",
        "served_model": "mild-1",
        "seed": 7,
        "started_at": "2026-11-02T10:00:00Z",
        "finished_at": "2026-11-02T10:03:20Z",
        "state": "complete",
        "counts": {"items": 400, "trials": 9600, "requests": 8800, "answered": 9577, "missing": 23},
        "tokens": {"prompt": 1_234_567, "completion": 45_678},
        "cost_usd": 1.234,
        "wall_s": 200.4,
        "versions": {"judgebench": "0.1.0", "numpy": "2.4"},
        "sampling": {"asked": {"temperature": 0.0}, "effective": {"temperature": 0.0}},
        "analysis": {"alpha": 0.05, "level": 0.95, "margin": 0.05, "cluster": "item", "family": "cues"},
        "sim_truth": None,
        **more,
    }


def truth_of(effects: pd.DataFrame) -> pd.DataFrame:
    """A truth near every main estimate; distraction's lies outside its interval."""
    main = effects[effects["decision"].notna()]
    truth = main[list(TRUTH_KEY)].assign(truth=main["estimate"] + 0.003)
    truth.loc[truth["bias"] == "distraction", "truth"] = 0.0456
    return truth.reset_index(drop=True)


def samples(text: str = "") -> tuple[Sample, ...]:
    """The trials behind authority (of a hostile audit: position): one item that turned, one without a verdict."""
    prompt = f"Which is better?\n[A] It is 4. {text}\n[B] It is 5."
    start = prompt.index("It is 4.")
    showings = tuple(
        Showing(arm, order, prompt, f"The first is right. {text} [[A]]", verdict, ((start, start + 8),))
        for arm, order, verdict in (
            ("control", "ab", "a"),
            ("treatment", "ab", "b"),
            ("treatment", "ba", "tie"),
        )
    )
    silent = Showing("control", "ba", prompt, None, "error")
    item = f"item-1 {text}".strip()
    turned = Example(item, "moved toward the changed response", (*showings, silent), target="b", gold="a")
    unread = Example("item-2", "without a verdict", (silent,), target="a")
    kinds = (("moved toward the changed response", 31), ("without a verdict", 1))
    return (Sample("position" if text else "authority", "pairwise", "none", kinds, (turned, unread)),)


@pytest.fixture(scope="session")
def make_audit() -> Callable[..., Audit]:
    """Build an audit: `make_audit(judge=..., rows=..., simulated=..., text=..., **manifest keys)`."""

    def make(
        judge: str = "sim/mild",
        rows: list[Row] | None = None,
        *,
        simulated: bool = False,
        text: str = "",
        **more: Any,
    ) -> Audit:
        table = frame(effect_rows() if rows is None else rows, judge=judge)
        planted = {"position": 0.1} if simulated else None
        run = manifest(judge=judge, sim_truth=planted, **more)
        return Audit(table, run, truth_of(table) if simulated else None, samples(text))

    return make


@pytest.fixture(scope="session")
def build() -> SimpleNamespace:
    """The makers of rows, for tests that need a table of their own."""
    return SimpleNamespace(
        row=row, cue=cue, effect_rows=effect_rows, hostile_judge=HOSTILE_JUDGE, script=SCRIPT
    )


@pytest.fixture(scope="session")
def audit(make_audit: Callable[..., Audit]) -> Audit:
    return make_audit("openai/gpt-5-mini")


@pytest.fixture(scope="session")
def simulated(make_audit: Callable[..., Audit]) -> Audit:
    return make_audit(simulated=True)


@pytest.fixture(scope="session")
def hostile(make_audit: Callable[..., Audit]) -> Audit:
    """Every text of the audit is hostile."""
    bad = {
        "bias": f"{SCRIPT}_%&",
        "perturbation": f"{SCRIPT}_%&@\u202e\x1b[2Jx",
        "unit": "=cmd()",
        "method": "@m\x1b]0;t\x07",
        "contrast": "-1+1",
        "stratum": "all",
        "protocol": "$\\input{x}$",
        "mitigation": "\t[i](javascript:alert(1))|`",
        "suite": "=cmd()|' /C calc'!A0\r\n",
        "decision": "biased",
    }
    plain = row("position", "first_preference", 0.08, 0.05, 0.11, decision="biased", suite=bad["suite"])
    rows = [
        plain,
        {**plain, **bad},
        {**plain, **bad, "bias": "missing", "estimand": "missing_rate_difference"},
    ]
    described = {
        "description": f"{SCRIPT} \u202e",
        "served_model": SCRIPT,
        "versions": {SCRIPT: SCRIPT},
        "state": SCRIPT,
    }
    return make_audit(
        HOSTILE_JUDGE, rows, text=f"{SCRIPT}</details>\u202e\x1b[31m", suite=bad["suite"], **described
    )


def rich_rows() -> list[Row]:
    """Rows for every table that there is."""
    trend = row(
        "length", "dose_trend", 0.0485, 0.02, 0.077, contrast="per step of dose", unit="probability per step"
    )
    return [*effect_rows(), trend, *strata(), *mitigated(), *of_designs(), *own_responses()]


@pytest.fixture(scope="session")
def rich(make_audit: Callable[..., Audit]) -> Audit:
    """A judge with rows for every table."""
    return make_audit("openai/gpt-5-mini", rich_rows())


@pytest.fixture(scope="session")
def hostile_rich(make_audit: Callable[..., Audit]) -> Audit:
    """The same with hostile names of the judge, mitigation, opponent, category and suite."""
    bad = f"{SCRIPT}_%&#$x$~^{{}}\\input\u202e\U0001f600\u05e9\u05dc\u05d5\u05dd" + "y" * 500
    rows = [
        {
            **r,
            "mitigation": bad if r["mitigation"] != "none" else "none",
            "perturbation": bad if r["bias"] == "self_preference" else r["perturbation"],
            "stratum": f"category: {bad}" if r["stratum"].startswith("category: code") else r["stratum"],
            "suite": bad,
        }
        for r in rich_rows()
    ]
    return make_audit(HOSTILE_JUDGE, rows, suite=bad)


@pytest.fixture(scope="session")
def three(make_audit: Callable[..., Audit]) -> list[Audit]:
    """Three judges: one plain, one simulated, one with fewer rows."""
    short = [r for r in effect_rows() if r["bias"] in ("position", "authority", "agreement")]
    return [make_audit("openai/gpt-5-mini"), make_audit(simulated=True), make_audit("anthropic/haiku", short)]
