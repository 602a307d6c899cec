"""The contract of a protocol: render a stimulus into messages, and read the reply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading
from judgebench.protocols.tokens import TokenLogprobs
from judgebench.registry import Registry


class Protocol(ABC):
    """A way to ask a judge about a stimulus. It holds no state of a run.

    Attributes:
        max_responses: How many responses an item may have; a suite that puts more to it is refused.
    """

    name: ClassVar[str]
    max_responses: ClassVar[int] = 2
    contract: OutputContract

    @abstractmethod
    def render(self, stimulus: Stimulus, order: Literal["ab", "ba"]) -> tuple[Message, ...]:
        """The messages: both responses verbatim, the first of the order first.

        The layout is *instruction, question, responses, tail*, so that trials of one item share a long
        prefix.
        """

    @abstractmethod
    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """What a reply says, in the frame of the display."""

    def read_tokens(
        self, tokens: Sequence[TokenLogprobs], text: str, *, truncated: bool, refused: bool
    ) -> Reading:
        """What the probabilities at the verdict's place say; asked where the contract wants `top_logprobs`.

        Args:
            tokens: The tokens that `verdict_tokens` keeps.
            text: The reply, to tell a refusal by.
            truncated: It was cut at the token limit.
            refused: The provider marks it as a refusal.
        """
        raise NotImplementedError(f"{type(self).__name__} wants log probabilities and does not read them")


class Mitigation(ABC):
    """A change of how the judge is asked that is meant to remove a bias."""

    name: ClassVar[str]

    @abstractmethod
    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with the mitigation in them."""


class NoMitigation(Mitigation):
    """The judge as it is."""

    name = "none"

    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The same messages."""
        return tuple(messages)


protocols: Final[Registry[type[Protocol]]] = Registry(
    "protocols", Protocol, {"pairwise": "judgebench.protocols.pairwise:Pairwise"}
)
mitigations: Final[Registry[type[Mitigation]]] = Registry(
    "mitigations",
    Mitigation,
    {
        "none": "judgebench.protocols.base:NoMitigation",
        "system_prompt": "judgebench.protocols.system_prompt:SystemPrompt",
    },
)
