"""The mitigations of a suite, and the requests that a trial takes under each: one, two in turn, or several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from judgebench.judges.base import Judge, Request, Sampling, Subject
from judgebench.judges.keys import keys_of, request_key
from judgebench.perturb import Stimulus
from judgebench.protocols import Message, Mitigation, OutputContract, mitigations
from judgebench.protocols.mitigation.base import NONE, Asked, Combination, Member, TwoTurns
from judgebench.protocols.reading import strip_thinking
from judgebench.protocols.templated import texts_in
from judgebench.run.arms import LABEL, ProtocolArm
from judgebench.run.records import PartRow
from judgebench.suite import Suite, Trial
from judgebench.suite.options import options_model, title_of
from judgebench.suite.strict_yaml import KeyPath
from judgebench.suite.validate import check_model

TURN: Final = "turn"

KeyOf = Callable[[Sequence[Message], int], str]


@dataclass(frozen=True, slots=True)
class Part:
    """A request that another one, or a combination, rests on.

    Attributes:
        request: The request.
        judge: The spec of the judge that it goes to; None for the audited one.
        turned: Whether it shows a pair in the other order.
    """

    request: Request
    judge: str | None = None
    turned: bool = False


def _nothing(said: str) -> tuple[Message, ...]:
    del said
    return ()


@dataclass(frozen=True, slots=True)
class Posed:
    """What a trial takes.

    Attributes:
        request: The request whose reply has the verdict; for a combination one that is never sent and stands for it.
        parts: What it rests on: the first turn, or the members of a combination.
        rule: Empty for a plain request; `turn` for a second turn; or how members are combined.
        then: The messages of a second turn, given the first reply; none where there is no second turn.
    """

    request: Request
    parts: tuple[Part, ...] = ()
    rule: str = ""
    then: Callable[[str], tuple[Message, ...]] = _nothing

    @property
    def combines(self) -> bool:
        """Whether the verdict is that of several replies."""
        return self.rule not in {"", TURN}

    def sent(self) -> Iterator[tuple[str | None, Request]]:
        """All that is sent for it, each with the spec of the judge that it goes to; None for the audited one."""
        yield from ((part.judge, part.request) for part in self.parts)
        if not self.combines:
            yield None, self.request

    def second(self, said: str) -> Request:
        """The second turn with the first reply in it."""
        return replace(self.request, messages=self.then(strip_thinking(said)[0]))

    def part_rows(self) -> tuple[PartRow, ...]:
        """Its parts as the store keeps them."""
        return tuple(PartRow(part.request.key, part.turned) for part in self.parts)


class Poser:
    """Makes the requests of trials for one run.

    Args:
        judge: The audited judge.
        panel: The other judges that a mitigation asks, by their specs.
    """

    def __init__(self, judge: Judge, panel: Mapping[str, Judge]) -> None:
        self._judge = judge
        self._panel = panel
        self._keys: dict[tuple[str | None, Sampling, OutputContract], KeyOf] = {}
        self._item_id: str | None = None
        self._rendered: dict[tuple[Stimulus, str, str, str, OutputContract], tuple[Message, ...]] = {}

    def pose(self, trial: Trial, asked: Asked, mitigation: Mitigation, sampling: Sampling) -> Posed:
        """The requests of a trial."""
        shown = replace(asked, stimulus=mitigation.show(asked.item, asked.stimulus))
        if isinstance(mitigation, Combination):
            return self._combination(trial, shown, mitigation, sampling)
        if isinstance(mitigation, TwoTurns) and mitigation.asks_first:
            return self._turns(trial, shown, mitigation, sampling)
        return Posed(
            self._request(trial, shown, self._messages(trial, mitigation, shown), sampling, trial.repeat)
        )

    def _messages(self, trial: Trial, mitigation: Mitigation, shown: Asked) -> tuple[Message, ...]:
        """What is sent; what an item is shown as again, as its controls are, is rendered once."""
        if shown.item.id != self._item_id:
            self._item_id = shown.item.id
            self._rendered.clear()
        # by names: a protocol or a mitigation of a plugin need not be hashable
        like = shown.stimulus, shown.order, trial.protocol, trial.mitigation, shown.protocol.contract
        if like not in self._rendered:
            self._rendered[like] = mitigation.messages(shown)
        return self._rendered[like]

    def _turns(self, trial: Trial, asked: Asked, mitigation: TwoTurns, sampling: Sampling) -> Posed:
        """Both turns; the key of the second follows from that of the first, whose reply is not known yet."""
        messages, contract = mitigation.opening(asked)
        first = self._request(trial, asked, messages, sampling, trial.repeat, contract=contract)

        def then(said: str) -> tuple[Message, ...]:
            return mitigation.then(asked, said)

        second = self._request(trial, asked, then(f"reply to {first.key}"), sampling, trial.repeat)
        return Posed(second, (Part(first),), TURN, then)

    def _combination(self, trial: Trial, asked: Asked, mitigation: Combination, sampling: Sampling) -> Posed:
        if mitigation.temperature is not None:
            sampling = replace(sampling, temperature=mitigation.temperature)
        members = mitigation.members(trial.order, trial.repeat)
        parts = tuple(self._part(trial, asked, mitigation, sampling, member) for member in members)
        named = [Message("user", f"{part.request.key} {part.turned}") for part in parts]
        contract = asked.protocol.contract
        key = request_key(self._judge.identity, named, {"rule": mitigation.rule}, contract, trial.repeat)
        return Posed(replace(parts[0].request, key=key, messages=()), parts, mitigation.rule)

    def _part(
        self, trial: Trial, asked: Asked, mitigation: Combination, sampling: Sampling, member: Member
    ) -> Part:
        shown = asked
        if member.order != asked.order:
            labels = asked.stimulus.labels_in(member.order)
            protocol = asked.protocol if labels is None else asked.protocol.with_labels(labels)
            shown = replace(asked, order=member.order, protocol=protocol)
        messages = mitigation.messages(shown)
        request = self._request(trial, shown, messages, sampling, member.replicate, judge=member.judge)
        return Part(request, member.judge, member.order != asked.order)

    def _request(
        self,
        trial: Trial,
        asked: Asked,
        messages: tuple[Message, ...],
        sampling: Sampling,
        replicate: int,
        *,
        contract: OutputContract | None = None,
        judge: str | None = None,
    ) -> Request:
        form = contract or asked.protocol.contract
        key = self._key_of(judge, sampling, form)(messages, replicate)
        return Request(key, messages, sampling, form, replicate, _subject(trial, asked, replicate))

    def _key_of(self, judge: str | None, sampling: Sampling, contract: OutputContract) -> KeyOf:
        """The keys of requests that differ in messages alone; kept, since most do."""
        like = judge, sampling, contract
        if like not in self._keys:
            who = self._judge if judge is None else self._panel[judge]
            self._keys[like] = keys_of(who.identity, who.effective(sampling), contract)
        return self._keys[like]


def _subject(trial: Trial, asked: Asked, replicate: int) -> Subject:
    return Subject(
        trial.item.id,
        asked.protocol.gold(trial.item),
        asked.order,
        trial.perturbation,
        trial.arm,
        trial.target,
        replicate,
        tuple(texts_in(asked.stimulus, asked.order)),
        "".join(trial.item.letters),
    )


def sent_for_one(mitigation: Mitigation) -> int:
    """How many requests one trial takes."""
    if isinstance(mitigation, Combination):
        return len(mitigation.members("ab", 0))
    return 2 if isinstance(mitigation, TwoTurns) and mitigation.asks_first else 1


def other_members(made: Mapping[str, Mitigation]) -> Iterator[tuple[str, int]]:
    """The members of combinations that are other judges: the mitigation's name and the member's place."""
    for name, mitigation in made.items():
        if isinstance(mitigation, Combination):
            members = mitigation.members("ab", 0)
            yield from ((name, place) for place, member in enumerate(members) if member.judge is not None)


def mitigations_of(suite: Suite, arms: tuple[ProtocolArm, ...]) -> Mapping[str, Mitigation]:
    """The mitigations that a suite names, with their options.

    Raises:
        InputError: A name or an option is unknown or wrong, or one does not go with a protocol or an item.
    """
    found: dict[str, Mitigation] = {}
    for index, entry in enumerate(suite.spec.mitigations):
        name, options = next(iter(entry.items()))
        path: KeyPath = ("mitigations", index)
        path = (*path, name) if (*path, name) in suite.document.places else path
        if name not in mitigations:
            error = mitigations.unknown(name)
            raise suite.document.error(
                path,
                f"unknown name {name!r} among the mitigations",
                expected=error.expected,
                suggestion=error.suggestion,
            )
        kind, more = mitigations.get(name), {} if name == NONE else {"name": (str | None, None)}
        check_model(suite.document, options_model(name, kind.options(), more), dict(options), path)
        _check_label(suite, options.get("name"), (*path, "name"))
        try:
            made = kind(**{key: value for key, value in options.items() if key != "name"})
            _check(suite, made, arms)
        except (TypeError, ValueError) as error:
            raise suite.document.error(path, f"{name!r} does not take this: {error}") from error
        found[title_of(entry)] = made
    return found


def _check_label(suite: Suite, label: str | None, path: KeyPath) -> None:
    if label is not None and not LABEL.fullmatch(label):
        raise suite.document.error(
            path, f"'name' is {label!r}", expected="letters, digits, '.', '_' and '-' only"
        )


def _check(suite: Suite, made: Mitigation, arms: tuple[ProtocolArm, ...]) -> None:
    for arm in arms:
        try:
            made.check(arm.protocol)
        except ValueError as error:
            raise ValueError(f"{error} ({arm.name})") from error
    for item in suite.items:
        made.check_item(item)
