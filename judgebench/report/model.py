"""What the report stage is given: one audit a judge, and nothing read from anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from judgebench.analysis.schema import EFFECT_COLUMNS
from judgebench.errors import InputError
from judgebench.stats.calibration import ReliabilityCurve

__all__ = ["TRUTH_COLUMNS", "TRUTH_KEY", "Audit", "Example", "Sample", "Showing"]

TRUTH_KEY: Final = ("bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation")
TRUTH_COLUMNS: Final = (*TRUTH_KEY, "truth")


@dataclass(frozen=True, slots=True)
class Showing:
    """One time that the judge was asked: what it saw, what it said, how that was read.

    Attributes:
        arm: `control`, `treatment`, `placebo` or `positive_control`.
        order: The responses as they were shown, first the first: `ab`, `ba`, one letter for a response alone.
        prompt: The rendered prompt.
        reply: The judge's reply; None where none came.
        verdict: In the item's frame: a response's letter, `tie`, a score, `invalid`, `refused` or `error`.
        changed: Spans of `prompt` that the perturbation changed, as (start, end) in characters.
    """

    arm: str
    order: str
    prompt: str
    reply: str | None
    verdict: str
    changed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """An item that was shown with and without the change, with all the showings that belong together.

    Attributes:
        item_id: The item.
        kind: What came of it, in words: one of its sample's `kinds`.
        target: Which response carries the change: `a`, `b`, or empty.
        gold: The gold verdict, or None.
        showings: Control, treatment and placebo, each in every order in which it was asked.
    """

    item_id: str
    kind: str
    showings: tuple[Showing, ...]
    target: str = ""
    gold: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Some of the trials behind a line of the tables.

    Attributes:
        perturbation: The perturbation, with its dose.
        protocol: The protocol.
        mitigation: The mitigation.
        kinds: How many there are of each kind in the whole run, the most telling kind first.
        examples: Those that are kept, in the same order.
    """

    perturbation: str
    protocol: str
    mitigation: str
    kinds: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """One judge's audit.

    Attributes:
        effects: One row an effect, with `EFFECT_COLUMNS`.
        manifest: `run.json`; any key may be absent.
        truth: For a simulated judge the planted effects, with `TRUTH_COLUMNS`; else None.
        samples: Trials to look at in the HTML page, for each line of the tables.
        reliability: How often gold agrees with the probabilities that the judge gave; None where it gave none.
        plan_intact: Whether the manifest's plan is the one that was locked before the first request.

    Raises:
        InputError: A table lacks a column, names more than one judge, or states one truth twice.
    """

    effects: pd.DataFrame
    manifest: Mapping[str, Any] = field(default_factory=dict)
    truth: pd.DataFrame | None = None
    samples: Sequence[Sample] = ()
    plan_intact: bool = True
    reliability: ReliabilityCurve | None = None

    def __post_init__(self) -> None:
        _require(self.effects, EFFECT_COLUMNS, "effects table")
        judges = self.effects["judge"].dropna().unique()
        if len(judges) > 1:
            raise InputError(
                f"the effects table holds {len(judges)} judges",
                expected="one audit a judge, several audits side by side",
            )
        if self.truth is not None:
            _require(self.truth, TRUTH_COLUMNS, "truth table")
            if self.truth.duplicated(list(TRUTH_KEY)).any():
                raise InputError("the truth table states one effect more than once")

    @property
    def judge(self) -> str:
        """The judge's spec, as the effects name it, else as the manifest does."""
        return self._name("judge")

    @property
    def suite(self) -> str:
        """The suite's name, as the effects name it, else as the manifest does."""
        return self._name("suite")

    @property
    def simulated(self) -> bool:
        """Whether the verdicts come from a simulated judge, so that the truth is known."""
        return self.truth is not None or self.manifest.get("sim_truth") is not None

    def _name(self, column: str) -> str:
        named = self.effects[column].dropna()
        return str(named.iloc[0] if len(named) else self.manifest.get(column) or "unknown")


def _require(table: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise InputError(f"the {what} lacks {', '.join(absent)}", expected="one tidy row an effect")
