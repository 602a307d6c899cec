"""Pairwise judging: two responses, one verdict, a tie on offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

from judgebench.perturb import Stimulus
from judgebench.perturb.stimulus import OTHER, TARGET, Note
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_choice, read_label, read_logprobs
from judgebench.protocols.tokens import TokenLogprobs

Verdict = Literal["text", "logprob", "constrained"]
TOP_LOGPROBS: Final = 20
"""What OpenAI gives at most, and vLLM unless its server is told otherwise."""
MIN_MASS: Final = 0.5

_INSTRUCTION: Final = (
    "You compare two responses to the same request and decide which one is better. Look at whether each "
    "response does what was asked, whether what it says is correct and complete, and whether it is "
    "clear and safe."
)
_TIE: Final = " If they are equally good, say so."
_ASK: Final = "Which response is better? "
_EXPLAINED: Final = (
    "Explain your decision briefly, then end your reply with your verdict on a line of its own: "
)
_BARE: Final = "Do not explain. Reply with your verdict and nothing else: "
_QUESTION: Final = "[Request]\n{text}\n[End of request]"
_RESPONSE: Final = "[Response {label}]\n{text}\n[End of response {label}]"


class Pairwise(Protocol):
    """The default protocol; the reply ends in `[[A]]`, `[[B]]` or, where a tie is on offer, `[[C]]`.

    Args:
        tie: Whether a tie is on offer.
        verdict: `text`: what the reply ends in; `logprob`: the probabilities of the labels in a free reply, the
            likeliest being the verdict; `constrained`: the provider holds the reply to the labels.
        explain: Whether an explanation is asked for before the verdict; unless said otherwise only with `text`.
        min_mass: For `logprob`: the probability that the labels must hold together; with less there is no verdict.
    """

    name = "pairwise"

    def __init__(
        self,
        *,
        tie: bool = True,
        verdict: Verdict = "text",
        explain: bool | None = None,
        min_mass: float = MIN_MASS,
    ) -> None:
        if verdict not in get_args(Verdict):
            raise ValueError(f"verdict is one of {', '.join(get_args(Verdict))}, not {verdict!r}")
        if not 0 < min_mass <= 1:
            raise ValueError(f"min_mass is a probability above 0, not {min_mass!r}")
        if verdict == "constrained" and explain:
            raise ValueError("a reply that is held to the labels explains nothing: leave explain out")
        self._explain = verdict == "text" if explain is None else explain
        self._min_mass = min_mass
        self.contract = OutputContract(
            form="pairwise" if verdict == "text" or self._explain else "label",
            labels=("A", "B", "C") if tie else ("A", "B"),
            top_logprobs=TOP_LOGPROBS if verdict == "logprob" else 0,
            constrained=verdict == "constrained",
        )

    def render(self, stimulus: Stimulus, order: Literal["ab", "ba"]) -> tuple[Message, ...]:
        """System message: instruction. User message: request, first response, second response, note, tail."""
        first, second = (
            (stimulus.response_a, stimulus.response_b)
            if order == "ab"
            else (stimulus.response_b, stimulus.response_a)
        )
        tie = len(self.contract.labels) > 2
        system = _INSTRUCTION + (_TIE if tie else "")
        parts = [
            _QUESTION.replace("{text}", stimulus.prompt),
            _shown("A", first),
            _shown("B", second),
            self._tail(),
        ]
        note = stimulus.note
        if note is not None and note.place == "system":
            system = f"{system}\n\n{_named(note, order)}"
        elif note is not None:
            parts.insert(3, _named(note, order))
        return Message("system", system), Message("user", "\n\n".join(parts))

    def _tail(self) -> str:
        """The question, with every label in the form that the reply must have."""
        meanings = ("if response A is better", "if response B is better", "if they are equally good")
        offered = [
            f"{self.contract.answer(label)} {meaning}"
            for label, meaning in zip(self.contract.labels, meanings, strict=False)
        ]
        return f"{_ASK}{_EXPLAINED if self._explain else _BARE}{', '.join(offered)}."

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last `[[A]]`, `[[B]]` or `[[C]]`, or the label that the reply was held to."""
        read = read_choice if self.contract.form == "label" else read_label
        return read(text, self.contract.labels, truncated=truncated, refused=refused)

    def read_tokens(
        self, tokens: Sequence[TokenLogprobs], text: str, *, truncated: bool, refused: bool
    ) -> Reading:
        """The likeliest label at the verdict's place, with the probabilities of all."""
        return read_logprobs(
            tokens, self.contract, min_mass=self._min_mass, text=text, truncated=truncated, refused=refused
        )


def _shown(label: str, text: str) -> str:
    """A response under its label. The text goes in last, so that nothing in it is taken for a placeholder."""
    return _RESPONSE.replace("{label}", label).replace("{text}", text)


def _named(note: Note, order: Literal["ab", "ba"]) -> str:
    """The note with the names under which the responses are displayed."""
    target_first = (note.target == "a") == (order == "ab")
    target, other = ("response A", "response B") if target_first else ("response B", "response A")
    text = note.text.replace(TARGET, target).replace(OTHER, other)
    return text[:1].upper() + text[1:]
