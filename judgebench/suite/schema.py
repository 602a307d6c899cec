"""The suite file's schema: which keys there are, of which type, with which defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from judgebench.perturb.styles import Style


def _named(value: Any) -> Any:
    """`name` and `{name: {options}}` are the two ways to name a thing; the first stands for empty options.

    `{file: PATH}` is short for `{file: {path: PATH}}`.
    """
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, dict):
        return {name: _options(name, options) for name, options in value.items()}
    return value


def _options(name: str, options: Any) -> Any:
    if name == "file" and isinstance(options, str):
        return {"path": options}
    return {} if options is None else options


NamedOptions = Annotated[
    dict[str, dict[str, Any]], Field(min_length=1, max_length=1), BeforeValidator(_named)
]  # exactly one name, with its options


class Strict(BaseModel):
    """No unknown keys, no conversions between types, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ItemsSpec(BaseModel):
    """One entry of `items:`; what else it may hold is the source's to say."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    source: str
    limit: int | None = Field(default=None, ge=1)


class KnownItemsSpec(ItemsSpec):
    """An entry of `items:` once its source is known; the source's options are added as fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _without(found: dict[str, Any], **unsaid: Any) -> dict[str, Any]:
    """What a section says, without the keys that say nothing, so that hashes of suites without these stay theirs."""
    return {key: value for key, value in found.items() if key not in unsaid or value != unsaid[key]}


class SamplingSpec(Strict):
    """How replies are sampled; what a provider refuses is recorded.

    Of `reasoning_effort` there may be several, each an arm of every protocol.
    """

    temperature: float | None = Field(default=0.0, ge=0.0, le=2.0)
    max_tokens: int = Field(default=512, ge=1)
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    seed: int | None = None
    reasoning_effort: str | list[str] | None = None

    @model_serializer(mode="wrap")
    def _asked(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is asked for; an effort that is not stays out, so that the hashes of suites without one stay theirs."""
        found: dict[str, Any] = handler(self)
        if self.reasoning_effort is None:
            del found["reasoning_effort"]
        return found


class AnalysisSpec(Strict):
    """What is decided, and against what; declared before any data.

    Attributes:
        margin: Effects inside [-margin, margin] are negligible; in the unit of the effect.
        alpha: Family-wise error rate of the confirmatory effects.
        level: Level of the intervals.
        cluster: What the claim generalises over: new items, or new sources of items.
        confirmatory: The perturbations, by variant or by bias, whose effects are tested together at `alpha`;
            the others are exploratory.
    """

    margin: float = Field(default=0.05, gt=0.0, lt=1.0)
    alpha: float = Field(default=0.05, gt=0.0, lt=1.0)
    level: float = Field(default=0.95, gt=0.0, lt=1.0)
    cluster: Literal["item", "source"] = "item"
    confirmatory: list[str] | Literal["all"] = "all"


class RewritesSpec(Strict):
    """Who rewrites texts, and who checks that their content was kept.

    Attributes:
        judge: Spec of the model that rewrites.
        check: Spec of the model that compares original and rewrite; not the judge that is audited. None leaves it at
            the checks that need no model.
        temperature: Of the rewriting.
        max_tokens: Of a rewrite.
        base_url: The server of the model that rewrites, where it has one.
        check_base_url: That of the model that compares.
        family: The family of the model that rewrites, where its name does not tell it or tells it wrong.
        allow_family: Whether it may be of the family of the judge or of an author where it puts their responses in
            one style.
    """

    judge: str
    check: str | None = None
    temperature: float | None = Field(default=0.0, ge=0.0, le=2.0)
    max_tokens: int = Field(default=2048, ge=1)
    base_url: str | None = None
    check_base_url: str | None = None
    family: str | None = None
    allow_family: bool = False

    @model_serializer(mode="wrap")
    def _said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        unsaid = {"base_url": None, "check_base_url": None, "family": None, "allow_family": False}
        return _without(handler(self), **unsaid)


def _written_by(value: Any) -> Any:
    """A bare spec stands for an entry that names nothing else."""
    return {"judge": value} if isinstance(value, str) else value


class AuthorSpec(Strict):
    """Who writes, or wrote, a response to every prompt.

    Attributes:
        judge: Spec of the model that writes; `self` is the judge that is audited. None where the responses come from
            a file, which this entry then describes.
        name: What the author is called; the spec unless said otherwise.
        base_url: The server of a model that has one.
        family: The model's family, where its name does not tell it or tells it wrong.
        version: The model's version, for the record.
        relation: What the author is to the judge, where the families do not tell: `self`, of its `family`, a
            `teacher` that wrote what it was trained on, or `none`.
        temperature: Of the writing.
        max_tokens: Of a response, the same length cap for all unless a suite wants it otherwise.
    """

    judge: str | None = None
    name: str | None = Field(default=None, pattern=r"^[^~\s][^~]*$", max_length=120)
    base_url: str | None = None
    family: str | None = None
    version: str | None = None
    relation: Literal["self", "family", "teacher", "none"] | None = None
    temperature: float | None = Field(default=0.0, ge=0.0, le=2.0)
    max_tokens: int = Field(default=1024, ge=1)

    @property
    def title(self) -> str:
        """What the author is called in items and tables."""
        return self.name or (self.judge or "").replace("~", "-")


class MemberSpec(Strict):
    """A judge of the panel whose verdicts stand in for gold."""

    judge: str
    base_url: str | None = None
    family: str | None = None


class RecognitionSpec(Strict):
    """How the judge is asked which of two responses it wrote.

    Attributes:
        verdict: What the answer is read from, as for `pairwise`.
        reasoning: Whether reasons are asked for before the answer.
        template: A file with the words, in place of the built-in ones.
        paraphrase: Which of its wordings is used.
    """

    verdict: Literal["text", "logprob", "constrained"] = "text"
    reasoning: Literal["before", "none"] | None = None
    template: str | None = None
    paraphrase: str | None = None


def _asked_so(value: Any) -> Any:
    """`true` stands for the usual way of asking, and `false` for not asking."""
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


class SelfPreferenceSpec(Strict):
    """Who wrote the responses, who says which is better, and how preference for one's own is estimated.

    Attributes:
        authors: Who writes a response to every prompt; or what is to be known of the authors of responses in files.
        own: Names under which items in files credit the judge, besides its own name.
        family: The family of the judge that is audited, where its name does not tell it or tells it wrong.
        check: How the item's reference answer decides which response is right, where it does.
        panel: Judges whose majority stands in for gold where items have none.
        allow_family: Whether a member of the panel may be of the family of the judge.
        split: What verdicts count that change with the order: half a win, or `zero` as in a published study.
        equalised: The style in which every pair is shown once more, both responses rewritten by the model under
            `rewrites`; None where they are shown as they are alone.
        recognition: How the judge is asked which response it wrote; None where it is not.
        familiarity: Whether the judge is asked how likely each response is to it, where it can tell.
    """

    authors: list[Annotated[AuthorSpec, BeforeValidator(_written_by)]] = []
    own: list[str] = []
    family: str | None = None
    check: Literal["exact", "contains", "number"] | None = None
    panel: list[Annotated[MemberSpec, BeforeValidator(_written_by)]] = []
    allow_family: bool = False
    split: Literal["half", "zero"] = "half"
    equalised: Style | None = None
    recognition: Annotated[RecognitionSpec | None, BeforeValidator(_asked_so)] = None
    familiarity: bool = False

    @model_serializer(mode="wrap")
    def _said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), equalised=None, recognition=None, familiarity=False)

    @property
    def writers(self) -> list[AuthorSpec]:
        """The authors that are asked to write."""
        return [author for author in self.authors if author.judge is not None]


class FactorialSpec(Strict):
    """Several perturbations on one response at once.

    Attributes:
        factors: The variants that are there or not, by the names of the column `perturbation`.
        design: Every combination of them (`full`), or those of an even number (`fractional`), which are half as many.
        targets: Which response bears them: one that is drawn, or two in turn.
    """

    factors: list[str] = Field(min_length=2)
    design: Literal["full", "fractional"] = "full"
    targets: Literal["one", "both"] = "one"


class AttributeSpec(Strict):
    """An attribute of responses in lists, of which each shows a level drawn at random.

    Attributes:
        levels: Numbers, words, or true and false.
        text: What is said below a response: one text in which `{value}` stands for the level, or one for each level.
    """

    levels: list[bool | int | float | str] = Field(min_length=2)
    text: str | list[str]

    def said(self, place: int) -> str:
        """What is said of the level in that place; empty where nothing is."""
        if isinstance(self.text, str):
            return self.text.replace("{value}", str(self.levels[place]))
        return self.text[place]


class SuiteSpec(Strict):
    """A suite file."""

    suite: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)
    description: str = ""
    seed: int = 0
    judge: str | None = None
    items: list[ItemsSpec] = Field(min_length=1)
    protocols: list[NamedOptions] = Field(default=[{"pairwise": {}}], min_length=1)
    orders: Literal["both", "ab", "ba"] = "both"
    repeats: int = Field(default=1, ge=1, le=1000)
    perturbations: list[NamedOptions] = Field(min_length=1)
    factorial: FactorialSpec | None = None
    attributes: dict[str, AttributeSpec] | None = Field(default=None, min_length=1)
    rewrites: RewritesSpec | None = None
    self_preference: SelfPreferenceSpec | None = None
    mitigations: list[NamedOptions] = Field(default=[{"none": {}}], min_length=1)
    sampling: SamplingSpec = SamplingSpec()
    analysis: AnalysisSpec = AnalysisSpec()
