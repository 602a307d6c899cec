"""What one batch is made of, up to what the provider takes at once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Chunk:
    """Entries of a batch that is being filled.

    Attributes:
        most: Requests at most.
        room: Bytes at most, a separator after each entry counted.
        numbers: The numbers of the requests in the store.
        entries: What is sent for them.
        held_usd: What they cost at most.
        size: Bytes of the entries.
    """

    most: int
    room: int
    numbers: list[int] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    held_usd: float = 0.0
    size: int = 0

    def fits(self, entry: bytes) -> bool:
        """Whether there is room for another entry; an empty chunk takes any, and the provider has the last word."""
        if not self.numbers:
            return True
        return len(self.numbers) < self.most and self.size + len(entry) + 1 <= self.room

    def add(self, number: int, entry: bytes, held_usd: float) -> None:
        """Put an entry in."""
        self.numbers.append(number)
        self.entries.append(entry)
        self.held_usd += held_usd
        self.size += len(entry) + 1
