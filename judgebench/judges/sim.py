"""`sim/NAME[?option=value&...]`: a judge with planted biases, which says what they are.

It needs no key and no network, answers through the same prompts and the same parser as a real judge, and
keeps with each reply the probabilities it was drawn from, so that a report can print the truth next to every
estimate.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, Self

from judgebench.errors import InputError, nearest
from judgebench.judges.base import Capabilities, Judge, Reply, Request, Sampling, Usage
from judgebench.judges.sim_model import CUES, PRESETS, Mind, probabilities, uniform, with_options
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

_NUMBERS: Final = (*(f.name for f in fields(Mind) if f.name != "cues"), *CUES)
_PROBABILITIES: Final = ("refusal", "invalid")
_SIZES: Final = ("spread", "tie", "noise", "latency")
_OPTIONS: Final = (*_NUMBERS, "seed", "latency")
_REMARKS: Final = (
    "Response {label} does what was asked more fully.",
    "Response {label} is the more careful of the two.",
    "I find response {label} clearer and closer to the request.",
)


class SimJudge(Judge):
    """A simulated judge.

    Args:
        name: The preset that it started from.
        mind: Its planted effects.
        seed: Seed of its item tastes and of its draws.
        latency: Seconds that it takes for each reply.
    """

    capabilities = Capabilities(logprobs=True, structured_output=True, network=False)

    def __init__(self, name: str, mind: Mind, *, seed: int = 0, latency: float = 0.0, spec: str = "") -> None:
        self._name = name
        self._mind = mind
        self._seed = seed
        self._latency = latency
        self._spec = spec or f"sim/{name}"

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None = None) -> Self:
        """A simulated judge from its spec.

        Raises:
            InputError: No preset of that name, or an option that is unknown or no number.
        """
        if base_url is not None:
            raise InputError("a simulated judge has no server, so --base-url does not go with it")
        if spec.model not in PRESETS:
            raise InputError(
                f"unknown simulated judge {spec.model!r}",
                expected=f"one of {', '.join(PRESETS)}",
                suggestion=nearest(spec.model, PRESETS),
            )
        numbers = {key: _number(key, value) for key, value in spec.options.items()}
        seed, latency = int(numbers.pop("seed", 0)), numbers.pop("latency", 0.0)
        return cls(
            spec.model, with_options(PRESETS[spec.model], numbers), seed=seed, latency=latency, spec=str(spec)
        )

    @property
    def spec(self) -> str:
        """The spec it was made from."""
        return self._spec

    @property
    def identity(self) -> Mapping[str, Any]:
        """All planted numbers, so that another mind never answers from this one's store."""
        return {"provider": "sim", "model": self._name, "mind": self.truth(), "seed": self._seed}

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """Nothing of the sampling reaches it."""
        del sampling
        return {}

    def truth(self) -> Mapping[str, Any]:
        """The planted numbers."""
        return {f.name: getattr(self._mind, f.name) for f in fields(Mind)} | {"cues": dict(self._mind.cues)}

    async def ask(self, request: Request) -> Reply:
        """Draw a reply; the draw depends on the request's key and the seed alone."""
        if self._latency:
            await asyncio.sleep(self._latency)
        truth = probabilities(self._mind, request, self._seed)
        draw, outcome = uniform(f"draw\x1f{self._seed}\x1f{request.key}"), 0
        while outcome < len(truth) - 1 and draw >= truth[outcome]:
            draw -= truth[outcome]
            outcome += 1
        text = _text(outcome, request.contract, request.key)
        logprobs = verdict_tokens(_tokens(text, truth, request.contract), request.contract)
        words = sum(len(m.content.split()) for m in request.messages)
        usage = Usage(prompt=words * 4 // 3, completion=len(text.split()) * 4 // 3)
        served = f"sim/{self._name}"
        return Reply(text, usage=usage, served_model=served, truth=truth, logprobs=logprobs)


def _number(key: str, value: str) -> float:
    if key not in _OPTIONS:
        raise InputError(
            f"unknown option {key!r} of a simulated judge",
            expected=f"one of {', '.join(_OPTIONS)}",
            suggestion=nearest(key, _OPTIONS),
        )
    kind, expected = (int, "a whole number") if key == "seed" else (float, "a number")
    try:
        number = kind(value)
    except ValueError as error:
        raise InputError(f"the option {key!r} is {value!r}", expected=expected) from error
    if not math.isfinite(number):
        raise InputError(f"the option {key!r} is {value!r}", expected="a finite number")
    if key in _PROBABILITIES and not 0 <= number <= 1:
        raise InputError(f"the option {key!r} is {value}", expected="a probability between 0 and 1")
    if key in _SIZES and number < 0:
        raise InputError(f"the option {key!r} is {value}", expected="0 or more")
    return number


def _text(outcome: int, contract: OutputContract, key: str) -> str:
    if outcome == 3:
        return "I cannot help with comparing these responses."
    if outcome == 4:
        return "Both responses have something to be said for them."
    label = contract.labels[outcome]
    answer = contract.answer(label)
    if contract.form == "label":
        return answer
    remark = (
        "The two responses are about equally good."
        if outcome == 2
        else _REMARKS[int(key[:8], 16) % 3].format(label=label)
    )
    return f"{remark}\n\n{answer}"


def _tokens(text: str, truth: tuple[float, ...], contract: OutputContract) -> list[TokenLogprobs]:
    """The reply as tokens, those at the verdict's place with the probabilities that it was drawn from.

    A refusal and a reply without a verdict begin with "I" and "Both" where the reply is a label; they never come to
    a mark where it ends in one, so that there the labels alone are left.
    """
    if not contract.top_logprobs:
        return []
    bare = contract.form == "label"
    said = dict(zip(contract.labels, truth, strict=False))
    if bare:
        said |= {"I": truth[3], "Both": truth[4]}
    total = sum(said.values())
    top = [(word, math.log(p / total)) for word, p in said.items() if p > 0]
    parts = text.split(maxsplit=1)[:1] if bare else re.split(r"(?<=\[\[)(?=[A-Z])|(?=\]\])", text)
    return [
        TokenLogprobs.of(part, -math.inf, top) if part in said else TokenLogprobs(part, ()) for part in parts
    ]
