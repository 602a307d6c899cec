"""Several readings of one trial as one: the verdict that a combination of requests comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from judgebench.protocols.mitigation.base import Rule
from judgebench.protocols.reading import PLACES, Outcome, Reading
from judgebench.protocols.tokens import LabelProbabilities

_SWAPPED: Final[Mapping[str, Outcome]] = {"first": "second", "second": "first"}
_MISSING: Final = frozenset({"invalid", "refused"})
_WINS: Final[Mapping[str, float]] = {"first": 1.0, "tie": 0.5, "second": 0.0}


def turned(reading: Reading) -> Reading:
    """The reading of a pair that was shown in the other order, in the frame of this one."""
    known = reading.probabilities
    return Reading(
        _SWAPPED.get(reading.outcome, reading.outcome),
        reading.reason,
        known and LabelProbabilities(known.second, known.first, known.tie, known.mass),
        reading.scores,
    )


def combined(rule: Rule, readings: Sequence[Reading], *, of_list: bool = False) -> Reading:
    """What several readings come to, all in one frame.

    Under `mean` all must have a verdict, under `majority` more than half; otherwise there is none, `refused` where
    most of the others are refusals. Scores are averaged, and so are label probabilities where all have them. A draw
    among verdicts is a tie for a pair. Of a list there is no mean, and a draw is no verdict: no two responses can win.
    """
    said = [reading for reading in readings if reading.outcome not in _MISSING]
    if not said or 2 * len(said) <= len(readings) or (rule == "mean" and len(said) < len(readings)):
        return _none(readings)
    if all(reading.outcome == "scored" for reading in said):
        return Reading("scored", scores=_mean_scores(said))
    known = [reading.probabilities for reading in said if reading.probabilities is not None]
    if len(known) == len(said):
        return _likeliest(known)
    return (
        Reading(outcome)
        if (outcome := _vote(rule, said, of_list=of_list))
        else Reading("invalid", "no majority")
    )


def _none(readings: Sequence[Reading]) -> Reading:
    refused = sum(reading.outcome == "refused" for reading in readings)
    invalid = sum(reading.outcome == "invalid" for reading in readings)
    return Reading("refused" if refused > invalid else "invalid", "members without a verdict")


def _vote(rule: Rule, said: Sequence[Reading], *, of_list: bool) -> Outcome | None:
    """The verdict of the votes; None for a draw in a list."""
    votes = Counter(reading.outcome for reading in said)
    if rule == "mean" and not of_list:
        score = sum(_WINS[outcome] * count for outcome, count in votes.items()) / len(said)
        return "tie" if score == 1 / 2 else "first" if score > 1 / 2 else "second"
    (top, most), *others = votes.most_common()
    if others and others[0][1] == most:
        return None if of_list else "tie"
    return top


def _likeliest(known: Sequence[LabelProbabilities]) -> Reading:
    """The mean of label probabilities, and the label that it makes likeliest; a tie where two are equal."""
    count = len(known)
    first, second, tie, mass = (
        sum(getattr(one, name) for one in known) / count for name in ("first", "second", "tie", "mass")
    )
    outcome: Outcome = "tie"
    if max(first, second) > tie and first != second:
        outcome = "first" if first > second else "second"
    return Reading(outcome, probabilities=LabelProbabilities(first, second, tie, mass))


def _mean_scores(said: Sequence[Reading]) -> tuple[tuple[str, float], ...]:
    names = dict.fromkeys(name for reading in said for name, _ in reading.scores)
    found = {name: [dict(r.scores)[name] for r in said if name in dict(r.scores)] for name in names}
    return tuple((name, sum(scores) / len(scores)) for name, scores in found.items())


def combined_truth(
    rule: Rule, members: Sequence[Sequence[float]], *, of_list: bool = False
) -> tuple[float, ...]:
    """The probabilities of what independent members come to, from those of each.

    Args:
        rule: How they are combined.
        members: For each the probabilities of its outcomes in their order, for a pair (first, second, tie), then
            those of (refused, invalid); all in one frame.
        of_list: Whether the responses are a list, without a tie.

    Returns:
        The same of the combination.
    """
    outcomes = _outcomes(len(members[0]), of_list=of_list)
    counts: dict[tuple[int, ...], float] = {(0,) * len(outcomes): 1.0}
    for member in members:
        counts = _with_member(counts, member)
    found = dict.fromkeys(outcomes, 0.0)
    for drawn, probability in counts.items():
        readings = [Reading(name) for name, n in zip(outcomes, drawn, strict=True) for _ in range(n)]
        found[combined(rule, readings, of_list=of_list).outcome] += probability
    return tuple(found.values())


def _outcomes(size: int, *, of_list: bool) -> tuple[Outcome, ...]:
    """The outcomes of a pair, of which a tie is one, or of a list."""
    verdicts: Iterable[Outcome] = PLACES[: size - 2] if of_list else ("first", "second", "tie")
    return (*verdicts, "refused", "invalid")


def _with_member(
    counts: Mapping[tuple[int, ...], float], member: Sequence[float]
) -> dict[tuple[int, ...], float]:
    """How often each outcome is drawn, with one more member."""
    found: dict[tuple[int, ...], float] = {}
    for drawn, probability in counts.items():
        for place, share in enumerate(member):
            if share > 0:
                more = (*drawn[:place], drawn[place] + 1, *drawn[place + 1 :])
                found[more] = found.get(more, 0.0) + probability * share
    return found


def turned_truth(truth: Sequence[float]) -> tuple[float, ...]:
    """The probabilities of a pair that was shown in the other order, in the frame of this one."""
    return (truth[1], truth[0], *truth[2:])
