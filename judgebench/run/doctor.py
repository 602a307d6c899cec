"""Examining a judge before a run relies on it: a few questions, with everything that came back looked at."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Final

from judgebench.items import Item
from judgebench.judges.base import Judge, JudgeFault, Reply, Request, Sampling, Subject
from judgebench.judges.keys import request_key
from judgebench.perturb import Stimulus
from judgebench.protocols.pairwise import MIN_MASS, Pairwise
from judgebench.protocols.reading import Reading, read_choice
from judgebench.run.prices import Price

_ITEM: Final = Item(
    "doctor", "What is seven times eight?", "Seven times eight is 56.", "Seven times eight is 54.", gold="a"
)
_UNLIKELY: Final = ("heron-71", "basalt-38")
"""Labels that nobody would say of their own accord: a reply that is one of them was held to it."""
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        passed: Whether a run can rely on it.
        found: What was found, in words.
        mend: What to do about it; empty where there is nothing to do.
    """

    check: str
    passed: bool
    found: str
    mend: str = ""


async def examine(judge: Judge, price: Price | None) -> list[Finding]:
    """Ask a simple question in each of the ways that the judge declares, and once more, and look at what comes back."""
    protocol = Pairwise()
    async with judge:
        started = time.monotonic()
        try:
            first = await judge.ask(_request(judge, protocol))
        except JudgeFault as fault:
            return [Finding("answers", passed=False, found=_said(fault), mend=await _mend(judge, fault))]
        return [
            Finding("answers", passed=True, found=f"in {time.monotonic() - started:.2f} s"),
            _served(judge, first),
            _in_form(protocol, first),
            await _constrained(judge),
            *await _logprobs(judge),
            await _again(judge, protocol, first),
            _cost(first, price),
        ]


def _request(judge: Judge, protocol: Pairwise, replicate: int = 0) -> Request:
    messages = protocol.render(Stimulus.of(_ITEM), "ab")
    sampling = Sampling()
    effective = judge.effective(sampling)
    key = request_key(judge.identity, messages, effective, protocol.contract, replicate)
    subject = Subject(_ITEM.id, _ITEM.gold, "ab", repeat=replicate)
    return Request(key, messages, sampling, protocol.contract, replicate, subject)


def _served(judge: Judge, reply: Reply) -> Finding:
    """Whether the model that answered is the one that was asked; providers may add a snapshot's date to its name."""
    asked, served = str(judge.identity.get("model", "")), reply.served_model
    if served is None:
        return Finding("served model", passed=True, found="not told by the provider")
    name = re.escape(asked.rpartition("/")[2].removesuffix("-latest"))
    known = re.fullmatch(rf"{name}(?:[-@:]\d[\w.-]*)?", served.rpartition("/")[2]) is not None
    mend = "" if known else f"{asked} was asked: name the model that the server has, or check the gateway"
    return Finding("served model", known, served, mend)


def _in_form(protocol: Pairwise, reply: Reply) -> Finding:
    reading = protocol.read(reply.text, truncated=reply.finish == "length", refused=reply.finish == "refusal")
    if reading.outcome in {"first", "second", "tie"}:
        return Finding("verdict in its form", passed=True, found=reading.outcome)
    mend = f"it said: {reply.text[:_SHOWN]!r}; raise max_tokens or choose another protocol"
    return Finding("verdict in its form", passed=False, found=reading.reason, mend=mend)


async def _constrained(judge: Judge) -> Finding:
    """Whether a constraint takes effect: it asks for one that no free reply would meet."""
    check = "structured output"
    if not judge.capabilities.structured_output:
        return Finding(check, passed=True, found="not offered: `verdict: constrained` is refused")
    request = _request(judge, Pairwise(verdict="constrained", tie=False))
    request = replace(request, contract=replace(request.contract, labels=_UNLIKELY))
    try:
        reply = await judge.ask(request)
    except JudgeFault as fault:
        return Finding(check, passed=False, found=_said(fault), mend="do not use `verdict: constrained`")
    if read_choice(reply.text, _UNLIKELY).outcome in {"first", "second"}:
        return Finding(check, passed=True, found=f"held to two odd labels, it said {reply.text[:_SHOWN]!r}")
    return Finding(
        check,
        passed=False,
        found="ignored without a word",
        mend=f"it said: {reply.text[:_SHOWN]!r}; update the server, or do not use `verdict: constrained`",
    )


async def _logprobs(judge: Judge) -> list[Finding]:
    """Whether log probabilities come back, and how much of the probability the labels hold."""
    check = "log probabilities"
    if not judge.capabilities.logprobs:
        return [Finding(check, passed=True, found="not offered: `verdict: logprob` is refused")]
    protocol = Pairwise(verdict="logprob")
    try:
        reply = await judge.ask(_request(judge, protocol))
    except JudgeFault as fault:
        return [Finding(check, passed=False, found=_said(fault), mend="do not use `verdict: logprob`")]
    reading = _read_tokens(protocol, reply)
    if not reply.logprobs:
        mend = "start the server with log probabilities on, or do not use `verdict: logprob`"
        return [Finding(check, passed=False, found=f"none came back ({reading.reason})", mend=mend)]
    alternatives = max(len(token.top) for token in reply.logprobs)
    return [
        Finding(check, passed=True, found=f"of {alternatives} alternatives at the verdict's place"),
        _mass(reading, reply),
    ]


def _mass(reading: Reading, reply: Reply) -> Finding:
    found = reading.probabilities
    mass = 0.0 if found is None else found.mass
    told = f"they hold {mass:.3f} of the probability"
    if found is not None and reading.reason != "low mass":
        told += f": first {found.first:.3f}, second {found.second:.3f}, tie {found.tie:.3f}"
        return Finding("labels", passed=True, found=told)
    mend = f"it said: {reply.text[:_SHOWN]!r}; below {MIN_MASS:g} there is no verdict: use `verdict: text`"
    return Finding("labels", passed=False, found=told, mend=mend)


async def _again(judge: Judge, protocol: Pairwise, first: Reply) -> Finding:
    """Whether the same question brings the same reply."""
    try:
        second = await judge.ask(_request(judge, protocol, replicate=1))
    except JudgeFault as fault:
        return Finding(
            "same question twice", passed=False, found=_said(fault), mend=await _mend(judge, fault)
        )
    same = first.text == second.text
    told = "the same reply" if same else "another reply; every run measures this"
    return Finding("same question twice", passed=True, found=told)


def _cost(reply: Reply, price: Price | None) -> Finding:
    usage = reply.usage
    cost = "price unknown" if price is None else f"${price.cost(usage):.6f}"
    return Finding("one request", passed=True, found=f"{usage.prompt} + {usage.completion} tokens, {cost}")


def _read_tokens(protocol: Pairwise, reply: Reply) -> Reading:
    return protocol.read_tokens(
        reply.logprobs, reply.text, truncated=reply.finish == "length", refused=reply.finish == "refusal"
    )


def _said(fault: JudgeFault) -> str:
    return f"{fault.kind}: {fault}"


async def _mend(judge: Judge, fault: JudgeFault) -> str:
    if fault.status == 404 and (models := await judge.models()):
        return f"the server has {', '.join(models)}"
    return {
        401: "check the key in the environment",
        403: "the key may not use this model",
        404: "check the model's name and the address",
        429: "wait, or ask for a higher limit",
    }.get(fault.status or 0, "check that the server runs and the address is right")
