"""Pairwise judging: two responses, one verdict, a tie on offer or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final, Literal, Self

from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_choice, read_confident, read_label, read_logprobs
from judgebench.protocols.template import Reasoning, fill
from judgebench.protocols.templated import Labels, Templated, leading, named, names_of, texts_in
from judgebench.protocols.tokens import TokenLogprobs
from judgebench.suite.layout import Layout

Verdict = Literal["text", "logprob", "constrained"]
TOP_LOGPROBS: Final = 20
"""What OpenAI gives at most, and vLLM unless its server is told otherwise."""
MIN_MASS: Final = 0.5
_CONFIDENT: Final = "pairwise with confidence"
_AND_CONFIDENCE: Final = (
    '; and after it on the same line "confidence: N", N being how likely that verdict is to be right, in percent from '
    "0 to 100"
)


class Pairwise(Templated):
    """The default protocol; the reply ends in `[[A]]`, `[[B]]` or, where a tie is on offer, `[[C]]`.

    Args:
        tie: Whether a tie is on offer.
        verdict: `text`: what the reply ends in; `logprob`: the probabilities of the labels in a free reply, the
            likeliest being the verdict; `constrained`: the provider holds the reply to the labels.
        reasoning: Whether reasons are asked for `before` the verdict, `after` it, or not at all (`none`), which is what
            the verdicts other than `text` have unless told otherwise.
        min_mass: For `logprob`: the probability that the labels must hold together; with less there is no verdict.
        labels: What the responses and the verdicts are called: A, B and C; 1, 2 and 3; or i, ii and iii.
        confidence: Whether the reply is to say after its verdict how sure it is, `[[A]] confidence: 80`, in percent.
        wording: The options of every protocol with a template.
    """

    name = "pairwise"
    summary = "two responses, which is better (the default)"
    default_template = "pairwise"

    def __init__(
        self,
        *,
        tie: bool = True,
        verdict: Verdict = "text",
        reasoning: Reasoning | None = None,
        min_mass: float = MIN_MASS,
        labels: Labels = "letters",
        confidence: bool = False,
        **wording: Any,
    ) -> None:
        if not 0 < min_mass <= 1:
            raise ValueError(f"min_mass is a probability above 0, not {min_mass!r}")
        if verdict == "constrained" and reasoning in {"before", "after"}:
            raise ValueError("a reply that is held to the labels holds no reasons: leave reasoning out")
        if verdict == "logprob" and reasoning == "after":
            raise ValueError("probabilities are read at the end of a reply: reasoning before, or none")
        if verdict == "logprob" and reasoning == "before" and labels != "letters":
            raise ValueError("probabilities after reasons are read of letters alone: labels letters")
        if confidence and verdict != "text":
            raise ValueError("a confidence is stated in words: with verdict text alone")
        super().__init__(reasoning=reasoning or ("before" if verdict == "text" else "none"), **wording)
        self._min_mass = min_mass
        self.confidence = confidence
        bare = verdict != "text" and self.reasoning == "none"
        self.contract = OutputContract(
            form="label" if bare else leading(_CONFIDENT if confidence else "pairwise", self.reasoning),
            labels=names_of(labels, 3 if tie else 2),
            top_logprobs=TOP_LOGPROBS if verdict == "logprob" else 0,
            constrained=verdict == "constrained",
        )

    def with_labels(self, labels: tuple[str, ...]) -> Self:
        """The same under other labels."""
        relabelled, own = copy(self), self.contract
        relabelled.contract = replace(own, labels=labels[: len(own.labels)])
        return relabelled

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """System message: instruction. User message: request, first response, second response, note, tail."""
        first, second = self.contract.labels[:2]
        prompts = dict.fromkeys(order, stimulus.prompt) | {"b": stimulus.prompt_b or stimulus.prompt}
        shown = [
            (label, text, prompts[letter])
            for label, text, letter in zip((first, second), texts_in(stimulus, order), order, strict=True)
        ]
        names = [f"{self.words.noun} {label}" for label in (first, second)]
        turned = stimulus.note is not None and order.index(stimulus.note.target) == 1
        note = named(stimulus.note, *(reversed(names) if turned else names))
        return self.messages(
            shown,
            stimulus,
            note,
            order=order,
            verdicts=self._verdicts(),
            system_more=self.words.system_tie if len(self.contract.labels) > 2 else "",
            more=self.placeholders(),
        )

    def placeholders(self) -> Mapping[str, str]:
        """What else stands in the template."""
        return {}

    def _verdicts(self) -> str:
        """Every label in the form that the reply must have, with what it means."""
        meanings = (self.words.verdict, self.words.verdict, self.words.verdict_tie)
        marks = ", ".join(
            fill(meaning, {"mark": self.contract.answer(label), "label": label})
            for label, meaning in zip(self.contract.labels, meanings, strict=False)
        )
        return marks + _AND_CONFIDENCE if self.confidence else marks

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last `[[A]]`, `[[B]]` or `[[C]]`, or the label that the reply was held to."""
        if self.contract.form == "label":
            return read_choice(text, self.contract.labels, truncated=truncated, refused=refused)
        first = self.reasoning == "after"
        if self.confidence:
            return read_confident(
                text, self.contract.labels, truncated=truncated, refused=refused, leading=first
            )
        return read_label(text, self.contract.labels, truncated=truncated, refused=refused, leading=first)

    def read_tokens(
        self, tokens: Sequence[TokenLogprobs], text: str, *, truncated: bool, refused: bool
    ) -> Reading:
        """The likeliest label at the verdict's place, with the probabilities of all."""
        return read_logprobs(
            tokens, self.contract, min_mass=self._min_mass, text=text, truncated=truncated, refused=refused
        )


class SelfReference(Pairwise):
    """The judge answers the request itself, criticises both responses by its answer, then chooses."""

    name = "self_reference"
    summary = "the judge's own answer first, a critique by it, then the choice (arXiv:2406.11190)"
    default_template = "self_reference"

    def __init__(self, *, tie: bool = True, labels: Labels = "letters", **wording: Any) -> None:
        super().__init__(tie=tie, labels=labels, **wording)


class RoundRobin(Pairwise):
    """Every two responses of an item that has three or more: whether the judge goes in circles."""

    name = "round_robin"
    summary = "every two of three or more responses, which is better (transitivity)"
    layout = Layout("pairs", at_least=3)

    def __init__(self, *, tie: bool = True, labels: Labels = "letters", **wording: Any) -> None:
        super().__init__(tie=tie, labels=labels, **wording)


class Joint(Pairwise):
    """Two requests, each with its own response: which response serves its own request better?"""

    name = "joint"
    summary = "responses to different requests, which serves its own better"
    default_template = "joint"
    layout = Layout("joint")

    def __init__(self, *, reference: Literal["none"] = "none", **options: Any) -> None:
        super().__init__(**options, reference=reference)
        self.layout = replace(self.layout, reference=False)
