"""Human names and one-sentence meanings, in one place, so that every output says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from judgebench.report.text import clean

__all__ = [
    "COSTS", "DECISIONS", "FAMILIES", "Bias", "Decision", "Estimand", "Family", "bias_of", "combination", "dose_of",
    "estimand_of", "family_of", "perturbation_name", "variant_name", "variant_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """A family of biases: what the right effect is. `rank` is its place in every table."""

    name: str
    rank: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Bias:
    """A bias: its name, its family, and the cue in words that can begin a sentence."""

    name: str
    family: str
    cue: str


@dataclass(frozen=True, slots=True)
class Estimand:
    """What a number is. `signed`: a difference around zero, as opposed to a rate from 0 to 1."""

    name: str
    signed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in words, its mark (a shape, so that colour is never needed), and what it means."""

    words: str
    mark: str
    meaning: str


FAMILIES: Final = {
    "invariance": Family("Invariance", 0, "The change must not matter: the right effect is zero."),
    "discrimination": Family("Discrimination", 1, "Gold says who wins: the effect is an error."),
    "relational": Family(
        "Relational", 2, "Depends on who wrote what: the right effect is zero once quality counts."
    ),
    "instrument": Family("Instrument", 3, "How the judge uses its scale: the right answer is consistency."),
    "other": Family("Other", 4, "Outside the four families: read its own description."),
}

DECISIONS: Final = {
    "biased": Decision("biased", "●", "the interval excludes zero and the adjusted p-value is below alpha"),
    "negligible": Decision(
        "detectable, negligible", "◆", "the interval excludes zero and lies inside the margin"
    ),
    "equivalent": Decision("equivalent", "○", "the interval lies inside the margin"),
    "inconclusive": Decision(
        "inconclusive", "▽", "neither bias nor equivalence is shown: only more items can tell"
    ),
    "": Decision("no decision", "·", "exploratory or descriptive"),
}

_BIASES: Final = {
    "position": Bias("Position", "invariance", "Being shown first"),
    "option_label": Bias("Option label", "invariance", "The label on a response"),
    "length": Bias("Length", "invariance", "Padding without new content"),
    "format": Bias("Format", "invariance", "Lists, headings and bold type"),
    "authority": Bias("Authority", "invariance", "A citation or credential beside a response"),
    "bandwagon": Bias("Bandwagon", "invariance", "A claim that most people prefer a response"),
    "distraction": Bias("Distraction", "invariance", "An irrelevant sentence about a response"),
    "superficial_reflection": Bias(
        "Superficial reflection", "invariance", "A phrase that only sounds like reflection"
    ),
    "sentiment": Bias("Sentiment", "invariance", "A change of tone"),
    "identity": Bias("Identity", "invariance", "A stated author or user"),
    "model_name": Bias("Model name", "invariance", "A model's name beside a response"),
    "confidence": Bias("Confidence", "invariance", "Assertive wording"),
    "refinement": Bias("Refinement", "invariance", "A shown history of revisions"),
    "template": Bias("Template", "invariance", "A paraphrase of the judge's own prompt"),
    "language": Bias("Language", "invariance", "The same content in another language"),
    "code_surface": Bias("Code surface", "invariance", "A change of names or comments in code"),
    "sycophancy": Bias("Sycophancy", "invariance", "A preference stated by the user"),
    "fallacy": Bias("Fallacy", "discrimination", "An error put into the better response"),
    "off_topic_long": Bias("Off-topic length", "discrimination", "A long, fluent response off the topic"),
    "concreteness": Bias("Concreteness", "discrimination", "Needless concrete detail"),
    "empty_reference": Bias("Empty reference", "discrimination", "A reference to material that is not there"),
    "continuation": Bias("Continuation", "discrimination", "A continuation in place of an answer"),
    "nested_instruction": Bias("Nested instruction", "discrimination", "An instruction within the material"),
    "familiar_knowledge": Bias("Familiar knowledge", "discrimination", "A familiar saying off the point"),
    "injection": Bias("Injection", "discrimination", "An instruction to the judge inside a response"),
    "instruction_following": Bias(
        "Instruction following", "discrimination", "An attractive response off the instruction"
    ),
    "self_preference": Bias("Self-preference", "relational", "The judge's own authorship"),
    "self_preference_equalised": Bias(
        "Self-preference, one style", "relational", "The judge's own authorship in a style that all share"
    ),
    "family_equalised": Bias(
        "Model family, one style", "relational", "Authorship by the judge's family in a style that all share"
    ),
    "teacher_equalised": Bias(
        "Teacher, one style", "relational", "Authorship by a teacher in a style that all share"
    ),
    "style_equalised": Bias("One style", "instrument", "Putting both responses in one style"),
    "self_recognition": Bias("Self-recognition", "relational", "The judge's recognition of its own text"),
    "family": Bias("Model family", "relational", "Authorship by the judge's family"),
    "teacher": Bias("Teacher", "relational", "A tie between the judge and the data's generator"),
    "familiarity": Bias("Familiarity", "relational", "Text that is likely under the judge"),
    "repeat_stability": Bias("Repeat stability", "instrument", "Sending the same request again"),
    "rating_vs_ranking": Bias("Rating against ranking", "instrument", "Rating in place of comparing"),
    "transitivity": Bias("Transitivity", "instrument", "Comparing in a circle"),
    "scale_use": Bias("Scale use", "instrument", "The shape of the scale in use"),
    "halo": Bias("Halo", "instrument", "Judging all criteria at once"),
    "chain_of_thought": Bias("Chain of thought", "instrument", "Reasoning before the verdict"),
    "calibration": Bias("Calibration", "instrument", "Stated confidence"),
    "joint_preference": Bias("Joint preference", "instrument", "Comparing across prompts"),
    "context_following": Bias("Context following", "instrument", "A stated criterion"),
    "criteria_order": Bias("Order of criteria", "instrument", "Turning the order of the criteria"),
    "attribute": Bias("Attribute", "instrument", "What is said beside a response of a list"),
    "factorial": Bias("Changes together", "instrument", "Several changes at once"),
    "agreement": Bias("Agreement with gold", "instrument", "Agreement with gold"),
    "manipulation": Bias("Manipulation check", "instrument", "A change that does not do what it says"),
    "missing": Bias("Missing replies", "instrument", "A missing reply"),
    "ties": Bias("Ties", "instrument", "A tie on offer"),
    "positive_control": Bias("Positive control", "instrument", "A response degraded on purpose"),
}

COSTS: Final = {"usd": "USD", "tokens": "tokens", "seconds": "seconds"}
"""What a verdict costs, as the estimands name it, with its unit; what decides first."""

_ESTIMANDS: Final = {
    "first_preference": Estimand(
        "first preference", signed=True, meaning="how far above one half the response shown first wins"
    ),
    "target_preference": Estimand(
        "target preference",
        signed=True,
        meaning="change in the share of comparisons that the changed response wins",
    ),
    "place_preference": Estimand(
        "place preference", signed=True, meaning="how far above one in k the response in a place is chosen"
    ),
    "choice_logit": Estimand("choice logit", signed=True, meaning="log odds of being chosen from a list"),
    "score_shift": Estimand(
        "score shift",
        signed=True,
        meaning="change in the score of the changed response, in points of the scale",
    ),
    "mean_score": Estimand("mean score", signed=False, meaning="mean of the scores, in points of the scale"),
    "share_at_low_end": Estimand(
        "lowest scores", signed=False, meaning="share of scores at the scale's low end"
    ),
    "share_at_high_end": Estimand(
        "highest scores", signed=False, meaning="share of scores at the scale's high end"
    ),
    "variance_share": Estimand(
        "share of variance", signed=False, meaning="part of the variance of the verdicts that the wording has"
    ),
    "reversal_rate": Estimand(
        "reversal rate", signed=False, meaning="share of verdicts that the opposite criterion turns"
    ),
    "swap_inconsistency": Estimand(
        "swap inconsistency", signed=False, meaning="share of items whose verdict depends on the order"
    ),
    "excess_swap_inconsistency": Estimand(
        "excess swap inconsistency", signed=True, meaning="swap inconsistency minus the noise floor"
    ),
    "flip_rate": Estimand("flip rate", signed=False, meaning="share of verdicts that change"),
    "excess_flip_rate": Estimand("excess flip rate", signed=True, meaning="flip rate minus the noise floor"),
    "flip_toward": Estimand(
        "flips toward", signed=False, meaning="share of verdicts that change toward the target"
    ),
    "flip_away": Estimand(
        "flips away", signed=False, meaning="share of verdicts that change away from the target"
    ),
    "accuracy": Estimand("accuracy", signed=False, meaning="share of verdicts that agree with gold"),
    "accuracy_change": Estimand(
        "change in accuracy",
        signed=True,
        meaning="share of verdicts that agree with gold, changed minus unchanged",
    ),
    "false_decisiveness": Estimand(
        "false decisiveness", signed=False, meaning="share of verdicts that name a winner where gold is a tie"
    ),
    "tie_rate": Estimand("tie rate", signed=False, meaning="share of verdicts that are ties"),
    "inconsistency": Estimand(
        "inconsistency", signed=False, meaning="share of verdicts that differ in any way when asked again"
    ),
    "verdict_change": Estimand(
        "verdict change", signed=False, meaning="share of unchanged items that get another verdict"
    ),
    "excess_verdict_change": Estimand(
        "excess verdict change", signed=True, meaning="verdict changes minus the noise floor"
    ),
    "missing_rate": Estimand("missing rate", signed=False, meaning="share of judgments without a verdict"),
    "missing_rate_difference": Estimand(
        "missing rate difference", signed=True, meaning="missing rate of one arm minus the other's"
    ),
    "failed_check_rate": Estimand(
        "failed checks", signed=False, meaning="share of changes that failed their manipulation check"
    ),
    "interaction": Estimand(
        "interaction", signed=True, meaning="the effect under one condition minus that under the other"
    ),
    "dose_trend": Estimand(
        "dose trend", signed=True, meaning="change in the effect from one dose to the next, within items"
    ),
    "slope_per_log_length": Estimand(
        "slope per log length", signed=True, meaning="change in the effect per unit of log length ratio"
    ),
    "discordance": Estimand(
        "discordance",
        signed=True,
        meaning="share of items won by the first shown in both orders minus that by the second",
    ),
    "main_effect": Estimand(
        "main effect",
        signed=True,
        meaning="change in the target's wins, averaged over the other factors there or not",
    ),
    "interaction_effect": Estimand(
        "interaction effect", signed=True, meaning="what two changes do together beyond the sum of each"
    ),
    "joint_effect": Estimand(
        "joint effect", signed=True, meaning="change in the target's wins by all factors"
    ),
    "shapley_value": Estimand(
        "Shapley value",
        signed=True,
        meaning="a factor's share in the joint effect, over all orders of adding them",
    ),
    "disagreement_rate": Estimand(
        "disagreement",
        signed=False,
        meaning="share of pairs whose scores name another winner than the comparison",
    ),
    "excess_disagreement_rate": Estimand(
        "excess disagreement", signed=True, meaning="disagreement minus what asking again does"
    ),
    "kappa": Estimand(
        "kappa",
        signed=True,
        meaning="agreement of scores and comparison beyond chance, a tie being one of three",
    ),
    "rerun_disagreement_rate": Estimand(
        "disagreement on rerun", signed=False, meaning="what asking again does by itself"
    ),
    "rerun_flip_rate": Estimand(
        "flips on rerun", signed=False, meaning="share of verdicts that change when asked again"
    ),
    "tie_rate_difference": Estimand(
        "difference in ties", signed=True, meaning="ties among scores minus ties among verdicts"
    ),
    "first_preference_change": Estimand(
        "change in first preference",
        signed=True,
        meaning="first preference of one way of asking minus the other's",
    ),
    "criteria_spread": Estimand(
        "spread of criteria",
        signed=True,
        meaning="standard deviation over the criteria of a response, in points",
    ),
    "brier_score": Estimand(
        "Brier score", signed=False, meaning="mean squared error of the label probabilities"
    ),
    "calibration_error": Estimand(
        "calibration error",
        signed=False,
        meaning="mean gap between label probabilities and how often gold agrees",
    ),
    "reliability": Estimand(
        "reliability", signed=False, meaning="how often gold agrees where so much probability was given"
    ),
    "leniency": Estimand(
        "leniency", signed=True, meaning="mean score minus the middle of the scale, in points"
    ),
    "skewness": Estimand("skewness", signed=True, meaning="skewness of the scores"),
    "share_of_round": Estimand(
        "round scores", signed=False, meaning="share of scores that are round numbers"
    ),
    "gold_slope": Estimand(
        "slope against gold",
        signed=True,
        meaning="score of the better response minus that of the worse, in points",
    ),
    "gold_intercept": Estimand(
        "score of the worse", signed=False, meaning="score of the worse response, in points"
    ),
    "cyclic_share": Estimand("circles", signed=False, meaning="share of strict triads that go in a circle"),
    "excess_cyclic_share": Estimand(
        "excess circles", signed=True, meaning="circles minus those that noise alone would make"
    ),
    "held_out_accuracy": Estimand(
        "held-out accuracy", signed=False, meaning="share of verdicts on pairs that the other pairs foretell"
    ),
    "raw": Estimand("raw own share", signed=True, meaning="own win rate above one half"),
    "dbg": Estimand("DBG", signed=True, meaning="own win rate by the judge minus own win rate by gold"),
    "adjusted": Estimand(
        "adjusted", signed=True, meaning="own preference against a panel, matched on quality"
    ),
    "gold_regression": Estimand(
        "regression on gold", signed=True, meaning="own preference where gold calls the pair even"
    ),
    "judge_minus_panel": Estimand(
        "judge minus panel", signed=True, meaning="own win rate by the judge minus own win rate by the panel"
    ),
    "panel_regression": Estimand(
        "panel regression", signed=True, meaning="own preference at the same score by the panel"
    ),
    "own_quality_gap": Estimand(
        "own quality gap", signed=True, meaning="own win rate by gold above one half"
    ),
    "order_consistency": Estimand(
        "order consistency", signed=False, meaning="share of pairs with the same verdict in both orders"
    ),
    "recognition_accuracy": Estimand(
        "recognition", signed=False, meaning="share of pairs of which the judge names its own response"
    ),
    "recognition_position": Estimand(
        "recognition by place",
        signed=True,
        meaning="how far above one half the response shown first is named as the judge's own",
    ),
    "recognition_correlation": Estimand(
        "recognition and preference",
        signed=True,
        meaning="correlation over pairs of naming the own response with preferring it",
    ),
    "carried_by_style": Estimand(
        "carried by style",
        signed=True,
        meaning="own win rate as written minus own win rate with both responses in one style",
    ),
    "carried_by_style_adjusted": Estimand(
        "carried by style, adjusted",
        signed=True,
        meaning="the same, less what one style does to responses of others in pairs as uneven",
    ),
    "score_adjusted": Estimand(
        "own score, adjusted",
        signed=True,
        meaning="own score on gold's scale minus gold's, by its use of the scale",
    ),
    "score_regression": Estimand(
        "own score on gold", signed=True, meaning="own score against others of the same gold score, in points"
    ),
    "score_quality_gap": Estimand(
        "own gold score", signed=True, meaning="own score by gold minus others' by gold, in points"
    ),
    "score_raw": Estimand("own score", signed=True, meaning="own score minus others', in points"),
    "familiarity_adjusted": Estimand(
        "at equal perplexity",
        signed=True,
        meaning="own preference where neither response is likelier under the judge",
    ),
    "preference_per_nat": Estimand(
        "preference per nat",
        signed=True,
        meaning="change in a response's share of wins per nat a token that it surprises the judge less",
    ),
    "perplexity_gap": Estimand(
        "perplexity gap", signed=True, meaning="nats a token by which own responses surprise the judge less"
    ),
    "bias_removed": Estimand(
        "bias removed", signed=True, meaning="the effect without the mitigation minus that with it"
    ),
    **{
        f"extra_{cost}": Estimand(
            f"extra {words}", signed=True, meaning=f"{words} that a verdict takes more with the mitigation"
        )
        for cost, words in COSTS.items()
    },
    **{
        f"{cost}_per_point": Estimand(
            f"{words} per point", signed=True, meaning=f"extra {words} over the points of bias removed"
        )
        for cost, words in COSTS.items()
    },
}


def bias_of(identifier: str) -> Bias:
    """The bias of that id; one that a plugin brought is named by its id."""
    name = clean(identifier)
    return _BIASES.get(identifier) or Bias(name, "other", f"The change “{name}”")


def estimand_of(identifier: str) -> Estimand:
    """The estimand of that id; an unknown one is named by its id and shown with its sign."""
    return _ESTIMANDS.get(identifier) or Estimand(
        clean(identifier).replace("_", " "), signed=True, meaning=""
    )


def family_of(bias: str) -> Family:
    """The family of a bias."""
    return FAMILIES[bias_of(bias).family]


def dose_of(perturbation: str) -> float | None:
    """The dose in a perturbation such as `length@1.5`, or None where it has none that is a number."""
    try:
        return float(perturbation.rpartition("@")[2]) if "@" in perturbation else None
    except ValueError:
        return None


def perturbation_name(bias: str, perturbation: str) -> str:
    """The name of a bias's perturbation: `Length` with its factor, `Bandwagon @75`, `Authority: quote`."""
    name = bias_of(bias).name
    if perturbation in (bias, ""):
        return name
    if bias == "factorial":
        return f"{name}: {combination(perturbation)}"
    variant = perturbation.removeprefix(f"{bias}@")
    if dose_of(perturbation) is not None:
        return (
            f"{name} \N{MULTIPLICATION SIGN}{clean(variant)}"
            if bias == "length"
            else f"{name} @{clean(variant)}"
        )
    return f"{name}: {clean(variant)}"


def combination(perturbation: str) -> str:
    """The names of the changes that a row of a factorial design is about: two that interact, or all together."""
    inner, sign = (" x ", "\N{MULTIPLICATION SIGN}") if " x " in perturbation else ("+", "+")
    names = (perturbation_name(part.partition("@")[0], part) for part in perturbation.split(inner))
    return f" {sign} ".join(names)


def variant_name(protocol: str, mitigation: str) -> str:
    """What sets a line apart from the plain pairwise one, in brackets; empty for the plain one."""
    found = variant_of(protocol, mitigation)
    return f" ({found})" if found else ""


def variant_of(protocol: str, mitigation: str) -> str:
    """What sets a line apart from the plain pairwise one; empty for the plain one."""
    plain = {"pairwise", "none", ""}
    parts = [_way_of_asking(clean(part)) for part in (protocol, mitigation) if part not in plain]
    return ", ".join(parts)


def _way_of_asking(protocol: str) -> str:
    """A protocol, or two that are set against each other, without what their names have in common.

    `rubric@reversed/clarity | rubric@together/clarity` is `clarity: reversed | together`.
    """
    one, against, other = protocol.partition(" | ")
    (head, _, first), (same, _, second) = one.partition("@"), other.partition("@")
    if not against or head != same:
        return protocol
    (first, _, mine), (second, _, theirs) = first.partition("/"), second.partition("/")
    shared = f"{mine}: " if mine and mine == theirs else ""
    ending, its = ("", "") if shared else (f"/{mine}" * bool(mine), f"/{theirs}" * bool(theirs))
    return f"{shared}{first or head}{ending} | {second or same}{its}"
