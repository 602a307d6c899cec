"""Human names and one-sentence meanings, in one place, so that every output says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from judgebench.report.estimands import ESTIMANDS, Estimand
from judgebench.report.text import clean

__all__ = [
    "DECISIONS", "FAMILIES", "Bias", "Decision", "Estimand", "Family", "bias_of", "combination", "dose_of",
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


def bias_of(identifier: str) -> Bias:
    """The bias of that id; one that a plugin brought is named by its id."""
    name = clean(identifier)
    return _BIASES.get(identifier) or Bias(name, "other", f"The change “{name}”")


def estimand_of(identifier: str) -> Estimand:
    """The estimand of that id; an unknown one is named by its id and shown with its sign."""
    return ESTIMANDS.get(identifier) or Estimand(clean(identifier).replace("_", " "), signed=True, meaning="")


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
