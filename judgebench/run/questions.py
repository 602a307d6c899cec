"""A suite put to a judge: every trial with the request that asks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judgebench.judges.base import Judge, Reply, Request, Sampling, Subject
from judgebench.judges.keys import request_key
from judgebench.protocols import (
    Message,
    Mitigation,
    OutputContract,
    Protocol,
    Reading,
    mitigations,
    protocols,
)
from judgebench.registry import Registry
from judgebench.run.records import TrialRow
from judgebench.suite import Suite, Trial, trials


@dataclass(frozen=True, slots=True)
class Ways:
    """The protocols and mitigations of a suite, by name.

    Attributes:
        protocols: How the judge is asked.
        mitigations: What is done about its biases.
    """

    protocols: Mapping[str, Protocol]
    mitigations: Mapping[str, Mitigation]

    def reading(self, contract: OutputContract, reply: Reply) -> Reading:
        """What a reply says, by the protocol that asked for its form."""
        protocol = next(p for p in self.protocols.values() if p.contract == contract)
        truncated, refused = reply.finish == "length", reply.finish == "refusal"
        if contract.top_logprobs:
            return protocol.read_tokens(reply.logprobs, reply.text, truncated=truncated, refused=refused)
        return protocol.read(reply.text, truncated=truncated, refused=refused)


def ways_of(suite: Suite) -> Ways:
    """The protocols and mitigations that a suite names, with their options.

    Raises:
        InputError: A name or an option is unknown, or an item has more responses than a protocol can show.
    """
    ways = Ways(
        dict(_made(suite, "protocols", suite.spec.protocols, protocols)),
        dict(_made(suite, "mitigations", suite.spec.mitigations, mitigations)),
    )
    for index, (name, protocol) in enumerate(ways.protocols.items()):
        _check_responses(suite, index, name, protocol.max_responses)
    return ways


def _check_responses(suite: Suite, index: int, name: str, most: int) -> None:
    for item in suite.items:
        if len(item.responses) > most:
            raise suite.document.error(
                ("protocols", index) if ("protocols",) in suite.document.places else ("items",),
                f"the item {item.id!r} has {len(item.responses)} responses, "
                f"but the protocol {name!r} shows {most}",
                expected=f"items with {most} responses, or a protocol for more",
            )


def _made(
    suite: Suite, key: str, named: list[dict[str, dict[str, Any]]], registry: Registry[Any]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for index, entry in enumerate(named):
        name, options = next(iter(entry.items()))
        if name not in registry:
            error = registry.unknown(name)
            raise suite.document.error(
                (key, index, name),
                f"unknown name {name!r} among the {key}",
                expected=error.expected,
                suggestion=error.suggestion,
            )
        if name in seen:
            raise suite.document.error((key, index), f"{name!r} comes twice", expected="each once")
        seen.add(name)
        try:
            yield name, registry.get(name)(**options)
        except (TypeError, ValueError) as error:
            raise suite.document.error(
                (key, index, name), f"{name!r} does not take {options}: {error}"
            ) from error


def check_capable(suite: Suite, ways: Ways, judge: Judge) -> None:
    """Check that the judge can do what the suite's protocols want of it.

    Raises:
        InputError: It gives no log probabilities, or holds no reply to a form, and a protocol wants that.
    """
    can = judge.capabilities
    for index, (name, protocol) in enumerate(ways.protocols.items()):
        contract = protocol.contract
        if contract.top_logprobs and not can.logprobs:
            lacks = "gives no log probabilities"
        elif contract.constrained and not can.structured_output:
            lacks = "holds no reply to given labels"
        else:
            continue
        raise suite.document.error(
            ("protocols", index, name),
            f"judge {judge.spec} {lacks}, which {name} asks for",
            expected="a judge that does, or the protocol with `verdict: text`",
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A trial with its request."""

    trial: Trial
    request: Request

    def row(self) -> TrialRow:
        """The trial as the store keeps it."""
        t = self.trial
        return TrialRow(
            ordinal=t.ordinal,
            item_id=t.item.id,
            source=t.item.source or "",
            category=t.item.category,
            gold=t.item.gold,
            perturbation=t.perturbation,
            arm=t.arm,
            target=t.target,
            order=t.order,
            protocol=t.protocol,
            mitigation=t.mitigation,
            repeat=t.repeat,
            request_key=self.request.key,
            record=t.record or "{}",
        )


def questions(suite: Suite, ways: Ways, judge: Judge) -> Iterator[Question]:
    """Every trial with its request, lazily, in the order of the expansion."""
    sampling = sampling_of(suite)
    identity, parameters = judge.identity, judge.effective(sampling)
    for trial in trials(suite):
        protocol = ways.protocols[trial.protocol]
        messages = ways.mitigations[trial.mitigation].apply(protocol.render(trial.stimulus, trial.order))
        key = request_key(identity, messages, parameters, protocol.contract, trial.repeat)
        yield Question(trial, _request(trial, key, messages, sampling, protocol.contract))


def _request(
    trial: Trial, key: str, messages: tuple[Message, ...], sampling: Sampling, contract: OutputContract
) -> Request:
    subject = Subject(
        trial.item.id,
        trial.item.gold,
        trial.order,
        trial.perturbation,
        trial.arm,
        trial.target,
        trial.repeat,
    )
    return Request(key, messages, sampling, contract, trial.repeat, subject)


def sampling_of(suite: Suite) -> Sampling:
    """The sampling parameters that a suite asks for."""
    asked = suite.spec.sampling
    return Sampling(asked.temperature, asked.max_tokens, asked.top_p, asked.seed)
