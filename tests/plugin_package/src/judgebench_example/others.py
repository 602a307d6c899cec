"""A source of items, a judge, a protocol and a mitigation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from judgebench.items import Item, ItemSource
from judgebench.judges.base import Capabilities, Judge, Reply, Request
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols import Message, Mitigation
from judgebench.protocols.pairwise import Pairwise


@dataclass(frozen=True)
class Sums(ItemSource):
    """Sums of small numbers, the second response one off."""

    count: int = 10

    def load(self) -> list[Item]:
        """The items."""
        return [
            Item(f"sum-{n}", f"What is {n} and {n}?", f"It is {2 * n}.", f"It is {2 * n + 1}.", gold="a")
            for n in range(self.count)
        ]


class ShortSighted(Judge):
    """A judge that prefers a response that was typed in one go, and otherwise the one shown first."""

    capabilities = Capabilities(network=False)

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> ShortSighted:
        """It takes no options."""
        del spec, base_url
        return cls()

    @property
    def spec(self) -> str:
        """Always the same."""
        return "example_judge/short"

    @property
    def identity(self) -> Mapping[str, Any]:
        """Always the same."""
        return {"provider": "example_judge", "model": "short"}

    async def ask(self, request: Request) -> Reply:
        """Look for the remark in the second response."""
        user = request.messages[-1].content
        second = "[Response B]" in user and "Typed in one go." in user.rpartition("[Response B]")[2]
        return Reply(f"[[{request.contract.labels[int(second)]}]]")


class Terse(Pairwise):
    """The pairwise protocol with a short instruction."""

    name: ClassVar[str] = "example_protocol"

    def render(self, *arguments: Any, **options: Any) -> tuple[Message, ...]:
        """The same prompt under another system message."""
        return Message("system", "Choose."), *super().render(*arguments, **options)[1:]


class TakeYourTime(Mitigation):
    """The judge is told to take its time."""

    name = "example_mitigation"

    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with a line at the end."""
        last = messages[-1]
        return *messages[:-1], Message(last.role, f"{last.content}\n\nTake your time.")
