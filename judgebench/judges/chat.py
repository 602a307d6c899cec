"""The wire form of chat completions, which OpenAI, vLLM and most gateways speak."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from judgebench.judges.base import FinishReason, JudgeFault, Reply, Usage
from judgebench.judges.http import kept_headers
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

_FINISH: Final[Mapping[str, FinishReason]] = {"stop": "stop", "length": "length", "content_filter": "refusal"}


def wire_messages(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The chat as every provider takes it."""
    return [{"role": m.role, "content": m.content} for m in messages]


def json_object(body: bytes | str, status: int = 200) -> dict[str, Any]:
    """The JSON object that a body holds.

    Raises:
        JudgeFault: It is cut short, or it is something else (`malformed`).
    """
    try:
        found = orjson.loads(body)
    except ValueError:
        found = _lenient(body, status)
    if not isinstance(found, dict):
        raise JudgeFault("malformed", "the reply is not a JSON object", status=status)
    return found


def _lenient(body: bytes | str, status: int) -> Any:
    """What Python reads and JSON does not allow, such as the infinities of log probabilities."""
    try:
        return json.loads(body)
    except ValueError:
        raise JudgeFault("malformed", "the reply is not JSON", status=status) from None


def logprob_parameters(contract: OutputContract) -> dict[str, Any]:
    """What asks for the log probabilities that a contract wants."""
    return {"logprobs": True, "top_logprobs": contract.top_logprobs} if contract.top_logprobs else {}


def verdict_schema(contract: OutputContract) -> dict[str, Any]:
    """The JSON schema of an object that holds one of the labels as its verdict."""
    return {
        "type": "object",
        "properties": {"verdict": {"type": "string", "enum": list(contract.labels)}},
        "required": ["verdict"],
        "additionalProperties": False,
    }


def read_completion(body: bytes | str, headers: Mapping[str, str], contract: OutputContract) -> Reply:
    """The reply that a chat completion holds.

    A `refusal` field counts as a refusal with that text; `reasoning_content` (vLLM: also `reasoning`) is the
    thinking. Of log probabilities those at the verdict's place are kept.

    Raises:
        JudgeFault: There are no choices in it, or no message, or broken log probabilities (`malformed`).
    """
    found = json_object(body)
    try:
        choice = found["choices"][0]
        message = choice["message"]
        content, refusal = message.get("content"), message.get("refusal")
        thinking = message.get("reasoning_content") or message.get("reasoning") or ""
        readable = "content" in message or bool(refusal or thinking)
    except (KeyError, IndexError, TypeError, AttributeError):
        readable = False
    if not readable or not isinstance(content, str | None):
        raise JudgeFault("malformed", "the reply holds no choice with a message", status=200)
    return Reply(
        text=content or refusal or "",
        finish="refusal" if refusal else _FINISH.get(choice.get("finish_reason"), "other"),
        thinking=str(thinking),
        usage=_usage(found.get("usage") or {}),
        served_model=found.get("model"),
        fingerprint=found.get("system_fingerprint"),
        headers=kept_headers(headers),
        logprobs=_logprobs(choice.get("logprobs"), contract) if contract.top_logprobs else (),
    )


def _logprobs(found: Any, contract: OutputContract) -> tuple[TokenLogprobs, ...]:
    """The tokens that reading the verdict needs; none where the server gives none."""
    try:
        tokens = [
            TokenLogprobs.of(
                entry["token"],
                entry["logprob"],
                ((other["token"], other["logprob"]) for other in entry["top_logprobs"]),
            )
            for entry in (found or {}).get("content") or ()
        ]
    except (KeyError, TypeError, AttributeError):
        raise JudgeFault("malformed", "the reply holds broken log probabilities", status=200) from None
    return verdict_tokens(tokens, contract)


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return Usage(
        prompt=usage.get("prompt_tokens") or 0,
        completion=usage.get("completion_tokens") or 0,
        cached=prompt.get("cached_tokens") or 0,
        reasoning=completion.get("reasoning_tokens") or 0,
    )
