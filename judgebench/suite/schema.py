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
    """

    judge: str
    check: str | None = None
    temperature: float | None = Field(default=0.0, ge=0.0, le=2.0)
    max_tokens: int = Field(default=2048, ge=1)


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
    rewrites: RewritesSpec | None = None
    mitigations: list[NamedOptions] = Field(default=[{"none": {}}], min_length=1)
    sampling: SamplingSpec = SamplingSpec()
    analysis: AnalysisSpec = AnalysisSpec()
