"""Judges behind OpenAI-compatible servers (vLLM first), asked with aiohttp at a sixth of the SDK's cost."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final, Self

import aiohttp
import orjson

from judgebench.errors import InputError
from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Sampling
from judgebench.judges.chat import json_object, logprob_parameters, read_completion, wire_messages
from judgebench.judges.http import clean_address, scrub, status_fault
from judgebench.judges.likelihood import LIKELIHOOD, read_prompt_logprobs, read_tokens
from judgebench.judges.options import DEFAULT_TIMEOUT_S, read_options, seconds
from judgebench.judges.spec import JudgeSpec
from judgebench.judges.thinking import template_switches
from judgebench.judges.vllm_engine import VLLMEngineJudge
from judgebench.protocols.messages import OutputContract

KEY_VARIABLE: Final = "VLLM_API_KEY"
_CONNECT_TIMEOUT_S: Final = 30.0
_ELSEWHERE: Final = frozenset({"timeout", "transient", "overloaded"})
"""Faults after which another server may do better."""


class VLLMJudge(Judge):
    """`vllm/MODEL` with `--base-url`; options: `timeout` (seconds an attempt), `reasoning_effort`.

    `VLLM_API_KEY` is sent. With several addresses (commas between them) a request goes to the one that its key names,
    so that the same request always finds the same prefix cache; after a fault of that server the next one is asked.
    Without an address the engine runs in this process: `judgebench.judges.vllm_engine`.
    """

    capabilities = Capabilities(logprobs=True, structured_output=True, prompt_logprobs=True)

    def __init__(
        self, spec: JudgeSpec, base_url: str, *, timeout_s: float, effort: str | None = None
    ) -> None:
        self._spec = spec
        self._effort = effort
        endpoints = [_endpoint(address) for address in base_url.split(",")]
        self._endpoints = sorted(set(endpoints))
        if len(self._endpoints) < len(endpoints):
            raise InputError("the same address is given twice", expected="each server once")
        self._timeout_s = timeout_s
        self._moved: dict[str, int] = {}
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Judge:
        """Make the judge: one that asks servers, or one that runs the engine here."""
        if base_url is None:
            return VLLMEngineJudge.from_spec(spec, None)
        options = read_options(spec, {"timeout": seconds, "reasoning_effort": str})
        timeout_s = options.get("timeout", DEFAULT_TIMEOUT_S)
        return cls(spec, base_url, timeout_s=timeout_s, effort=options.get("reasoning_effort"))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, endpoint (or endpoints, in a fixed order) and model."""
        one = len(self._endpoints) == 1
        return {
            "provider": "vllm",
            "endpoint": self._endpoints[0] if one else self._endpoints,
            "model": self._spec.model,
        }

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What is sent; the server hands the effort on to the model's chat template."""
        effort = sampling.reasoning_effort or self._effort
        return {**sampling.drawing(), **({"reasoning_effort": effort} if effort else {})}

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
        shard = int(request.key[:8], 16) + self._moved.get(request.key, 0)
        try:
            reply = await self._send(request, self._endpoints[shard % len(self._endpoints)])
        except JudgeFault as fault:
            if fault.kind in _ELSEWHERE:
                self._moved[request.key] = self._moved.get(request.key, 0) + 1
            raise
        self._moved.pop(request.key, None)
        return reply

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("a judge is opened with `async with` before it is asked")
        return self._session

    async def models(self) -> list[str]:
        """What the servers list; nothing where they do not answer."""
        found: set[str] = set()
        session = self._opened()
        for endpoint in self._endpoints:
            try:
                async with session.get(f"{endpoint}/models", allow_redirects=False) as response:
                    listed = json_object(await response.read())["data"]
                    found.update(str(model["id"]) for model in listed)
            except (aiohttp.ClientError, TimeoutError, JudgeFault, KeyError, TypeError):
                continue
        return sorted(found)

    async def _send(self, request: Request, endpoint: str) -> Reply:
        if request.contract == LIKELIHOOD:
            return await self._measure(request, endpoint)
        payload = {
            "messages": wire_messages(request.messages),
            **self.effective(request.sampling),
            **_bound(request.contract),
        }
        body, headers = await self._post(f"{endpoint}/chat/completions", payload)
        return read_completion(body, headers, request.contract)

    async def _measure(self, request: Request, endpoint: str) -> Reply:
        """How likely the last message is, by tokens that the server makes of the chat before it and of itself."""
        *before, said = request.messages
        sampling = dict(self.effective(request.sampling))
        switches = template_switches(sampling.pop("reasoning_effort", None))
        opened = {"messages": wire_messages(before), "add_generation_prompt": True}
        opened |= {"chat_template_kwargs": switches} if switches else {}
        tokens = []
        for part in (opened, {"prompt": said.content, "add_special_tokens": False}):
            body, _ = await self._post(f"{endpoint.removesuffix('/v1')}/tokenize", part)
            tokens.append(read_tokens(body))
        payload = {"prompt": [*tokens[0], *tokens[1]], **sampling, "prompt_logprobs": 0}
        body, headers = await self._post(f"{endpoint}/completions", payload)
        return read_prompt_logprobs(body, headers, tokens[1])

    async def _post(self, address: str, payload: Mapping[str, Any]) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of the answer.

        Raises:
            JudgeFault: There is none, or its status is not 200.
        """
        try:
            async with self._opened().post(
                address,
                data=_body({"model": self._spec.model, **payload}),
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
        return body, response.headers


def _endpoint(address: str) -> str:
    """The root of a server's API, whichever of its addresses is given."""
    clean = clean_address(address).removesuffix("/chat/completions")
    return clean if clean.endswith("/v1") else f"{clean}/v1"


def _bound(contract: OutputContract) -> dict[str, Any]:
    """What asks for the form of a contract: log probabilities, or one of the labels."""
    if contract.constrained:
        return {"structured_outputs": {"choice": list(contract.labels)}}
    return logprob_parameters(contract)


def _body(payload: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(payload)
    except TypeError:  # half a character, which is in no UTF-8
        return json.dumps(payload).encode()


def _key() -> str | None:
    return os.environ.get(KEY_VARIABLE, "").strip() or None
