"""The contract of a protocol: render a stimulus into messages, and read the reply."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar, Final, get_type_hints

from judgebench.errors import InputError, PluginError
from judgebench.items import Gold, Item
from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading
from judgebench.protocols.tokens import TokenLogprobs
from judgebench.registry import Registry
from judgebench.suite.layout import Layout


class Protocol(ABC):
    """A way to ask a judge about a stimulus. It holds no state of a run.

    The keyword-only parameters of its construction are the options that a suite may set.

    Attributes:
        name: Its name in suites.
        summary: What it does, in half a line.
        paths: Options that name files, relative to the suite's.
        several: Options of which a suite may list several values, each an arm of its own.
        settled: Options that `arms` settles and no suite names.
        layout: What of an item it shows.
        contract: The form of the reply.
        scale: The least and the greatest score, where it gives scores.
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    paths: ClassVar[tuple[str, ...]] = ()
    several: ClassVar[tuple[str, ...]] = ()
    settled: ClassVar[tuple[str, ...]] = ()
    layout: Layout = Layout()
    contract: OutputContract
    scale: tuple[float, float] | None = None

    @abstractmethod
    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """The messages: the responses of the order verbatim, the first of the order first.

        The layout is *instruction, question, responses, tail*, so that trials of one item share a long
        prefix.
        """

    def with_labels(self, labels: tuple[str, ...]) -> Protocol:
        """The same protocol with other labels on the responses: first, second, tie.

        Raises:
            InputError: It shows no labels that could be others.
        """
        del labels
        raise InputError(
            f"the protocol {self.name!r} shows no labels that could be changed",
            expected="pairwise, where the perturbation is one of labels",
        )

    @abstractmethod
    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """What a reply says, in the frame of the display."""

    def read_tokens(
        self, tokens: Sequence[TokenLogprobs], text: str, *, truncated: bool, refused: bool
    ) -> Reading:
        """What the probabilities at the verdict's place say; asked where the contract wants `top_logprobs`.

        Args:
            tokens: The tokens that `verdict_tokens` keeps.
            text: The reply, to tell a refusal by.
            truncated: It was cut at the token limit.
            refused: The provider marks it as a refusal.
        """
        raise NotImplementedError(f"{type(self).__name__} wants log probabilities and does not read them")

    def sized(self, count: int) -> Protocol:
        """The protocol for items with so many responses: another one where the labels on offer differ."""
        del count
        return self

    def gold(self, item: Item) -> Gold | None:
        """Which response is the better one by what the protocol asks for."""
        return item.gold

    @classmethod
    def title(cls, options: Mapping[str, Any]) -> str:
        """The first part of its name in the column `protocol`."""
        del options
        return cls.name

    @classmethod
    def arms(cls, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What one entry of a suite stands for: the endings of the names, each with the options of its own."""
        yield "", options

    @classmethod
    def options(cls) -> Mapping[str, inspect.Parameter]:
        """The options that a suite may set, with their types.

        Raises:
            PluginError: An annotation names something that its module does not define.
        """
        return options_of(cls)


def options_of(kind: type) -> Mapping[str, inspect.Parameter]:
    """The keyword-only parameters of a class's construction, with their types resolved.

    A class that hands on what it does not know itself (`**`) has the options of its bases too.

    Raises:
        PluginError: An annotation names something that its module does not define.
    """
    found: dict[str, inspect.Parameter] = {}
    for base in kind.__mro__:
        if "__init__" not in base.__dict__ or base is object:
            continue
        parameters = inspect.signature(base.__dict__["__init__"]).parameters.values()
        own = {p.name: p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        found = {**_typed(base, own), **found}
        if all(p.kind is not inspect.Parameter.VAR_KEYWORD for p in parameters):
            break
    return found


def _typed(owner: type, parameters: Mapping[str, inspect.Parameter]) -> dict[str, inspect.Parameter]:
    stub = SimpleNamespace(__annotations__={name: p.annotation for name, p in parameters.items()})
    try:
        hints = get_type_hints(stub, owner.__dict__["__init__"].__globals__, include_extras=True)
    except (NameError, SyntaxError, TypeError) as error:
        raise PluginError(f"an option of {owner.__name__} has a type that is unknown: {error}") from error
    return {name: p.replace(annotation=hints[name]) for name, p in parameters.items()}


protocols: Final[Registry[type[Protocol]]] = Registry(
    "protocols",
    Protocol,
    {
        "choice": "judgebench.protocols.choice:Choice",
        "criterion": "judgebench.protocols.criterion:Criterion",
        "file": "judgebench.protocols.own:OwnJudge",
        "joint": "judgebench.protocols.pairwise:Joint",
        "listwise": "judgebench.protocols.choice:Listwise",
        "pairwise": "judgebench.protocols.pairwise:Pairwise",
        "pointwise": "judgebench.protocols.pointwise:Pointwise",
        "round_robin": "judgebench.protocols.pairwise:RoundRobin",
        "rubric": "judgebench.protocols.rubric:Rubric",
        "self_reference": "judgebench.protocols.pairwise:SelfReference",
    },
)
