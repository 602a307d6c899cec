"""What the tables of the store hold, from our types and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from judgebench.judges.base import Reply, Usage
from judgebench.protocols.messages import Message, OutputContract, chat_json
from judgebench.protocols.tokens import LabelProbabilities, TokenLogprobs
from judgebench.run.records import Attempt, JudgmentRow, StoredReply, TrialRow

_RECENT: Final = 200
"""Chats whose stored form is kept."""


@lru_cache(maxsize=16)
def contract_text(contract: OutputContract) -> str:
    """A contract as it is stored."""
    return json.dumps(contract.document(), separators=(",", ":"))


@lru_cache(maxsize=_RECENT)
def packed(messages: tuple[Message, ...]) -> bytes:
    """The chat as it is stored; a question that is asked again comes soon after its first time."""
    return zlib.compress(chat_json(messages))


def unpacked(stored: bytes) -> tuple[Message, ...]:
    """The chat that `packed` stored."""
    text = zlib.decompress(stored).decode("utf-8", "surrogatepass")
    return tuple(Message(role, content) for role, content in json.loads(text))


def trial_values(t: TrialRow, number: int) -> tuple[Any, ...]:
    """The columns of a trial, its request by its number."""
    changed = (t.perturbation, t.arm, t.target, t.order, t.protocol, t.mitigation, t.repeat)
    return (t.ordinal, t.item_id, t.source, t.category, t.gold, *changed, number, t.record)


def attempt_values(a: Attempt) -> tuple[Any, ...]:
    """The columns after the request's number; empty texts become NULL, which takes no space."""
    head = (a.number, a.started_at, a.latency_s, "fault" if a.reply is None else "ok")
    if a.reply is None:
        kind, status, message = (
            (a.fault.kind, a.fault.status, str(a.fault)) if a.fault else (None, None, None)
        )
        return (*head, kind, status, message, *[None] * 10, a.cost_usd, *[None] * 2)
    r, u = a.reply, a.reply.usage
    headers = json.dumps(dict(r.headers), separators=(",", ":")) if r.headers else None
    said = (
        _storable(r.text),
        _storable(r.thinking) or None,
        r.finish,
        r.served_model,
        r.fingerprint,
        headers,
    )
    truth = json.dumps(r.truth) if r.truth else None
    tokens = (u.prompt, u.completion, u.cached, u.reasoning)
    return (*head, None, None, None, *said, *tokens, a.cost_usd, truth, _tokens_text(r.logprobs))


def _tokens_text(tokens: Iterable[TokenLogprobs]) -> str | None:
    """Tokens as JSON, in ASCII, so that half a character does no harm; None where there are none."""
    text = json.dumps([[found.token, found.top] for found in tokens], separators=(",", ":"))
    return None if text == "[]" else text


def _tokens(text: str | None) -> tuple[TokenLogprobs, ...]:
    found = json.loads(text or "[]")
    return tuple(TokenLogprobs(token, tuple((other, p) for other, p in top)) for token, top in found)


def _storable(text: str) -> str:
    """The text with lone surrogates, which SQLite refuses, replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def stored_reply(row: tuple[Any, ...]) -> StoredReply:
    """The answer in a row of `schema.REPLIES`."""
    (
        key,
        text,
        finish,
        thinking,
        prompt,
        completion,
        cached,
        reasoning,
        model,
        fingerprint,
        headers,
        truth,
        logprobs,
        contract,
    ) = row
    reply = Reply(
        text=text,
        finish=finish,
        thinking=thinking or "",
        usage=Usage(prompt, completion, cached, reasoning),
        served_model=model,
        fingerprint=fingerprint,
        headers=MappingProxyType(json.loads(headers or "{}")),
        truth=tuple(json.loads(truth)) if truth else None,
        logprobs=_tokens(logprobs),
    )
    return StoredReply(key, reply, contract_of(contract))


@lru_cache(maxsize=16)
def contract_of(text: str) -> OutputContract:
    """The contract that `contract_text` stored."""
    return OutputContract.of(json.loads(text))


def judgment_of(row: tuple[Any, ...]) -> JudgmentRow:
    """The trial with its verdict in a row of `schema.JUDGMENTS`."""
    (
        *trial,
        outcome,
        reason,
        prompt,
        completion,
        cached,
        reasoning,
        cost,
        latency,
        truth,
        known,
        scores,
        shared,
    ) = row
    if shared:
        prompt = completion = cached = reasoning = 0
        cost = None if cost is None else 0.0
    tokens = (prompt or 0, completion or 0, cached or 0, reasoning or 0)
    return JudgmentRow(
        TrialRow(*trial),
        outcome,
        reason,
        *tokens,
        cost_usd=cost,
        latency_s=latency,
        truth=truth,
        probabilities=LabelProbabilities(*json.loads(known)) if known else None,
        scores=tuple((name, score) for name, score in json.loads(scores or "[]")),
    )
