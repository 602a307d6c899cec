"""The contract of a mitigation: how a trial is asked so that a bias weighs less."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from judgebench.items import Item
from judgebench.perturb import Stimulus
from judgebench.protocols.base import Protocol, options_of
from judgebench.protocols.messages import Message, OutputContract
from judgebench.registry import Registry

Rule = Literal["majority", "mean"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A trial before it is rendered.

    Attributes:
        item: The item as it is shown but for the change.
        stimulus: What is shown of it.
        order: The letters of the responses, in the order shown.
        protocol: How the judge is asked, with the labels of the trial.
    """

    item: Item
    stimulus: Stimulus
    order: str
    protocol: Protocol

    def render(self) -> tuple[Message, ...]:
        """What the judge is sent without a mitigation."""
        return self.protocol.render(self.stimulus, self.order)


class Mitigation:
    """A change of how the judge is asked that is meant to remove a bias; this one asks once.

    The keyword-only parameters of its construction are the options that a suite may set. One with options that do not
    go together raises a `ValueError` there.

    Attributes:
        name: Its name in suites, and the value of the column `mitigation`.
        summary: What it does, in half a line.
        marker: Words by which a prompt shows it; empty where none does.
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    marker: ClassVar[str] = ""

    def check(self, protocol: Protocol) -> None:
        """Check that it goes with a protocol; it is called before anything is asked.

        Raises:
            ValueError: It does not.
        """

    def check_item(self, item: Item) -> None:
        """Check that it goes with an item of the suite.

        Raises:
            ValueError: It does not.
        """

    def show(self, item: Item, stimulus: Stimulus) -> Stimulus:
        """What is shown of the item, given what would be shown without it."""
        del item
        return stimulus

    def messages(self, asked: Asked) -> tuple[Message, ...]:
        """What the judge is sent."""
        return self.apply(asked.render())

    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with the mitigation in them, for those that need to know nothing else."""
        return tuple(messages)

    @classmethod
    def options(cls) -> Mapping[str, inspect.Parameter]:
        """The options that a suite may set, with their types.

        Raises:
            PluginError: An annotation names something that its module does not define.
        """
        return options_of(cls)


class TwoTurns(Mitigation):
    """A mitigation whose second request holds the judge's reply to the first; the second reply has the verdict."""

    @property
    def asks_first(self) -> bool:
        """Whether its options leave it a first turn; without one, `messages` is all that is sent."""
        return True

    def opening(self, asked: Asked) -> tuple[tuple[Message, ...], OutputContract]:
        """The first request and the form of its reply: those of the trial itself unless it says otherwise."""
        return self.apply(asked.render()), asked.protocol.contract

    def then(self, asked: Asked, said: str) -> tuple[Message, ...]:
        """The second request.

        Args:
            asked: The trial.
            said: The first reply, without its thinking.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Member:
    """One of the requests whose replies are combined into a trial's verdict.

    Attributes:
        order: The letters of the responses, in the order in which this one shows them: that of the trial, or reversed.
        replicate: Which time of asking the same thing it is.
        judge: The spec of the judge that is asked; None for the audited one.
    """

    order: str
    replicate: int
    judge: str | None = None


class Combination(Mitigation):
    """A mitigation that asks several times and combines the replies into one verdict.

    Attributes:
        rule: `majority`: what most say; `mean`: the mean of wins (1), ties (1/2) and losses (0) against 1/2.
        judges: Specs of the judges that are asked beside the audited one.
        addresses: The servers of those that have one of their own, by their specs.
        temperature: At which replies are drawn; None: as the suite says.
    """

    rule: Rule = "majority"
    judges: tuple[str, ...] = ()
    addresses: Mapping[str, str] = MappingProxyType({})
    temperature: float | None = None

    def members(self, order: str, repeat: int) -> tuple[Member, ...]:
        """What is asked for one trial."""
        raise NotImplementedError


class NoMitigation(Mitigation):
    """The judge as it is."""

    name = "none"
    summary = "the judge as it is"


def in_system(messages: Sequence[Message], text: str) -> tuple[Message, ...]:
    """The messages with a text at the end of the system message, or as one where there is none."""
    if messages and messages[0].role == "system":
        return replace(messages[0], content=f"{messages[0].content}\n\n{text}"), *messages[1:]
    return Message("system", text), *messages


NONE: Final = NoMitigation.name

mitigations: Final[Registry[type[Mitigation]]] = Registry(
    "mitigations",
    Mitigation,
    {
        "blinding": "judgebench.protocols.mitigation.blinding:Blinding",
        "in_context": "judgebench.protocols.mitigation.in_context:InContext",
        "length_instruction": "judgebench.protocols.mitigation.system_prompt:LengthInstruction",
        NONE: "judgebench.protocols.mitigation.base:NoMitigation",
        "panel": "judgebench.protocols.mitigation.combinations:Panel",
        "reference_answer": "judgebench.protocols.mitigation.turns:ReferenceAnswer",
        "self_consistency": "judgebench.protocols.mitigation.combinations:SelfConsistency",
        "self_reflection": "judgebench.protocols.mitigation.turns:SelfReflection",
        "swap_and_average": "judgebench.protocols.mitigation.combinations:SwapAndAverage",
        "system_prompt": "judgebench.protocols.mitigation.system_prompt:SystemPrompt",
    },
)
