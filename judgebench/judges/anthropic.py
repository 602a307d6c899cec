"""Judges of Anthropic, through the official SDK."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final, Self

from judgebench.judges.anthropic_batches import AnthropicBatches
from judgebench.judges.base import (
    Capabilities,
    FinishReason,
    JudgeFault,
    Reply,
    Request,
    Sampling,
    Usage,
)
from judgebench.judges.batches import BatchJudge
from judgebench.judges.chat import json_object, verdict_schema
from judgebench.judges.http import (
    api_key,
    clean_address,
    http_client,
    kept_headers,
    load_sdk,
    sdk_fault,
    spared,
)
from judgebench.judges.options import DEFAULT_TIMEOUT_S, Parser, read_options, seconds
from judgebench.judges.spec import JudgeSpec
from judgebench.judges.thinking import NO_THINKING
from judgebench.protocols.messages import Message, OutputContract

KEY_VARIABLE: Final = "ANTHROPIC_API_KEY"
_DEFAULT: Final = "https://api.anthropic.com"
_TOOL: Final = "verdict"
_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
_LEAST_BUDGET: Final = 1024
_FINISH: Final[Mapping[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


def _thinking(text: str) -> Mapping[str, Any]:
    """How the model is to think, as the API takes it.

    Raises:
        ValueError: It is nothing that the API has.
    """
    if text in {"adaptive", "disabled"}:
        return {"type": text}
    if text.isascii() and text.isdigit() and int(text) >= _LEAST_BUDGET:
        return {"type": "enabled", "budget_tokens": int(text)}
    raise ValueError(f"adaptive, disabled, or a number of tokens from {_LEAST_BUDGET}")


def _effort(text: str) -> str:
    """An effort that the API has, or none.

    Raises:
        ValueError: It is another.
    """
    if text not in {*_EFFORTS, NO_THINKING}:
        raise ValueError(f"one of {', '.join((NO_THINKING, *_EFFORTS))}")
    return text


_OPTIONS: Final[Mapping[str, Parser]] = {
    "timeout": seconds,
    "thinking": _thinking,
    "reasoning_effort": _effort,
}


class AnthropicJudge(BatchJudge):
    """`anthropic/MODEL`; options: `timeout` (seconds an attempt), `thinking`, `reasoning_effort`.

    `thinking` is `adaptive` (the model decides), `disabled`, or a budget of tokens of at least 1024, for models that
    take one; what the model does by itself unless it is given. `reasoning_effort` is `low` to `max`, or `none`, which
    is no thinking. While a model thinks, the API lets no tool be forced, so that replies are not held to labels.

    The key comes from the environment alone (`ANTHROPIC_API_KEY`); a server of the user's own (`--base-url`,
    or `ANTHROPIC_BASE_URL`) may want none. Temperature, top_p and seed are not part of the SDK's messages API
    and are not sent, which `effective` reports.
    """

    def __init__(self, spec: JudgeSpec, base_url: str | None, *, options: Mapping[str, Any]) -> None:
        self._spec = spec
        # the SDK appends /v1/messages by itself
        self._base_url = clean_address(base_url).removesuffix("/v1") if base_url else None
        self._timeout_s: float = options.get("timeout", DEFAULT_TIMEOUT_S)
        self._thinking: Mapping[str, Any] = options.get("thinking", {})
        self._effort: str | None = options.get("reasoning_effort")
        thinks = self._thinking.get("type") in {"adaptive", "enabled"}
        self.capabilities = Capabilities(structured_output=not thinks, reasoning=thinks)
        self._client: Any = None
        self._sdk: Any = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge; the SDK and the key are asked for when it is opened."""
        options = read_options(spec, _OPTIONS)
        return cls(spec, base_url or os.environ.get("ANTHROPIC_BASE_URL") or None, options=options)

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, endpoint and model."""
        return {"provider": "anthropic", "endpoint": self._base_url or _DEFAULT, "model": self._spec.model}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What is sent: the token limit, and how much to think; an effort that the API does not have is not sent."""
        effort = sampling.reasoning_effort or self._effort
        thinking = {"type": "disabled"} if effort == NO_THINKING else self._thinking
        return {
            "max_tokens": sampling.max_tokens,
            **({"thinking": dict(thinking)} if thinking else {}),
            **({"output_config": {"effort": effort}} if effort in _EFFORTS else {}),
        }

    async def __aenter__(self) -> Self:
        self._sdk = load_sdk("anthropic")
        self._client = self._sdk.AsyncAnthropic(
            api_key=api_key(KEY_VARIABLE, self._base_url),
            base_url=self._base_url or _DEFAULT,
            max_retries=0,
            timeout=self._timeout_s,
            http_client=http_client(self._sdk),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent, alone or in a batch; system messages go apart from the chat, as the API wants them."""
        system = "\n\n".join(m.content for m in request.messages if m.role == "system")
        return {
            "model": self._spec.model,
            "messages": [_turn(m) for m in request.messages if m.role != "system"],
            **({"system": system} if system else {}),
            **self.effective(request.sampling),
            **_bound(request.contract),
        }

    def batches(self) -> AnthropicBatches:
        """The Message Batches API."""
        return AnthropicBatches(
            self._sdk, self._client, body=self.body, read=lambda body, headers, _: read_message(body, headers)
        )

    async def ask(self, request: Request) -> Reply:
        """Send the request once."""
        try:
            raw = await self._client.messages.with_raw_response.create(**spared(self.body(request)))
            body = await raw.read()
        except self._sdk.AnthropicError as error:
            # `from None`: what the SDK's exception holds may echo the key
            raise sdk_fault(self._sdk, error, self._client.api_key) from None
        return read_message(body, raw.headers)


def _turn(message: Message) -> dict[str, Any]:
    """A message of the chat, marked where what it shares with others ends: the API caches what is before a mark.

    It ignores a mark before which there is too little (1024 tokens or more, by model).
    """
    if not 0 < message.shared < len(message.content):
        return {"role": message.role, "content": message.content}
    shared, own = message.content[: message.shared], message.content[message.shared :]
    mark = {"type": "ephemeral"}
    blocks = [{"type": "text", "text": shared, "cache_control": mark}, {"type": "text", "text": own}]
    return {"role": message.role, "content": blocks}


def _bound(contract: OutputContract) -> dict[str, Any]:
    """What holds the reply to the labels of a contract: a tool that must be used and takes nothing else."""
    if not contract.constrained:
        return {}
    tool = {
        "name": _TOOL,
        "description": "Give the verdict.",
        "input_schema": verdict_schema(contract),
    }
    return {"tools": [tool], "tool_choice": {"type": "tool", "name": _TOOL}}


def read_message(body: bytes | str, headers: Mapping[str, str]) -> Reply:
    """The reply that a message of Anthropic's API holds; where it uses our tool, the tool's input is its text.

    Raises:
        JudgeFault: There is no list of content blocks in it (`malformed`).
    """
    found = json_object(body)
    blocks = found.get("content")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise JudgeFault("malformed", "the reply holds no content blocks", status=200)
    used = [block.get("input") for block in blocks if block.get("type") == "tool_use"]
    return Reply(
        text=json.dumps(used[-1])
        if used
        else "".join(block.get("text", "") for block in blocks if block.get("type") == "text"),
        finish=_FINISH.get(found.get("stop_reason", ""), "other"),
        thinking="".join(block.get("thinking", "") for block in blocks if block.get("type") == "thinking"),
        usage=_usage(found.get("usage") or {}),
        served_model=found.get("model"),
        headers=kept_headers(headers),
    )


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Tokens; Anthropic counts those read from and written to its cache apart from `input_tokens`."""
    cached = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    return Usage(
        prompt=(usage.get("input_tokens") or 0) + cached + written,
        completion=usage.get("output_tokens") or 0,
        cached=cached,
        written=written,
        reasoning=(usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0,
    )
