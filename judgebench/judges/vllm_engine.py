"""vLLM in this process: `vllm/MODEL` without `--base-url`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Self

from judgebench.judges.base import Capabilities, FinishReason, Judge, Reply, Request, Sampling, Usage
from judgebench.judges.chat import wire_messages
from judgebench.judges.gather import Gatherer
from judgebench.judges.http import load_sdk
from judgebench.judges.likelihood import LIKELIHOOD, likelihood_reply, tokens_of
from judgebench.judges.options import Parser, count, flag, fraction, read_options
from judgebench.judges.spec import JudgeSpec
from judgebench.judges.thinking import template_switches
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

BATCH: Final = 1024
_OPTIONS: Final[Mapping[str, Parser]] = {
    "dtype": str,
    "enforce_eager": flag,
    "gpu_memory_utilization": fraction,
    "max_model_len": count,
    "quantization": str,
    "reasoning_effort": str,
    "revision": str,
    "tensor_parallel_size": count,
}
"""Options of the spec: the effort, and those that are vLLM's own and handed on by the same name."""
_OF_THE_MODEL: Final = ("dtype", "max_model_len", "quantization", "revision")
_FINISH: Final[Mapping[str, FinishReason]] = {"stop": "stop", "length": "length"}


class VLLMEngineJudge(Judge):
    """`vllm/MODEL`: a name or a folder, loaded when the judge is opened; what is asked at once is one batch.

    Options: `reasoning_effort`, and `dtype, enforce_eager, gpu_memory_utilization, max_model_len, quantization,
    revision, tensor_parallel_size`, as in vLLM's `LLM`.
    """

    capabilities = Capabilities(
        logprobs=True, structured_output=True, network=False, gathers=True, prompt_logprobs=True
    )

    def __init__(self, spec: JudgeSpec, options: Mapping[str, Any]) -> None:
        self._spec = spec
        self._options = dict(options)
        self._effort: str | None = self._options.pop("reasoning_effort", None)
        self._gatherer = Gatherer(self._answer, BATCH)
        self._vllm: Any = None
        self._llm: Any = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge; nothing is loaded yet."""
        del base_url
        return cls(spec, read_options(spec, _OPTIONS))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, model, and the options that make it another model."""
        chosen: dict[str, Any] = {n: self._options[n] for n in _OF_THE_MODEL if n in self._options}
        return {"provider": "vllm", "endpoint": "in process", "model": self._spec.model, **chosen}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What vLLM's `SamplingParams` are told, and the effort, which the chat template is."""
        effort = sampling.reasoning_effort or self._effort
        return {**sampling.drawing(), **({"reasoning_effort": effort} if effort else {})}

    async def __aenter__(self) -> Self:
        self._vllm = load_sdk("vllm", otherwise=", or --base-url with the address of a server")
        await self._gatherer.load(self._load, self.spec)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.close()
        self._llm = None

    async def ask(self, request: Request) -> Reply:
        """Ask together with whatever else is asked now."""
        return await self._gatherer.ask(request)

    def _load(self) -> None:
        self._llm = self._vllm.LLM(model=self._spec.model, **self._options)

    def _answer(self, requests: Sequence[Request]) -> list[Reply]:
        """Replies in the order of the requests; those of one effort, which a chat template is told once, together."""
        found: dict[int, Reply] = {}
        kinds = [(r.contract == LIKELIHOOD, r.sampling.reasoning_effort or self._effort) for r in requests]
        for measured, effort in dict.fromkeys(kinds):
            alike = {n: requests[n] for n, own in enumerate(kinds) if own == (measured, effort)}
            answer = self._measure if measured else self._chat
            found |= dict(zip(alike, answer(list(alike.values()), effort), strict=True))
        return [found[place] for place in range(len(requests))]

    def _chat(self, requests: Sequence[Request], effort: str | None) -> Iterator[Reply]:
        outputs = self._llm.chat(
            [wire_messages(request.messages) for request in requests],
            [self._told(request) for request in requests],
            use_tqdm=False,
            **({"chat_template_kwargs": template_switches(effort)} if effort else {}),
        )
        return (self._reply(request, output) for request, output in zip(requests, outputs, strict=True))

    def _measure(self, requests: Sequence[Request], effort: str | None) -> Iterator[Reply]:
        """How likely the last message of each chat is."""
        parts = [tokens_of(self._llm.get_tokenizer(), request, effort) for request in requests]
        outputs = self._llm.generate(
            [{"prompt_token_ids": [*opened, *said]} for opened, said in parts],
            [
                self._vllm.SamplingParams(**request.sampling.drawing(), prompt_logprobs=0)
                for request in requests
            ],
            use_tqdm=False,
        )
        return (
            likelihood_reply(_last_logprobs(output, said), len(opened) + len(said), self._spec.model)
            for (opened, said), output in zip(parts, outputs, strict=True)
        )

    def _told(self, request: Request) -> Any:
        contract, bound = request.contract, {}
        if contract.constrained:
            choice = self._vllm.sampling_params.StructuredOutputsParams(choice=list(contract.labels))
            bound["structured_outputs"] = choice
        elif contract.top_logprobs:
            bound["logprobs"] = contract.top_logprobs
        return self._vllm.SamplingParams(**request.sampling.drawing(), **bound)

    def _reply(self, request: Request, output: Any) -> Reply:
        said = output.outputs[0]
        tokens: list[TokenLogprobs] = []
        if request.contract.top_logprobs and said.logprobs:
            tokens = [
                _token(drawn, table) for drawn, table in zip(said.token_ids, said.logprobs, strict=False)
            ]
        return Reply(
            text=said.text,
            finish=_FINISH.get(said.finish_reason, "other"),
            usage=Usage(
                prompt=len(output.prompt_token_ids),
                completion=len(said.token_ids),
                cached=output.num_cached_tokens or 0,
            ),
            served_model=self._spec.model,
            logprobs=verdict_tokens(tokens, request.contract),
        )


def _last_logprobs(output: Any, said: Sequence[int]) -> list[float]:
    """The log probabilities of the last tokens of a prompt."""
    tables = output.prompt_logprobs[len(output.prompt_logprobs) - len(said) :]
    return [table[token].logprob for table, token in zip(tables, said, strict=True)]


def _token(drawn: int, table: Mapping[int, Any]) -> TokenLogprobs:
    """A token with its alternatives, from vLLM's table of token number to log probability."""
    top = [(found.decoded_token or "", found.logprob) for found in table.values()]
    return TokenLogprobs.of(table[drawn].decoded_token or "", table[drawn].logprob, top)
