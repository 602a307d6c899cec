"""What we send and what our fakes answer, held against the schemas that the providers' own SDKs carry.

A request is checked against the JSON schema of the SDK's parameter types with no other key allowed anywhere, a reply
against the SDK's response models, strictly and without a key that they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import anthropic.types as anthropic
import openai.types as openai
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse
from anthropic.types.messages.batch_create_params import BatchCreateParams as AnthropicBatchParams
from jsonschema import Draft202012Validator
from openai.types.batch_create_params import BatchCreateParams
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import BaseModel, TypeAdapter

VLLM_EXTRAS = frozenset(
    {"structured_outputs", "chat_template_kwargs", "prompt_logprobs", "add_generation_prompt"}
)
"""What vLLM takes beyond the API of OpenAI."""

REQUESTS: dict[str, Any] = {
    "openai": CompletionCreateParamsNonStreaming,
    "vllm": CompletionCreateParamsNonStreaming,
    "openai batch": BatchCreateParams,
    "anthropic": MessageCreateParamsNonStreaming,
    "anthropic batch": AnthropicBatchParams,
}
VLLM_REPLIES = frozenset({"choices.message.reasoning", "choices.message.reasoning_content"})
"""What vLLM and other servers answer beyond the API of OpenAI."""

REPLIES: dict[str, type[BaseModel]] = {
    "openai": ChatCompletion,
    "vllm": ChatCompletion,
    "openai batch": openai.Batch,
    "openai file": openai.FileObject,
    "anthropic": anthropic.Message,
    "anthropic batch": MessageBatch,
    "anthropic result": MessageBatchIndividualResponse,
}


def check_request(kind: str, body: dict[str, Any]) -> None:
    """Fail unless the SDK's parameter types allow this body."""
    known = {k: v for k, v in body.items() if kind != "vllm" or k not in VLLM_EXTRAS}
    if kind == "vllm":
        kind = "openai"
    faults = sorted(_validator(kind).iter_errors(known), key=lambda fault: len(fault.path))
    assert not faults, f"{kind}: {'.'.join(map(str, faults[0].path))}: {faults[0].message[:300]}"


def check_line(line: dict[str, Any]) -> None:
    """Fail unless a line of OpenAI's batch input has the documented form and a body that the SDK allows."""
    assert set(line) == {"custom_id", "method", "url", "body"}
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    check_request("openai", line["body"])


def check_reply(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body, which the SDK's response models accept strictly and know to the last key."""
    known = VLLM_REPLIES if kind == "vllm" else frozenset()
    found = REPLIES[kind].model_validate_json(json.dumps(body), strict=True)
    strange = [name for name in _extras(found, ()) if name not in known]
    assert not strange, f"{kind}: the SDK knows no {strange[0]}"
    return body


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = TypeAdapter(REQUESTS[kind]).json_schema()
    _close(schema)
    return Draft202012Validator(schema)


def _close(node: Any) -> None:
    """Allow no key that an object's schema does not name."""
    if isinstance(node, dict):
        if "properties" in node:
            node.setdefault("additionalProperties", False)
        for child in node.values():
            _close(child)
    elif isinstance(node, list):
        for child in node:
            _close(child)


def _extras(found: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(found, BaseModel):
        yield from (".".join((*path, name)) for name in found.model_extra or {})
        for name in type(found).model_fields:
            yield from _extras(getattr(found, name), (*path, name))
    elif isinstance(found, list | tuple):
        for child in found:
            yield from _extras(child, path)


for _kind in ("openai", "anthropic"):
    _validator(_kind)  # takes a while, which must not fall into the time that a test gives a fake to answer
