"""`transformers/MODEL`: a causal language model in this process, batched; for small models without a server.

It is also the plain reference for what a serving engine says of the labels: log probabilities are those of the raw
logits, before temperature and masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Self

from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Sampling, Usage
from judgebench.judges.chat import wire_messages
from judgebench.judges.gather import Answer, Gatherer
from judgebench.judges.http import load_sdk
from judgebench.judges.likelihood import LIKELIHOOD, likelihood_reply, tokens_of
from judgebench.judges.options import Parser, count, read_options, refuse_address
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

BATCH: Final = 16
OPTIONS: Final[Mapping[str, Parser]] = {"batch": count, "device": str, "dtype": str, "revision": str}


class TransformersJudge(Judge):
    """`transformers/MODEL` (a name or a folder); options: `batch, device, dtype, revision`.

    A reply that is a label is the first token alone, so that asking for label probabilities costs one forward pass,
    and a constraint is a mask over the labels, each of which must be one token.
    """

    capabilities = Capabilities(
        logprobs=True, structured_output=True, network=False, gathers=True, prompt_logprobs=True
    )

    def __init__(self, spec: JudgeSpec, options: Mapping[str, Any]) -> None:
        self._spec = spec
        self._options = dict(options)
        self._gatherer = Gatherer(self._answer, self._options.get("batch", BATCH))
        self._torch: Any = None
        self._tokenizer: Any = None
        self._model: Any = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge; nothing is loaded yet."""
        refuse_address(spec, base_url)
        return cls(spec, read_options(spec, OPTIONS))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, model, and the options that make it another model."""
        chosen: dict[str, Any] = {
            name: self._options[name] for name in ("dtype", "revision") if name in self._options
        }
        return {"provider": self._spec.provider, "model": self._spec.model, **chosen}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """What `generate` is told; it takes no seed a request."""
        asked = {
            "temperature": sampling.temperature,
            "max_new_tokens": sampling.max_tokens,
            "top_p": sampling.top_p,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def __aenter__(self) -> Self:
        self._torch, library = load_sdk("torch", extra="transformers"), load_sdk("transformers")
        await self._gatherer.load(lambda: self._load(library), self.spec)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.close()
        self._model = None

    async def ask(self, request: Request) -> Reply:
        """Ask together with whatever else is asked now."""
        return await self._gatherer.ask(request)

    def _load(self, library: Any) -> None:
        self._tokenizer, self._model = load_model(
            library.AutoModelForCausalLM, library, self._spec, self._options
        )

    def _answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Replies in the order of the requests; those that ask alike go through the model together."""
        found: list[Answer | None] = [None] * len(requests)
        numbered = sorted(enumerate(requests), key=lambda pair: repr(_alike(pair[1])))
        for _, group in groupby(numbered, key=lambda pair: repr(_alike(pair[1]))):
            places, alike = zip(*group, strict=True)
            for place, answer in zip(places, self._generate(alike), strict=True):
                found[place] = answer
        return [answer for answer in found if answer is not None]

    def _generate(self, requests: Sequence[Request]) -> list[Answer]:
        first = requests[0]
        if first.contract == LIKELIHOOD:
            return [self._measure(request) for request in requests]
        texts = [self._prompt(request) for request in requests]
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        width = inputs["input_ids"].shape[1]
        if (fault := self._too_long(width)) is not None:
            if half := len(requests) // 2:
                return [*self._generate(requests[:half]), *self._generate(requests[half:])]
            return [fault]
        with self._torch.inference_mode():
            said = self._model.generate(**inputs.to(self._model.device), **self._told(first))
        return [
            self._reply(request, row[width:].tolist(), [step[number] for step in said.logits], inputs, number)
            for number, (request, row) in enumerate(zip(requests, said.sequences, strict=True))
        ]

    def _too_long(self, width: int) -> JudgeFault | None:
        limit = getattr(self._model.config, "max_position_embeddings", None)
        if limit is None or width < limit:
            return None
        return JudgeFault("fatal", f"the prompt has {width} tokens, and the model's context is {limit}")

    def _measure(self, request: Request) -> Answer:
        """How likely the last message is; one at a time, since the logits of all its tokens are in memory."""
        opened, said = tokens_of(self._tokenizer, request)
        if (fault := self._too_long(len(opened) + len(said))) is not None:
            return fault
        ids = self._torch.tensor([[*opened, *said]], device=self._model.device)
        with self._torch.inference_mode():
            logits = self._model(input_ids=ids).logits[0, len(opened) - 1 : -1].float()
        drawn = logits.gather(1, ids[0, len(opened) :, None])[:, 0] - logits.logsumexp(dim=1)
        return likelihood_reply(drawn.tolist(), ids.shape[1], self._spec.model)

    def _prompt(self, request: Request) -> str:
        text: str = self._tokenizer.apply_chat_template(
            wire_messages(request.messages), tokenize=False, add_generation_prompt=True
        )
        return text

    def _told(self, request: Request) -> dict[str, Any]:
        """The arguments of `generate`."""
        told = dict(self.effective(request.sampling))
        draws = told.get("temperature", 1.0) > 0
        if not draws:
            told |= {"temperature": None, "top_p": None}
        if request.contract.form == "label":
            told["max_new_tokens"] = 1
        if request.contract.constrained:
            allowed = self._label_tokens(request.contract)
            told["prefix_allowed_tokens_fn"] = lambda _batch, _ids: allowed
        return {
            **told,
            "do_sample": draws,
            "top_k": 0 if draws else None,
            "output_logits": True,
            "return_dict_in_generate": True,
            "pad_token_id": self._tokenizer.pad_token_id,
        }

    def _label_tokens(self, contract: OutputContract) -> list[int]:
        """The token of each label.

        Raises:
            JudgeFault: A label is more than one token.
        """
        encoded = [self._tokenizer.encode(label, add_special_tokens=False) for label in contract.labels]
        if any(len(ids) != 1 for ids in encoded):
            raise JudgeFault("fatal", f"the labels {', '.join(contract.labels)} are not one token each")
        return [ids[0] for ids in encoded]

    def _reply(
        self, request: Request, said: list[int], logits: Sequence[Any], inputs: Any, number: int
    ) -> Reply:
        stops = self._model.generation_config.eos_token_id
        ends = {stops} if isinstance(stops, int) else set(stops or ())
        length = next((n + 1 for n, token in enumerate(said) if token in ends), len(said))
        ended = length <= len(said) and bool(said) and said[length - 1] in ends
        label = request.contract.form == "label"
        return Reply(
            text=self._tokenizer.decode(said[:length], skip_special_tokens=True),
            finish="stop" if ended or label else "length",
            usage=Usage(prompt=int(inputs["attention_mask"][number].sum()), completion=length),
            served_model=self._spec.model,
            logprobs=self._logprobs(request.contract, said[:length], logits),
        )

    def _logprobs(
        self, contract: OutputContract, said: Sequence[int], logits: Sequence[Any]
    ) -> tuple[TokenLogprobs, ...]:
        if not contract.top_logprobs:
            return ()
        tokens = []
        for drawn, scores in zip(said, logits, strict=False):
            logprobs = self._torch.log_softmax(scores.float(), dim=-1)
            best = logprobs.topk(min(contract.top_logprobs, logprobs.shape[-1]))
            top = zip(map(self._text, best.indices.tolist()), best.values.tolist(), strict=True)
            tokens.append(TokenLogprobs.of(self._text(drawn), float(logprobs[drawn]), top))
        return verdict_tokens(tokens, contract)

    def _text(self, token: int) -> str:
        return str(self._tokenizer.decode([token]))


def _alike(request: Request) -> tuple[Sampling, OutputContract]:
    return request.sampling, request.contract


def load_model(kind: Any, library: Any, spec: JudgeSpec, options: Mapping[str, Any]) -> tuple[Any, Any]:
    """Tokenizer and model, ready to be asked.

    Args:
        kind: The class of the model: `AutoModelForCausalLM` or another.
        library: The transformers package.
        spec: Names the model.
        options: `device, dtype, revision`.
    """
    at = {"revision": options["revision"]} if "revision" in options else {}
    tokenizer = library.AutoTokenizer.from_pretrained(spec.model, padding_side="left", **at)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = kind.from_pretrained(spec.model, dtype=options.get("dtype", "auto"), **at)
    if "device" in options:
        model = model.to(options["device"])
    return tokenizer, model.eval()
