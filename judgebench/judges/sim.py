"""`sim/NAME[?option=value&...]`: a judge with planted biases, which says what they are.

It needs no key and no network, answers through the same prompts and the same parser as a real judge, and
keeps with each reply the probabilities it was drawn from, so that a report can print the truth next to every
estimate.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, Self

from judgebench.errors import InputError, nearest
from judgebench.judges.base import Capabilities, Judge, Reply, Request, Sampling, Usage
from judgebench.judges.likelihood import LIKELIHOOD, likelihood_reply
from judgebench.judges.sim_draws import item_normal, uniform
from judgebench.judges.sim_hands import rewritten, says_the_same, surprise, written
from judgebench.judges.sim_lists import (
    criteria_of,
    is_choice,
    is_scored,
    of_scale,
    probabilities,
    scores_of,
)
from judgebench.judges.sim_model import (
    FACTORS,
    PRESETS,
    Mind,
    cue_names,
    factor_names,
    under_mitigations,
    with_options,
)
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.mitigation.turns import ANSWER
from judgebench.protocols.tokens import TokenLogprobs, verdict_tokens

_NUMBERS: Final = tuple(f.name for f in fields(Mind) if f.name not in {"cues", *FACTORS})
_PROBABILITIES: Final = ("refusal", "invalid", "halo")
_SIZES: Final = (
    "spread",
    "tie",
    "noise",
    "latency",
    "template",
    "hand",
    "craft",
    "doubt",
    "familiar",
    "habit",
)
EFFORTS: Final[Mapping[str, float]] = {"minimal": 2.0, "low": 1.5, "medium": 1.0, "high": 0.5}
"""What an effort makes of the noise."""
_REFUSED: Final = "I cannot help with comparing these responses."
_SCORELESS: Final = "There is something to be said for and against it."
_ANSWER: Final = "To do what is asked, take it step by step, and check the result at the end."
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

    capabilities = Capabilities(logprobs=True, structured_output=True, network=False, prompt_logprobs=True)

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
        """Nothing of the sampling reaches it but the reasoning effort."""
        effort = sampling.reasoning_effort
        return {} if effort is None else {"reasoning_effort": effort}

    def truth(self) -> Mapping[str, Any]:
        """The planted numbers."""
        return self._mind.told()

    async def ask(self, request: Request) -> Reply:
        """Draw a reply; the draw depends on the request's key and the seed alone."""
        if self._latency:
            await asyncio.sleep(self._latency)
        if request.contract == LIKELIHOOD:
            return self._likelihood(request)
        mind = under_mitigations(_tried(self._mind, request.sampling.reasoning_effort), request)
        logprobs: tuple[TokenLogprobs, ...] = ()
        truth: tuple[float, ...] | None = None
        if request.contract == ANSWER:
            text = _ANSWER
        elif request.contract.form == "response":
            merit = mind.skill + mind.craft * item_normal(self._seed, _sheet(mind, request))
            text = written(mind.hand, merit, request.key)
        elif request.contract.form == "rewrite":
            text = rewritten(request)
        elif request.contract.form == "content_check":
            text = request.contract.answer("YES" if says_the_same(request) else "NO")
        elif is_scored(request.contract):
            text, truth = self._scored(mind, request)
        else:
            truth = probabilities(mind, request, self._seed)
            outcome = self._drawn(truth, request.key)
            text = _text(outcome, truth, request.contract, request.key)
            logprobs = verdict_tokens(_tokens(text, truth, request.contract), request.contract)
        words = sum(len(m.content.split()) for m in request.messages)
        usage = Usage(prompt=words * 4 // 3, completion=len(text.split()) * 4 // 3)
        served = f"sim/{self._name}"
        return Reply(text, usage=usage, served_model=served, truth=truth, logprobs=logprobs)

    def _likelihood(self, request: Request) -> Reply:
        """How likely the last message is: as many nats a token as it surprises, a word being a token."""
        text, mind = request.messages[-1].content, self._mind
        nats = surprise(text, mind.hand, mind.habit, self._seed)
        words = len(text.split())
        return likelihood_reply([-nats] * words, words, f"sim/{self._name}")

    def _drawn(self, shares: Sequence[float], name: str) -> int:
        """The place of an outcome, drawn by name."""
        draw, outcome = uniform(f"draw\x1f{self._seed}\x1f{name}"), 0
        while outcome < len(shares) - 1 and draw >= shares[outcome]:
            draw -= shares[outcome]
            outcome += 1
        return outcome

    def _scored(self, mind: Mind, request: Request) -> tuple[str, tuple[float, ...]]:
        """A reply with a score for each criterion, and the expected scores with the chances of (refused, invalid)."""
        contract = request.contract
        values, lines = scores_of(contract), list[str]()
        expected: list[float] = []
        missed = (mind.refusal, (1 - mind.refusal) * mind.invalid)
        outcome = self._drawn((1 - sum(missed), *missed), request.key)
        for criterion in criteria_of(contract):
            shares = of_scale(mind, request, self._seed, criterion)
            if not shares:
                return _SCORELESS, (*expected, mind.refusal, 1 - mind.refusal)
            label = contract.labels[self._drawn(shares, f"{request.key}\x1f{criterion}")]
            lines.append(f"{criterion}: {contract.answer(label)}" if criterion else contract.answer(label))
            expected.append(sum(share * value for share, value in zip(shares, values, strict=True)))
        texts = ["The response does part of what was asked.\n\n" + "\n".join(lines), _REFUSED, _SCORELESS]
        return texts[outcome], (*expected, *missed)


def _sheet(mind: Mind, request: Request) -> str:
    """What the merit of a response is drawn by: the hand and the prompt."""
    return f"hand\x1f{mind.hand:.0f}\x1f{request.messages[-1].content}"


def _tried(mind: Mind, effort: str | None) -> Mind:
    """The mind at a reasoning effort: the more it tries, the less noise; what it leans to stays."""
    return mind if effort is None else replace(mind, noise=mind.noise * EFFORTS.get(effort, 1.0))


def _number(key: str, value: str) -> float:
    options = (*_NUMBERS, *cue_names(), *factor_names(), "seed", "latency")
    if key not in options:
        raise InputError(
            f"unknown option {key!r} of a simulated judge",
            expected=f"one of {', '.join(options)}",
            suggestion=nearest(key, options),
        )
    kind, expected = (int, "a whole number") if key == "seed" else (float, "a number")
    try:
        number = kind(value)
    except ValueError as error:
        raise InputError(f"the option {key!r} is {value!r}", expected=expected) from error
    if not math.isfinite(number):
        raise InputError(f"the option {key!r} is {value!r}", expected="a finite number")
    if key == "hand" and number != int(number):
        raise InputError(f"the option {key!r} is {value!r}", expected="a whole number")
    if key in _PROBABILITIES and not 0 <= number <= 1:
        raise InputError(f"the option {key!r} is {value}", expected="a probability between 0 and 1")
    if (key in _SIZES or "." in key) and number < 0:
        raise InputError(f"the option {key!r} is {value}", expected="0 or more")
    return number


def _text(outcome: int, truth: Sequence[float], contract: OutputContract, key: str) -> str:
    verdicts = len(truth) - 2
    if outcome >= verdicts:
        return _REFUSED if outcome == verdicts else "Both responses have something to be said for them."
    label = contract.labels[outcome]
    answer = contract.answer(label)
    if contract.form == "label":
        return answer
    if contract.form.startswith("pairwise with confidence"):
        answer += f" confidence: {round(100 * truth[outcome] / sum(truth[:verdicts]))}"
    tie = outcome == 2 and not is_choice(contract)
    remark = (
        "The two responses are about equally good."
        if tie
        else _REMARKS[int(key[:8], 16) % 3].format(label=label)
    )
    first = contract.form.endswith("verdict first")
    return f"{answer}\n\n{remark}" if first else f"{remark}\n\n{answer}"


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
