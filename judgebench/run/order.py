"""In which order requests are sent: of those whose prompts begin alike one leads, and the others follow its answer.

A provider that caches prefixes computes the beginning that they share once, if it has been computed when the others
come; sent all together they would all be computed in full. Meanwhile the leaders of other groups fill the slots, so
the order costs no time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from judgebench.judges.base import Request

Group = tuple[str, str, str, str]

_LED: Final = 1024
"""Groups whose leaders are remembered; one that comes again after so many others has another leader."""
_PATIENCE_S: Final = 5.0
"""By then a leader's prompt has been read, even if its answer takes longer or never comes."""


def group_of(request: Request) -> Group:
    """What requests have in common whose prompts begin alike: item, order, form of the answer, and instruction."""
    first, subject = request.messages[0], request.subject
    instruction = first.content if first.role == "system" else ""
    return subject.item_id, subject.order, request.contract.form, instruction


@dataclass(slots=True)
class _Followers:
    """Requests that wait for their leader, and what ends the wait when it does not answer."""

    timer: asyncio.TimerHandle
    requests: list[Request] = field(default_factory=list)


class LeadersFirst:
    """Gives out requests, each once.

    Args:
        requests: What to send, those of a group near each other; None now and then, to let others run.
        ahead: So many followers are kept ready before no more leaders are looked for, so that at the end of the
            run there is enough to send while the last leaders are out.
        most: Requests that are set aside, at most.
        patience_s: Seconds that followers wait for their leader at most.
    """

    def __init__(
        self, requests: Iterator[Request | None], *, ahead: int, most: int, patience_s: float = _PATIENCE_S
    ) -> None:
        self._requests = requests
        self._ahead = ahead
        self._most = most
        self._patience_s = patience_s
        self._ready: deque[Request] = deque()
        self._behind: dict[Group, _Followers] = {}
        self._aside = 0
        self._led: OrderedDict[Group, None] = OrderedDict()
        self._exhausted = False
        self._changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether all have been given out."""
        return self._exhausted and not self._aside

    def next(self) -> Request | None:
        """The next request; None where none is at hand now.

        Raises:
            Exception: What the iterator raises.
        """
        full = self._exhausted or self._aside >= self._most
        if self._ready and (full or len(self._ready) >= self._ahead):
            self._aside -= 1
            if self.ended:
                self._changed.set()
            return self._ready.popleft()
        return None if full else self._pull()

    async def changed(self) -> None:
        """Wait, if there can be no next request before a leader is answered."""
        if self._aside and not self._ready and (self._exhausted or self._aside >= self._most):
            self._changed.clear()
            await self._changed.wait()

    def answered(self, request: Request) -> None:
        """A request came to an end: if it led, the others follow."""
        group = group_of(request)
        if group in self._behind:
            self._follow(group)

    def close(self) -> None:
        """Give out no more."""
        self._exhausted = True
        for followers in self._behind.values():
            followers.timer.cancel()
        self._ready.clear()
        self._behind.clear()
        self._aside = 0
        self._changed.set()

    def _pull(self) -> Request | None:
        """The next leader or freed follower out of the iterator; None if one was set aside, or none is left."""
        try:
            request = next(self._requests)
        except StopIteration:
            self._exhausted = True
            self._changed.set()
            return None
        if request is None:
            return None
        group = group_of(request)
        if group in self._led:
            return request
        if (followers := self._behind.get(group)) is not None:
            followers.requests.append(request)
            self._aside += 1
            return None
        timer = asyncio.get_running_loop().call_later(self._patience_s, self._follow, group)
        self._behind[group] = _Followers(timer)
        return request

    def _follow(self, group: Group) -> None:
        """Let the requests behind a leader go."""
        followers = self._behind.pop(group)
        followers.timer.cancel()
        self._ready.extend(followers.requests)
        self._led[group] = None
        if len(self._led) > _LED:
            self._led.popitem(last=False)
        self._changed.set()
