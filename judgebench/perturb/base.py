"""The perturbation: a small function with a declaration, entered by a decorator.

    @perturbation("shouting", family="invariance", summary="the response in capitals")
    def shouting(text: str, draw: Draw) -> str:
        return text.upper()

The function gets the target response, the prompt, or "" where it writes a note, and returns the new text.
Keyword-only parameters are the options that a suite may set. One of them, `dose` unless it is declared otherwise, may
be given as a list, each value its own variant.
"""

from __future__ import annotations

import hashlib
import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final, Literal, TypeVar, get_type_hints

from judgebench.errors import PluginError
from judgebench.items import Item, Letter
from judgebench.perturb.stimulus import Place
from judgebench.registry import Registry

Family = Literal["invariance", "discrimination", "relational", "instrument"]
Targets = Literal["one", "both", "a", "b", "better", "worse"]

RESERVED_OPTIONS: Final = frozenset({"targets", "placebo"})
"""What a suite may say of every perturbation, and so no plugin's own option."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draw:
    """What a perturbation may look at and draw from: the item, the target, and a stream of its own."""

    item: Item
    target: Letter
    rng: random.Random

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, by the stream."""
        return self.rng.choice(options)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a manipulation check.

    Attributes:
        failures: What did not hold, in words; empty where all did.
        measures: What was measured (`length_ratio`, ...).
    """

    failures: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the change did what it says and left alone what it should."""
        return not self.failures


Apply = Callable[..., str]
"""(text, draw, *, options) -> the new text."""
PlaceboOf = Callable[..., str]
"""(text, draw, cue, *, options) -> the placebo's text; `cue` is what the treatment made of the same text."""
CheckOf = Callable[..., Check]
"""(before, after, *, options) -> what holds."""
AppliesTo = Callable[..., bool]
"""(text, draw, *, options) -> whether there is anything to change."""
RewriteBy = Callable[..., str | None]
"""(draw, *, options) -> what a model is told to do with the text; None where the function does it itself."""
PresenceOf = Callable[[str], float]
"""(text) -> how much of the cue stands in it; 0 is none."""


class Perturbation:
    """A perturbation as it is declared.

    Attributes:
        id: Its name in suites, tables and columns.
        family: Which effect is the right one, and so how it is decided.
        place: What it changes: the target `response`, the `prompt`, a note (see `NotePlace`), the responses'
            `label`, or the `order`, which needs no text.
        places: Other places, by the value of the option `where`.
        summary: What it does, in half a line.
        papers: Where the bias was first shown.
        version: Part of the random stream; raised whenever the texts change.
        arm: `treatment`, or `positive_control` where the judge must react.
        markers: For cues: texts of which exactly one stands in every treated text, and none before.
        levels: The option that may be given as a list.
        dose: The default values of that option, each its own variant; empty where it has one default.
        targets: Which response is changed unless a suite says otherwise.
    """

    def __init__(
        self,
        name: str,
        apply: Apply | None,
        *,
        family: Family,
        summary: str,
        place: Place = "response",
        places: Mapping[str, Place] = MappingProxyType({}),
        papers: Sequence[str] = (),
        version: int = 1,
        arm: Literal["treatment", "positive_control"] = "treatment",
        markers: Sequence[str] = (),
        levels: str = "dose",
        dose: Sequence[float | str] = (),
        targets: Targets = "one",
    ) -> None:
        self.id = name
        self.apply = apply
        self.family: Family = family
        self.summary = summary
        self.place: Place = place
        self.places: Mapping[str, Place] = MappingProxyType(dict(places))
        self.papers = tuple(papers)
        self.version = version
        self.arm: Literal["treatment", "positive_control"] = arm
        self.markers = tuple(markers)
        self.levels = levels
        self.dose = tuple(dose)
        self.targets: Targets = targets
        self.placebo_of: PlaceboOf | None = None
        self.placebo_if: Callable[..., bool] | None = None
        self.check_of: CheckOf | None = None
        self.applies_to: AppliesTo | None = None
        self.presence_of: PresenceOf | None = None
        self.rewrite_by: RewriteBy | None = None

    def __repr__(self) -> str:
        return f"<Perturbation {self.id}>"

    @property
    def is_cue(self) -> bool:
        """Whether it adds a text that should not matter, and so has a placebo as long and in its place."""
        return self.placebo_of is not None

    def place_with(self, options: Mapping[str, Any]) -> Place:
        """What it changes with these options."""
        return self.places.get(options.get("where", ""), self.place)

    def has_placebo(self, options: Mapping[str, Any]) -> bool:
        """Whether there is a placebo with these options."""
        return self.placebo_of is not None and (self.placebo_if is None or self.placebo_if(**options))

    def settled(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options with the defaults of those that are left out."""
        defaults = {p.name: p.default for p in self.options.values() if p.default is not p.empty}
        return {**defaults, **options}

    @cached_property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """The options that a suite may set: the keyword-only parameters of the function, with their types.

        Raises:
            PluginError: An annotation names something that the plugin's module does not define.
        """
        if self.apply is None:
            return {}
        parameters = inspect.signature(self.apply).parameters.values()
        own = {p.name: p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        # The options' annotations alone: a plugin may import the types of the others for type checking only.
        stub = SimpleNamespace(__annotations__={name: p.annotation for name, p in own.items()})
        try:
            found = get_type_hints(stub, getattr(self.apply, "__globals__", {}), include_extras=True)
        except (NameError, SyntaxError, TypeError) as error:
            raise PluginError(
                f"an option of the perturbation {self.id!r} has a type that is unknown: {error}"
            ) from error
        return {name: p.replace(annotation=found[name]) for name, p in own.items()}

    def placebo(self, function: PlaceboOf, *, when: Callable[..., bool] | None = None) -> PlaceboOf:
        """Decorator: this function writes the placebo, for all options or where `when` holds of them."""
        self.placebo_of, self.placebo_if = function, when
        return function

    def check(self, function: CheckOf) -> CheckOf:
        """Decorator: this function checks the change, beyond what is checked for every perturbation."""
        self.check_of = function
        return function

    def applies(self, function: AppliesTo) -> AppliesTo:
        """Decorator: this function says whether a text has what is to be changed; trials of others are left out."""
        self.applies_to = function
        return function

    def presence(self, function: PresenceOf) -> PresenceOf:
        """Decorator: this function says how much of the cue stands in a text, where no markers tell it."""
        self.presence_of = function
        return function

    def rewrite(self, function: RewriteBy) -> RewriteBy:
        """Decorator: this function says what a model is told, where the change is one that a model makes."""
        self.rewrite_by = function
        return function

    def stream(self, seed: int, item: Item, replicate: int) -> random.Random:
        """The random stream of one item: the same whatever else a suite holds, for all targets and arms."""
        name = f"{seed}\x1f{self.id}\x1f{self.version}\x1f{item.id}\x1f{replicate}"
        return random.Random(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())  # noqa: S311  # a design, not a secret


perturbations: Final[Registry[Perturbation]] = Registry(
    "perturbations",
    Perturbation,
    {
        name: f"judgebench.perturb.{name}:{name}"
        for name in (
            "authority",
            "bandwagon",
            "code_surface",
            "concreteness",
            "confidence",
            "continuation",
            "distraction",
            "empty_reference",
            "fallacy",
            "familiar_knowledge",
            "format",
            "identical_pair",
            "identity",
            "injection",
            "language",
            "length",
            "model_name",
            "off_topic_long",
            "option_label",
            "paraphrase",
            "position",
            "positive_control",
            "refinement",
            "sentiment",
            "style",
            "superficial_reflection",
            "sycophancy",
        )
    },
)


def perturbation(
    name: str, *, family: Family, summary: str, **declared: Any
) -> Callable[[Apply], Perturbation]:
    """Decorator: make a perturbation of a function and enter it under its name.

    Args:
        name: Letters, digits and underscores.
        family: `invariance`, `discrimination`, `relational` or `instrument`.
        summary: What it does, in half a line.
        declared: The other attributes of `Perturbation`: place, places, papers, version, arm, markers, levels,
            dose, targets.

    Raises:
        PluginError: The name is taken or no identifier, or an option has a name that every suite entry has.
    """

    def enter(function: Apply) -> Perturbation:
        if not name.isidentifier():
            raise PluginError(
                f"{name!r} cannot name a perturbation", expected="letters, digits and underscores"
            )
        clash = RESERVED_OPTIONS & set(inspect.signature(function).parameters)
        if clash:
            raise PluginError(
                f"the perturbation {name!r} calls an option {min(clash)!r}",
                expected="a name that is not taken",
            )
        made = Perturbation(name, function, family=family, summary=summary, **declared)
        perturbations.add(name, made, module=function.__module__)
        return made

    return enter
