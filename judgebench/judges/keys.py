"""The request key: what must be equal for two requests to be the same question to the same judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from judgebench.protocols.messages import Message, OutputContract

KEY_VERSION: Final = 1


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
    document = {
        "version": KEY_VERSION,
        "identity": dict(identity),
        "messages": [[m.role, m.content] for m in messages],
        "parameters": dict(parameters),
        "contract": contract.document(),
        "replicate": replicate,
    }
    canonical = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
