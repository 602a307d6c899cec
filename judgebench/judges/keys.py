"""The request key: what must be equal for two requests to be the same question to the same judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from judgebench.protocols.messages import Message, OutputContract, chat_json

KEY_VERSION: Final = 1

_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def request_key(
    identity: Mapping[str, Any],
    messages: Sequence[Message],
    parameters: Mapping[str, Any],
    contract: OutputContract,
    replicate: int,
) -> str:
    """The sha256, in hex, over canonical JSON of all that can affect the reply, and of nothing else.

    Concurrency, time-outs, retries and prices stay out, so that changing them never asks again.

    Args:
        identity: Provider, endpoint, model, revision (`Judge.identity`).
        messages: The rendered chat.
        parameters: Output-affecting parameters as they are sent (`Judge.effective`).
        contract: The form that the reply must have.
        replicate: Which time of asking the same thing this is, from 0.
    """
    return keys_of(identity, parameters, contract)(messages, replicate)


def keys_of(
    identity: Mapping[str, Any], parameters: Mapping[str, Any], contract: OutputContract
) -> Callable[[Sequence[Message], int], str]:
    """`request_key` for many requests that differ in messages and replicate alone: what they share is encoded once."""
    # the members of the document in the order of their names, as in canonical JSON
    head = f'{{"contract":{_text(contract.document())},"identity":{_text(dict(identity))},"messages":'
    parts = f',"parameters":{_text(dict(parameters))},"replicate":', f',"version":{KEY_VERSION}}}'

    begun = hashlib.sha256(_utf8(head))

    def key(messages: Sequence[Message], replicate: int) -> str:
        digest = begun.copy()
        digest.update(chat_json(tuple(messages)))
        digest.update(_utf8(f"{parts[0]}{replicate}{parts[1]}"))
        return digest.hexdigest()

    return key


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(value: Any) -> str:
    return _CANONICAL.encode(value)
