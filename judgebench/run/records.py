"""The rows of the store: frozen records that carry no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judgebench.judges.base import JudgeFault, Reply
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import Reading
from judgebench.protocols.tokens import LabelProbabilities


@dataclass(frozen=True, slots=True)
class PartRow:
    """A request that another one rests on, or that is combined with others.

    Attributes:
        key: Its key.
        turned: Whether it shows a pair in the other order.
    """

    key: str
    turned: bool = False


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as planned.

    Attributes:
        ordinal: Its place in the plan, from 0.
        request_key: The request it shares or has for itself.
        record: JSON text about what the perturbation changed.
        parts: What its request rests on; empty for most.
        rule: How: `turn` where the request holds the reply to its only part, or the rule by which they are combined.
    """

    ordinal: int
    item_id: str
    source: str
    category: str | None
    gold: str | None
    perturbation: str
    arm: str
    target: str | None
    order: str
    protocol: str
    mitigation: str
    repeat: int
    request_key: str
    record: str = "{}"
    parts: tuple[PartRow, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time of sending a request: an answer (`reply`) or none (`fault`).

    Attributes:
        key: The request's key.
        number: Which attempt of this asking it was, from 1.
        started_at: Unix time in seconds.
        latency_s: Seconds until the answer or the fault.
        cost_usd: None where it is not known: no price, or a fault that may have been billed. What failed in a batch
            costs 0.
    """

    key: str
    number: int
    started_at: float
    latency_s: float
    reply: Reply | None = None
    fault: JudgeFault | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class StoredReply:
    """An answer on file with what is needed to read it again."""

    key: str
    reply: Reply
    contract: OutputContract


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What a version of the parser read in the answer to a request."""

    key: str
    parser_version: int
    outcome: str
    reason: str
    probabilities: LabelProbabilities | None = None
    scores: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, key: str, parser_version: int, reading: Reading) -> VerdictRow:
        """The row of a reading."""
        return cls(
            key, parser_version, reading.outcome, reading.reason, reading.probabilities, reading.scores
        )


@dataclass(frozen=True, slots=True)
class JudgmentRow:
    """A trial with what came of it.

    Attributes:
        trial: The trial.
        outcome: In the frame of the display: `first` to `eighth`, `tie`, `scored`, `invalid`, `refused`; None without
            an answer.
        reason: Why it is no verdict; empty for a verdict, None without an answer.
        probabilities: Those of the labels, in the frame of the display, where the verdict was read from them.
        prompt_tokens: Tokens and cost stand with the first trial of a request and are 0 for the others that
            share it, so that their sums are what was used.
        cost_usd: None where the price is unknown or there is no answer.
        latency_s: Seconds of the attempt that was answered.
        truth: JSON text of a simulated judge's probabilities, as `Reply.truth` has them.
        scores: Of a scored response, by criterion.
    """

    trial: TrialRow
    outcome: str | None
    reason: str | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float | None
    latency_s: float | None
    truth: str | None
    probabilities: LabelProbabilities | None = None
    scores: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run consists of.

    Attributes:
        items: Items that have a trial.
        trials: Trials.
        no_verdict: Trials whose answer is a refusal, or none that can be read.
        refused: Of these, the refusals.
        truncated: Of these, the answers that ended at the limit of tokens.
        checks_failed: Trials whose change failed its check.
    """

    items: int
    trials: int
    no_verdict: int
    refused: int
    truncated: int
    checks_failed: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run has used so far, over all its processes.

    Attributes:
        requests: Distinct requests on file, asked or not.
        answered: Requests with an answer.
        attempts: Attempts of every kind; `faults` of them brought no answer.
        cost_usd: The sum of the known costs; None where no answer has one.
        by_model: Answers by the model that the provider says it served.
    """

    requests: int
    answered: int
    attempts: int
    faults: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float | None
    by_model: Mapping[str, int]
