"""Mitigation by example: pairs or questions of the bank that are judged rightly, before the one to judge."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from judgebench.items import Item
from judgebench.items.bank import BankSet, read_bank
from judgebench.items.model import LETTERS
from judgebench.perturb import Stimulus
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.mitigation.base import Asked, Mitigation, in_system

_REMARK: Final = "{label} serves the request better by what it says; nothing else counts."
_PAIR_CELLS: Final = (("a", "ab"), ("b", "ab"), ("a", "ba"), ("b", "ba"))
"""Which response is the better one, and the order: of every two one has it first, of every four each side twice."""


class InContext(Mitigation):
    """Examples from the built-in bank with their right verdicts, as earlier turns of the chat.

    They are drawn for each item by its id, the same for all its trials, so that they are part of what the trials of an
    item share. The better response is shown first as often as second and is as often `a` as `b`; of lists it goes
    through the places. The item itself is never among them.

    Args:
        k: How many; even.
    """

    name = "in_context"
    summary = "rightly judged examples from the bank, balanced over gold and place (arXiv:2504.09946)"
    marker = "The replies that you see first are right ones."

    def __init__(self, *, k: int = 4) -> None:
        if not (2 <= k <= 16 and k % 2 == 0):
            raise ValueError(f"k is an even number from 2 to 16, not {k}")
        self._k = k

    def check(self, protocol: Protocol) -> None:
        """Check that the bank has enough examples that the protocol can show.

        Raises:
            ValueError: It has not, or the protocol gives scores or a confidence, for which the bank has no right ones.
        """
        if protocol.layout.shows not in {"pair", "list"} or protocol.scale is not None:
            raise ValueError("examples are judged pairs and lists: scores and joint requests have none")
        if getattr(protocol, "confidence", False):
            raise ValueError("examples state no confidence, since nobody knows which would be the right one")
        if len(_pool(protocol)) <= self._k:
            raise ValueError(f"the bank has too few items that the protocol {protocol.name!r} can show")

    def messages(self, asked: Asked) -> tuple[Message, ...]:
        """The instruction, the examples as turns, and what is to be judged."""
        head, *rest = in_system(asked.render(), self.marker)
        return head, *(turn for example in self._examples(asked) for turn in example), *rest

    def _examples(self, asked: Asked) -> list[tuple[Message, ...]]:
        stream = _stream(asked.item.id)
        known = [item for item in _pool(asked.protocol) if not _same(item, asked.item)]
        stream.shuffle(known)
        lists = asked.protocol.layout.shows == "list"
        chosen = list(
            _in_lists(known, self._k, stream) if lists else _in_pairs(known, self._k, asked.protocol)
        )
        stream.shuffle(chosen)
        return [_turns(asked.protocol, item, order) for item, order in chosen]


def _stream(name: str) -> random.Random:
    digest = hashlib.sha256(f"judgebench:in_context\x1f{name}".encode("utf-8", "surrogatepass")).digest()
    return random.Random(digest)  # noqa: S311  # a design, not a secret


def _pool(protocol: Protocol) -> tuple[Item, ...]:
    """The items of the bank that the protocol can show, with a response that is the better one by what it asks."""
    kind: BankSet = "choice" if protocol.layout.shows == "list" else "pairs"
    return tuple(
        item for item in _bank(kind) if protocol.layout.fits(item) and protocol.gold(item) in LETTERS
    )


@lru_cache
def _bank(kind: BankSet) -> tuple[Item, ...]:
    return tuple(read_bank(kind))


def _same(one: Item, other: Item) -> bool:
    """Whether they ask the same, under whatever name."""
    return one.id == other.id or one.prompt.strip() == other.prompt.strip()


def _in_pairs(known: list[Item], count: int, protocol: Protocol) -> Iterator[tuple[Item, str]]:
    sides = {side: [item for item in known if protocol.gold(item) == side] for side in "ab"}
    for place in range(count):
        side, order = _PAIR_CELLS[place % len(_PAIR_CELLS)]
        yield sides[side].pop(), order


def _in_lists(known: list[Item], count: int, stream: random.Random) -> Iterator[tuple[Item, str]]:
    """Items with gold in one place after the other, the other responses in random order about it."""
    for number, item in enumerate(known[:count]):
        others = [letter for letter in item.letters if letter != item.gold]
        stream.shuffle(others)
        others.insert(number % len(item.letters), item.gold)  # type: ignore[arg-type]  # `_pool` has gold
        yield item, "".join(others)


def _turns(protocol: Protocol, item: Item, order: str) -> tuple[Message, ...]:
    """An example as the user would ask it and the judge answer it."""
    sized = protocol.sized(len(order))
    rendered = sized.render(Stimulus.of(item), order)
    label = sized.contract.labels[order.index(str(protocol.gold(item)))]
    reply = _reply(sized.contract, label, reasons=getattr(sized, "reasoning", "before") != "none")
    return *(m for m in rendered if m.role != "system"), Message("assistant", reply)


def _reply(contract: OutputContract, label: str, *, reasons: bool) -> str:
    answer = contract.answer(label)
    if contract.form == "label" or not reasons:
        return answer
    remark = _REMARK.format(label=label)
    parts = (answer, remark) if contract.form.endswith("verdict first") else (remark, answer)
    return "\n\n".join(parts)
