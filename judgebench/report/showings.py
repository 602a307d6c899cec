"""One time that the judge was asked, as a page shows it: the prompt, the reply, and how it was read."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench.report.differences import changed_spans
from judgebench.report.kinds import said
from judgebench.report.model import Showing
from judgebench.run.records import JudgmentRow, PartRow
from judgebench.run.store import Store

__all__ = ["prompt_of", "showing_of"]


def showing_of(store: Store, row: JudgmentRow, arm: str, before: str | None) -> Showing:
    """What was shown and said.

    Args:
        store: The run's store.
        row: The trial.
        arm: What sets it apart from the others beside it.
        before: The prompt without the change, against which the change is marked; None for none.
    """
    prompt = prompt_of(store, row)
    return Showing(
        arm=arm,
        order=row.trial.order,
        prompt=prompt,
        reply=_reply(store, row.trial.request_key),
        verdict=said(row),
        changed=() if before is None else changed_spans(before, prompt),
    )


def prompt_of(store: Store, row: JudgmentRow) -> str:
    """All that was sent, one message after the other; empty where nothing was.

    Of a combination what was sent for each of its members, once where it is the same.
    """
    key = row.trial.request_key
    members = store.combined(key)
    if not members:
        return _sent(store, key)
    shown: dict[str, str] = {}
    for number, member in enumerate(members, start=1):
        shown.setdefault(_sent(store, member.key), _named("Request", number, member))
    texts = {text: name for text, name in shown.items() if text}
    if len(texts) == 1:
        return next(iter(texts))
    return "\n\n".join(f"{name}\n\n{text}" for text, name in texts.items())


def _sent(store: Store, key: str) -> str:
    return "\n\n".join(message.content for message in store.messages(key) or ())


def _reply(store: Store, key: str) -> str | None:
    """The reply; of a combination the replies of all its members, None where none of them came."""
    members = store.combined(key)
    if not members:
        return store.reply_text(key)
    replies = [store.reply_text(member.key) for member in members]
    return None if set(replies) == {None} else "\n\n".join(_replies(members, replies))


def _replies(members: tuple[PartRow, ...], replies: list[str | None]) -> Iterator[str]:
    for number, (member, reply) in enumerate(zip(members, replies, strict=True), start=1):
        yield f"{_named('Reply', number, member)}\n{reply or 'none came'}"


def _named(what: str, number: int, member: PartRow) -> str:
    return f"[{what} {number}{', in the other order' if member.turned else ''}]"
