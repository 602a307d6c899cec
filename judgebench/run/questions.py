"""A suite put to a judge: every trial with the request that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from judgebench.items import Gold
from judgebench.items.model import LETTERS
from judgebench.judges.base import Judge, Reply, Request, Sampling, Subject
from judgebench.judges.keys import keys_of
from judgebench.protocols import (
    Message,
    Mitigation,
    OutputContract,
    Protocol,
    Reading,
    mitigations,
)
from judgebench.protocols.templated import texts_in
from judgebench.registry import Registry
from judgebench.run.arms import ProtocolArm, protocol_arms
from judgebench.run.records import TrialRow
from judgebench.suite import Suite, Trial, trials
from judgebench.suite.layout import Layout

Labels = tuple[str, str, str]
KeyOf = Callable[[Sequence[Message], int], str]


@dataclass(frozen=True)
class Ways:
    """The protocols and mitigations of a suite, by name.

    Attributes:
        arms: How the judge is asked.
        mitigations: What is done about its biases.
    """

    arms: tuple[ProtocolArm, ...]
    mitigations: Mapping[str, Mitigation]

    @cached_property
    def protocols(self) -> Mapping[str, Protocol]:
        """The protocols by the names of the column `protocol`."""
        return {arm.name: arm.protocol for arm in self.arms}

    @cached_property
    def layouts(self) -> Mapping[str, Layout]:
        """What each shows of an item."""
        return {arm.name: arm.protocol.layout for arm in self.arms}

    @cached_property
    def _readers(self) -> Mapping[OutputContract, Protocol]:
        sized = (arm.protocol.sized(count) for arm in self.arms for count in range(1, len(LETTERS) + 1))
        found: dict[OutputContract, Protocol] = {}
        for protocol in sized:
            found.setdefault(protocol.contract, protocol)
        return found

    def reading(self, contract: OutputContract, reply: Reply) -> Reading:
        """What a reply says, by the protocol that asked for its form."""
        protocol = self._readers.get(contract)
        if protocol is None:  # asked under labels of its own
            same = next(p for known, p in self._readers.items() if _alike(known, contract))
            protocol = same.with_labels(contract.labels)
        truncated, refused = reply.finish == "length", reply.finish == "refusal"
        if contract.top_logprobs:
            return protocol.read_tokens(reply.logprobs, reply.text, truncated=truncated, refused=refused)
        return protocol.read(reply.text, truncated=truncated, refused=refused)


def _alike(one: OutputContract, other: OutputContract) -> bool:
    """Whether two contracts differ in what the labels are called alone."""
    return len(one.labels) == len(other.labels) and replace(one, labels=other.labels) == other


def ways_of(suite: Suite) -> Ways:
    """The protocols and mitigations that a suite names, with their options.

    Raises:
        InputError: A name or an option is unknown, or no item can be shown.
    """
    return Ways(
        protocol_arms(suite),
        dict(_made(suite, "mitigations", suite.spec.mitigations, mitigations)),
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
    can, asked = judge.capabilities, sampling_of(suite)
    for arm in ways.arms:
        contract, expected = arm.protocol.contract, "a judge that does, or the protocol with `verdict: text`"
        if contract.top_logprobs and not can.logprobs:
            lacks = "gives no log probabilities"
        elif contract.constrained and not can.structured_output:
            lacks = "holds no reply to given labels"
        else:
            continue
        raise suite.document.error(
            arm.place, f"judge {judge.spec} {lacks}, which {arm.name} asks for", expected=expected
        )
    for effort in {arm.effort for arm in ways.arms} - {None}:
        if judge.effective(replace(asked, reasoning_effort=effort)) == judge.effective(asked):
            raise suite.document.error(
                ("sampling", "reasoning_effort"),
                f"judge {judge.spec} takes no reasoning effort",
                expected="a judge that does, or none",
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
            gold=self.request.subject.gold,
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
    identity, asked = judge.identity, sampling_of(suite)
    samplings = {arm.name: replace(asked, reasoning_effort=arm.effort) for arm in ways.arms}

    # the same few come again and again, also where responses are shown under labels of their own
    @lru_cache(maxsize=256)
    def asked_by(name: str, count: int, labels: Labels | None) -> tuple[Protocol, KeyOf]:
        protocol = ways.protocols[name].sized(count)
        if labels is not None:
            protocol = protocol.with_labels(labels)
        return protocol, keys_of(identity, judge.effective(samplings[name]), protocol.contract)

    for trial in trials(suite, ways.layouts):
        labels = trial.stimulus.labels_in(trial.order)
        protocol, key_of = asked_by(trial.protocol, len(trial.order), labels)
        messages = ways.mitigations[trial.mitigation].apply(protocol.render(trial.stimulus, trial.order))
        key, subject = key_of(messages, trial.repeat), _subject(trial, protocol.gold(trial.item))
        sampling = samplings[trial.protocol]
        yield Question(trial, Request(key, messages, sampling, protocol.contract, trial.repeat, subject))


def _subject(trial: Trial, gold: Gold | None) -> Subject:
    return Subject(
        trial.item.id,
        gold,
        trial.order,
        trial.perturbation,
        trial.arm,
        trial.target,
        trial.repeat,
        tuple(texts_in(trial.stimulus, trial.order)),
        "".join(trial.item.letters),
    )


def sampling_of(suite: Suite) -> Sampling:
    """The sampling parameters that a suite asks for."""
    asked = suite.spec.sampling
    effort = asked.reasoning_effort
    one = None if isinstance(effort, list) else effort
    return Sampling(asked.temperature, asked.max_tokens, asked.top_p, asked.seed, one)
