"""What is decided and against what: the settings of an analysis, and how they differ from those of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from judgebench.errors import InputError

EVERY: Final = "all"
_SHARES: Final = ("margin", "alpha", "level")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is decided, and against what.

    Attributes:
        margin: Effects inside [-margin, margin] are negligible.
        alpha: Family-wise error rate over the confirmatory effects of a judge.
        level: Level of the intervals.
        cluster: `item` or `source`; `prompt` where the items are pairs of which several share one.
        confirmatory: Variants or biases whose primary effects are confirmatory; `all` for every one of them.
        scales: The ends of the scales of protocols that give scores, by their names. The margin of a score is `margin`
            times the distance of these ends.
        confident: The protocols whose verdicts come with a stated confidence.
        reasoning: Of protocols that say, where the reasons stand (`before`, `after`, `none`), and all else about them.

    Raises:
        InputError: Margin, alpha or level does not lie between 0 and 1.
    """

    margin: float = 0.05
    alpha: float = 0.05
    level: float = 0.95
    cluster: str = "item"
    confirmatory: tuple[str, ...] | Literal["all"] = EVERY
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    reasoning: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    confident: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    f"the {name} is {getattr(self, name):g}", expected="a number between 0 and 1"
                )

    @classmethod
    def declared(cls, analysis: Mapping[str, Any]) -> Settings:
        """The settings of a suite's `analysis:`, as a manifest keeps it; what it lacks has its default."""
        given = {name: analysis[name] for name in (*_SHARES, "cluster") if name in analysis}
        listed = analysis.get("confirmatory", EVERY)
        return cls(**given, confirmatory=EVERY if listed == EVERY else tuple(listed))

    def changed(
        self, *, margin: float | None = None, alpha: float | None = None, level: float | None = None
    ) -> Settings:
        """The same with what is given in place of what was planned."""
        return replace(
            self,
            margin=self.margin if margin is None else margin,
            alpha=self.alpha if alpha is None else alpha,
            level=self.level if level is None else level,
        )

    def differences(self, planned: Settings) -> dict[str, dict[str, Any]]:
        """What is not as planned: the name of each setting with what was `planned` and what is `used`."""
        mine, theirs = asdict(self), asdict(planned)
        return {
            name: {"planned": theirs[name], "used": mine[name]} for name in mine if mine[name] != theirs[name]
        }

    def is_confirmatory(self, bias: str, perturbation: str) -> bool:
        """Whether the primary effect of a perturbation is confirmatory: listed itself, or by its bias."""
        return self.confirmatory == EVERY or bool({bias, perturbation} & set(self.confirmatory))
