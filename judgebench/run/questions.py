"""A suite put to a judge: every trial with the request that asks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from judgebench.items.model import LETTERS
from judgebench.judges.base import Judge, Reply, Request, Sampling
from judgebench.judges.factory import open_judge
from judgebench.protocols import Mitigation, OutputContract, Protocol, Reading
from judgebench.protocols.mitigation.base import Asked, Combination
from judgebench.protocols.mitigation.turns import ANSWER
from judgebench.run.arms import ProtocolArm, protocol_arms
from judgebench.run.mitigating import Posed, Poser, mitigations_of
from judgebench.run.records import TrialRow
from judgebench.suite import Suite, Trial, trials
from judgebench.suite.layout import Layout

Labels = tuple[str, str, str]


@dataclass(frozen=True)
class Ways:
    """The protocols and mitigations of a suite, by name.

    Attributes:
        arms: How the judge is asked.
        mitigations: What is done about its biases.
        panel: The judges that a mitigation asks beside the audited one, by their specs.
    """

    arms: tuple[ProtocolArm, ...]
    mitigations: Mapping[str, Mitigation]
    panel: Mapping[str, Judge] = field(default_factory=dict)

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
        """What a reply says, by the protocol that asked for its form; a text that is no verdict says none."""
        if contract == ANSWER:
            return Reading("invalid", "no verdict was asked for")
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
    arms = protocol_arms(suite)
    found = mitigations_of(suite, arms)
    return Ways(
        arms, found, _panel(suite, [made for made in found.values() if isinstance(made, Combination)])
    )


def _panel(suite: Suite, combinations: Sequence[Combination]) -> dict[str, Judge]:
    """The judges that are asked beside the audited one, by their specs.

    Raises:
        InputError: A spec or an address is wrong, or a judge has two addresses.
    """
    places: dict[str, set[str | None]] = {}
    for made in combinations:
        for spec in made.judges:
            places.setdefault(spec, set()).add(made.addresses.get(spec))
    if several := next((spec for spec, addresses in places.items() if len(addresses) > 1), None):
        raise suite.document.error(
            ("mitigations",), f"{several} is asked at two addresses", expected="one address for each judge"
        )
    return {spec: open_judge(spec, base_url=address) for spec, (address,) in places.items()}


def check_capable(suite: Suite, ways: Ways, judge: Judge) -> None:
    """Check that the judge can do what the suite's protocols want of it.

    Raises:
        InputError: It gives no log probabilities, or holds no reply to a form, and a protocol wants that.
    """
    _check_panel(suite, ways, judge)
    for one in (judge, *ways.panel.values()):
        _check_able(suite, ways, one)


def _check_panel(suite: Suite, ways: Ways, judge: Judge) -> None:
    for other in ways.panel.values():
        if other.identity == judge.identity:
            raise suite.document.error(
                ("mitigations",),
                f"the panel names {judge.spec}, which is the audited judge",
                expected="other judges: the audited one is always a member",
            )


def _check_able(suite: Suite, ways: Ways, judge: Judge) -> None:
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
    """A trial with what is asked for it."""

    trial: Trial
    posed: Posed

    @property
    def request(self) -> Request:
        """The request that has its verdict."""
        return self.posed.request

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
            parts=self.posed.part_rows(),
            rule=self.posed.rule,
        )


def questions(suite: Suite, ways: Ways, judge: Judge) -> Iterator[Question]:
    """Every trial with its requests, lazily, in the order of the expansion."""
    asked = sampling_of(suite)
    samplings = {arm.name: replace(asked, reasoning_effort=arm.effort) for arm in ways.arms}
    poser = Poser(judge, ways.panel)

    # the same few come again and again, also where responses are shown under labels of their own
    @lru_cache(maxsize=256)
    def asked_by(name: str, count: int, labels: Labels | None) -> Protocol:
        protocol = ways.protocols[name].sized(count)
        return protocol if labels is None else protocol.with_labels(labels)

    for trial in trials(suite, ways.layouts):
        protocol = asked_by(trial.protocol, len(trial.order), trial.stimulus.labels_in(trial.order))
        shown = Asked(trial.item, trial.stimulus, trial.order, protocol)
        mitigation = ways.mitigations[trial.mitigation]
        yield Question(trial, poser.pose(trial, shown, mitigation, samplings[trial.protocol]))


def sampling_of(suite: Suite) -> Sampling:
    """The sampling parameters that a suite asks for."""
    asked = suite.spec.sampling
    effort = asked.reasoning_effort
    one = None if isinstance(effort, list) else effort
    return Sampling(asked.temperature, asked.max_tokens, asked.top_p, asked.seed, one)
