"""Judges behind an OpenAI-compatible server (vLLM first), asked with aiohttp at a sixth of the SDK's cost."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final, Self

import aiohttp

from judgebench.errors import InputError
from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Sampling
from judgebench.judges.chat import logprob_parameters, read_completion, wire_messages
from judgebench.judges.http import clean_address, scrub, status_fault
from judgebench.judges.options import DEFAULT_TIMEOUT_S, read_options, seconds
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import OutputContract

KEY_VARIABLE: Final = "VLLM_API_KEY"
_CONNECT_TIMEOUT_S: Final = 30.0


class VLLMJudge(Judge):
    """`vllm/MODEL` with `--base-url`; option: `timeout` (seconds an attempt); `VLLM_API_KEY` is sent."""

    capabilities = Capabilities(logprobs=True, structured_output=True)

    def __init__(self, spec: JudgeSpec, base_url: str, *, timeout_s: float) -> None:
        self._spec = spec
        address = clean_address(base_url).removesuffix("/chat/completions")
        self._endpoint = address if address.endswith("/v1") else f"{address}/v1"
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge."""
        options = read_options(spec, {"timeout": seconds})
        if base_url is None:
            raise InputError(
                "the in-process vLLM engine is not available in this version",
                expected="--base-url with the address of a vLLM server, for example http://127.0.0.1:8000/v1",
            )
        return cls(spec, base_url, timeout_s=options.get("timeout", DEFAULT_TIMEOUT_S))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, endpoint and model."""
        return {"provider": "vllm", "endpoint": self._endpoint, "model": self._spec.model}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What is sent."""
        asked = {
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def __aenter__(self) -> Self:
        key = _key()
        self._session = aiohttp.ClientSession(
            # the runner bounds what is in flight; a second bound here would only hide it
            connector=aiohttp.TCPConnector(limit=0),
            headers={"Authorization": f"Bearer {key}"} if key else None,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=_CONNECT_TIMEOUT_S),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, request: Request) -> Reply:
        """Send the request once."""
        if self._session is None:
            raise RuntimeError("a judge is opened with `async with` before it is asked")
        payload = {
            "model": self._spec.model,
            "messages": wire_messages(request.messages),
            **self.effective(request.sampling),
            **_bound(request.contract),
        }
        try:
            async with self._session.post(
                f"{self._endpoint}/chat/completions",
                data=json.dumps(payload).encode(),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
            ) as response:
                body = await response.read()
        except TimeoutError:
            raise JudgeFault("timeout", f"no answer within {self._timeout_s:g} s") from None
        except aiohttp.ClientError as error:
            raise JudgeFault("transient", scrub(f"{type(error).__name__}: {error}", _key())) from None
        if response.status != 200:
            raise status_fault(response.status, response.headers, body.decode(errors="replace"), _key())
        return read_completion(body, response.headers, request.contract)


def _bound(contract: OutputContract) -> dict[str, Any]:
    """What asks for the form of a contract: log probabilities, or one of the labels."""
    if contract.constrained:
        return {"structured_outputs": {"choice": list(contract.labels)}}
    return logprob_parameters(contract)


def _key() -> str | None:
    return os.environ.get(KEY_VARIABLE, "").strip() or None
