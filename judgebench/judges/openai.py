"""Judges of OpenAI, and of whatever speaks its chat completions, through the official SDK."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final, Self

from judgebench.judges.base import Capabilities, Reply, Request, Sampling
from judgebench.judges.batches import BatchJudge
from judgebench.judges.chat import logprob_parameters, read_completion, verdict_schema, wire_messages
from judgebench.judges.http import api_key, clean_address, http_client, load_sdk, sdk_fault, spared
from judgebench.judges.openai_batches import OpenAIBatches
from judgebench.judges.options import DEFAULT_TIMEOUT_S, Parser, flag, read_options, seconds
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import OutputContract

KEY_VARIABLE: Final = "OPENAI_API_KEY"
_DEFAULT: Final = "https://api.openai.com/v1"
_REASONING: Final = re.compile(r"^(?:o\d|gpt-(?:[5-9]|\d\d))(?!.*chat)")


def is_reasoning_model(model: str) -> bool:
    """Whether a model, by name, takes neither `temperature` nor `max_tokens` (o1 to o4, gpt-5 and on)."""
    return _REASONING.match(model.rpartition("/")[2]) is not None


class OpenAIJudge(BatchJudge):
    """`openai/MODEL`; options: `timeout` (seconds an attempt), `reasoning` (true, false), `reasoning_effort`.

    The key comes from the environment alone (`OPENAI_API_KEY`); a server of the user's own (`--base-url`, or
    `OPENAI_BASE_URL`) may want none. Whether the model is one that reasons is told from its name unless
    `reasoning` says so; such a model is sent `max_completion_tokens` and no temperature.
    """

    def __init__(self, spec: JudgeSpec, base_url: str | None, *, options: Mapping[str, Any]) -> None:
        self._spec = spec
        self._base_url = clean_address(base_url) if base_url else None
        self._timeout_s: float = options.get("timeout", DEFAULT_TIMEOUT_S)
        self._reasoning: bool = options.get("reasoning", is_reasoning_model(spec.model))
        self._effort: str | None = options.get("reasoning_effort")
        # models that reason refuse `logprobs`
        self.capabilities = Capabilities(
            logprobs=not self._reasoning, structured_output=True, reasoning=self._reasoning
        )
        self._client: Any = None
        self._sdk: Any = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge; the SDK and the key are asked for when it is opened."""
        parsers: dict[str, Parser] = {"timeout": seconds, "reasoning": flag, "reasoning_effort": str}
        options = read_options(spec, parsers)
        return cls(spec, base_url or os.environ.get("OPENAI_BASE_URL") or None, options=options)

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, endpoint and model."""
        return {"provider": "openai", "endpoint": self._base_url or _DEFAULT, "model": self._spec.model}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What is sent: a model that reasons takes no temperature, and another name for the limit."""
        if self._reasoning:
            asked: dict[str, Any] = {
                "max_completion_tokens": sampling.max_tokens,
                "reasoning_effort": sampling.reasoning_effort or self._effort,
            }
        else:
            asked = {
                "temperature": sampling.temperature,
                "max_tokens": sampling.max_tokens,
                "top_p": sampling.top_p,
                "reasoning_effort": sampling.reasoning_effort or self._effort,
            }
        return {name: value for name, value in {**asked, "seed": sampling.seed}.items() if value is not None}

    async def __aenter__(self) -> Self:
        self._sdk = load_sdk("openai")
        self._client = self._sdk.AsyncOpenAI(
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
        """What is sent for a request, alone or in a batch."""
        return {
            "model": self._spec.model,
            "messages": wire_messages(request.messages),
            **self.effective(request.sampling),
            **_bound(request.contract),
        }

    def batches(self) -> OpenAIBatches:
        """The Batch API."""
        return OpenAIBatches(self._sdk, self._client, body=self.body, read=read_completion)

    async def ask(self, request: Request) -> Reply:
        """Send the request once; the body is read as JSON, since the SDK's models accept missing parts."""
        try:
            raw = await self._client.chat.completions.with_raw_response.create(**spared(self.body(request)))
        except self._sdk.OpenAIError as error:
            # `from None`: what the SDK's exception holds may echo the key
            raise sdk_fault(self._sdk, error, self._client.api_key) from None
        return read_completion(raw.content, raw.headers, request.contract)


def _bound(contract: OutputContract) -> dict[str, Any]:
    """What asks for the form of a contract: log probabilities, or a JSON object with one of the labels."""
    if not contract.constrained:
        return logprob_parameters(contract)
    schema = {"name": "verdict", "strict": True, "schema": verdict_schema(contract)}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}
