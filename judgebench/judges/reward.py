"""`reward/MODEL`: a scalar reward model, which scores each response by itself; the pair's verdict is the difference.

By the Bradley-Terry model on which reward models are trained, P(first) = 1 / (1 + exp(s_second - s_first)) for scores
s: that is what its label probabilities are. It is given the request and one response at a time, without the words in
which a judge is asked, so that notes of a perturbation that stand outside the responses cannot reach it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Sampling, Usage
from judgebench.judges.gather import Answer, Gatherer
from judgebench.judges.http import load_sdk
from judgebench.judges.options import Parser, not_negative, read_options, refuse_address
from judgebench.judges.sim_sight import look_at_pair
from judgebench.judges.spec import JudgeSpec
from judgebench.judges.transformers import BATCH, OPTIONS, load_model
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

_REQUEST: Final = re.compile(r"\[Request\]\n(.*)\n\[End of request\]\n\n\[Response A\]\n", re.DOTALL)
_OPTIONS: Final[Mapping[str, Parser]] = {**OPTIONS, "margin": not_negative}


class RewardJudge(Judge):
    """`reward/MODEL`: `AutoModelForSequenceClassification` with one output; options: those of `transformers`, `margin`.

    Scores that differ by at most `margin` (0 unless given) make a tie where one is on offer.
    """

    capabilities = Capabilities(
        logprobs=True, structured_output=True, network=False, gathers=True, deterministic=True
    )

    def __init__(self, spec: JudgeSpec, options: Mapping[str, Any]) -> None:
        self._spec = spec
        self._options = dict(options)
        self._margin: float = self._options.get("margin", 0.0)
        self._gatherer = Gatherer(self._answer, self._options.get("batch", BATCH))
        self._torch: Any = None
        self._tokenizer: Any = None
        self._model: Any = None

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Make the judge; nothing is loaded yet."""
        refuse_address(spec, base_url)
        return cls(spec, read_options(spec, _OPTIONS))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, model, margin, and the options that make it another model."""
        chosen: dict[str, Any] = {
            name: self._options[name] for name in ("dtype", "revision") if name in self._options
        }
        return {"provider": "reward", "model": self._spec.model, "margin": self._margin, **chosen}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """Nothing is drawn, so no parameter has an effect."""
        del sampling
        return {}

    async def __aenter__(self) -> Self:
        self._torch, library = load_sdk("torch", extra="transformers"), load_sdk("transformers")
        await self._gatherer.load(lambda: self._load(library), self.spec)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gatherer.close()
        self._model = None

    async def ask(self, request: Request) -> Reply:
        """Score both responses together with whatever else is asked now."""
        return await self._gatherer.ask(request)

    def _load(self, library: Any) -> None:
        kind = library.AutoModelForSequenceClassification
        self._tokenizer, self._model = load_model(kind, library, self._spec, self._options)
        if self._model.config.num_labels != 1:
            raise ValueError(
                f"{self._spec.model} gives {self._model.config.num_labels} numbers, not one score"
            )
        if self._model.config.pad_token_id is None:
            self._model.config.pad_token_id = self._tokenizer.pad_token_id

    def _answer(self, requests: Sequence[Request]) -> list[Answer]:
        chats = [chat for request in requests for chat in self.chats(request)]
        texts = [self._tokenizer.apply_chat_template(chat, tokenize=False) for chat in chats]
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        with self._torch.inference_mode():
            scores = self._model(**inputs.to(self._model.device)).logits[:, 0].float().tolist()
        tokens = inputs["attention_mask"].sum(dim=1).tolist()
        pairs = zip(requests, scores[::2], scores[1::2], tokens[::2], tokens[1::2], strict=True)
        return [self._reply(request, one, two, a + b) for request, one, two, a, b in pairs]

    @staticmethod
    def chats(request: Request) -> list[list[dict[str, str]]]:
        """The request with each response as the answer to it, first the first.

        Raises:
            JudgeFault: The prompt shows no pair in the built-in layout.
        """
        sight, asked = look_at_pair(request.messages), _REQUEST.search(request.messages[-1].content)
        if sight is None or asked is None:
            raise JudgeFault(
                "fatal", "a reward model scores pairs, and this prompt shows none in the built-in layout"
            )
        user = {"role": "user", "content": asked.group(1)}
        return [[user, {"role": "assistant", "content": text}] for text in sight.texts]

    def _reply(self, request: Request, first: float, second: float, tokens: int) -> Reply:
        """The verdict in the form asked for, with the scores in the text."""
        contract, difference = request.contract, first - second
        bare = contract.form == "label"
        label = self._label(contract.labels, difference)
        said = contract.answer(label) if label else ""
        top = [
            (contract.labels[0], _log_logistic(difference)),
            (contract.labels[1], _log_logistic(-difference)),
        ]
        token = TokenLogprobs(label or contract.labels[0], tuple(top))
        parts = [token] if bare else [TokenLogprobs("[[", ()), token, TokenLogprobs("]]", ())]
        return Reply(
            text=said if bare else f"Scores: {first:.6g} and {second:.6g}.\n\n{said}",
            usage=Usage(prompt=tokens),
            served_model=self._spec.model,
            logprobs=verdict_tokens(parts, contract) if contract.top_logprobs else (),
        )

    def _label(self, labels: Sequence[str], difference: float) -> str | None:
        """The label of the better one; None where the scores are equal and no tie is on offer."""
        if abs(difference) <= self._margin and len(labels) > 2:
            return labels[2]
        return None if difference == 0 else labels[0] if difference > 0 else labels[1]


def _log_logistic(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x > 0 else x - math.log1p(math.exp(x))
