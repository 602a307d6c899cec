from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from judgebench.audit import Run, audit_of, load, run
from judgebench.report.cards import cards_of
from judgebench.report.effects import lines_of
from judgebench.report.examples import _told_of, comparisons, samples
from judgebench.report.kinds import KEPT, kind_between, kind_of_change, kind_of_orders
from judgebench.report.model import Sample
from judgebench.report.packing import pack
from judgebench.run.records import JudgmentRow, TrialRow
from judgebench.suite import load_suite

SUITE = """
suite: drill
seed: 3
items:
  - {source: bank, limit: 60}
protocols: [pairwise, pointwise]
perturbations:
  - position
  - authority: {targets: both}
  - bandwagon
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("drill")
    (place / "suite.yaml").write_text(SUITE)
    return run(load_suite(place / "suite.yaml"), "sim/strong", out=place / "run").path


SMALL = """
suite: small
seed: 3
items:
  - {source: bank, limit: 4}
protocols: [pairwise]
perturbations:
  - position
  - authority: {targets: both, placebo: false}
  - bandwagon: {targets: both, placebo: false}
  - positive_control
factorial: {factors: [authority, bandwagon]}
mitigations: [none, swap_and_average, self_consistency: {k: 3}]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with combinations, a factorial design and a positive control."""
    place = tmp_path_factory.mktemp("small")
    (place / "suite.yaml").write_text(SMALL)
    return run(load_suite(place / "suite.yaml"), "sim/strong", out=place / "run")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[tuple[str, str], Sample]:
    return {(sample.perturbation, sample.protocol): sample for sample in samples(folder)}


def row(outcome: str | None, order: str = "ab", **scores: float) -> JudgmentRow:
    trial = TrialRow(0, "i", "s", None, None, "p", "treatment", "a", order, "pointwise", "none", 0, "k")
    return JudgmentRow(trial, outcome, "", 0, 0, 0, 0, None, None, None, None, tuple(scores.items()))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (("second", "first"), ("first", "first"), "moved toward the changed response"),
        (("tie", "tie"), ("first", "tie"), "moved toward the changed response"),
        (("first", "first"), ("second", "first"), "moved away from the changed response"),
        (("second", "second"), ("first", "first"), "moved toward it in one order, away in the other"),
        (("first", "second"), ("first", "second"), "same verdict"),
        (("first", "second"), ("first", None), "without a verdict"),
        (("first", "refused"), ("first", "second"), "without a verdict"),
        (("second", "invalid"), ("first", "invalid"), "moved toward the changed response"),
    ],
)
def test_an_item_is_classed_by_what_the_change_did(
    before: tuple[str, str], after: tuple[str, str], kind: str
) -> None:
    control = {"ab": row(before[0], "ab"), "ba": row(before[1], "ba")}
    treated = {"ab": row(after[0], "ab"), "ba": row(after[1], "ba")}
    assert kind_of_change(control, treated, "a") == kind


def test_a_change_of_no_response_gives_another_verdict() -> None:
    assert kind_of_change({"ab": row("first")}, {"ab": row("second")}, "") == "another verdict"


@pytest.mark.parametrize(
    ("perturbation", "lines"),
    [
        ("authority", ("authority",)),
        ("factorial/authority", ()),
        ("factorial/length@2+authority", ("length@2+authority", "length@2 x authority")),
        ("factorial/length@2+authority+bandwagon", ("length@2+authority+bandwagon",)),
    ],
)
def test_the_trials_of_a_combination_stand_behind_the_lines_that_tell_of_it(
    perturbation: str, lines: tuple[str, ...]
) -> None:
    assert _told_of(perturbation) == lines


@pytest.mark.parametrize(
    ("ab", "ba", "kind"),
    [
        ("first", "first", "the first shown won in both orders"),
        ("second", "second", "the second shown won in both orders"),
        ("first", "second", "same verdict"),
        ("tie", "first", "a tie in one order only"),
        ("first", None, "without a verdict"),
    ],
)
def test_an_item_is_classed_by_what_the_order_did(ab: str, ba: str | None, kind: str) -> None:
    assert kind_of_orders({"ab": row(ab, "ab"), "ba": row(ba, "ba")}) == kind


def test_a_list_that_is_judged_otherwise_in_another_order_is_classed_as_such() -> None:
    assert kind_of_orders({"abc": row("first", "abc"), "cba": row("first", "cba")}) == "another verdict"


def test_scores_move_up_and_down() -> None:
    low, high = row("scored", "a", **{"": 4.0}), row("scored", "a", **{"": 7.0})
    assert kind_of_change({"a": low}, {"a": high}, "a") == "moved toward the changed response"
    assert kind_of_change({"a": high}, {"a": low}, "a") == "moved away from the changed response"


def test_every_line_has_its_sample(found: dict[tuple[str, str], Sample]) -> None:
    cues = [(cue, protocol) for cue in ("authority", "bandwagon") for protocol in ("pairwise", "pointwise")]
    assert set(found) == {("position", "pairwise"), *cues}


def test_counts_are_those_of_the_whole_run(found: dict[tuple[str, str], Sample]) -> None:
    assert sum(total for _, total in found["position", "pairwise"].kinds) == 60
    assert sum(total for _, total in found["authority", "pairwise"].kinds) == 120
    assert sum(total for _, total in found["bandwagon", "pairwise"].kinds) == 60


def test_of_each_kind_as_many_are_kept_as_the_page_has_room_for_and_flips_come_first(
    found: dict[tuple[str, str], Sample],
) -> None:
    for sample in found.values():
        kept = Counter(example.kind for example in sample.examples)
        assert kept == {kind: min(total, KEPT[kind]) for kind, total in sample.kinds}
        assert [kind for kind, _ in sample.kinds] == [kind for kind in KEPT if kind in kept]
        assert [example.kind for example in sample.examples] == sorted(
            (example.kind for example in sample.examples), key=list(KEPT).index
        )


def test_an_example_holds_every_arm_in_both_orders(found: dict[tuple[str, str], Sample]) -> None:
    for example in found["authority", "pairwise"].examples:
        shown = Counter((showing.arm, showing.order) for showing in example.showings)
        assert shown == {
            (arm, order): 1 for arm in ("control", "treatment", "placebo") for order in ("ab", "ba")
        }


def test_what_was_put_in_is_marked_in_treatment_and_placebo_and_nothing_in_the_control(
    found: dict[tuple[str, str], Sample],
) -> None:
    for example in found["authority", "pairwise"].examples:
        for showing in example.showings:
            marked = [showing.prompt[start:end] for start, end in showing.changed]
            assert len(marked) == (showing.arm != "control")
            control = next(
                s.prompt for s in example.showings if (s.arm, s.order) == ("control", showing.order)
            )
            for text in marked:
                assert showing.prompt.replace(text, "", 1).split() == control.split()


def test_a_response_alone_is_beside_its_own_control(found: dict[tuple[str, str], Sample]) -> None:
    for example in found["authority", "pointwise"].examples:
        assert {showing.order for showing in example.showings} == {example.target}
        assert all(s.verdict.isdigit() or s.verdict in {"invalid", "refused"} for s in example.showings)


@pytest.mark.parametrize(
    ("one", "two", "kind"),
    [
        ({"ab": "first", "ba": "first"}, {"ab": "first", "ba": "first"}, "same verdict"),
        ({"ab": "first", "ba": "first"}, {"ab": "first", "ba": "second"}, "another verdict"),
        ({"ab": "first", "ba": "first"}, {"ab": "first", "ba": "refused"}, "without a verdict"),
    ],
)
def test_two_ways_of_asking_are_held_against_each_other_order_by_order(
    one: dict[str, str], two: dict[str, str], kind: str
) -> None:
    asked = [{order: row(outcome, order) for order, outcome in way.items()} for way in (one, two)]
    assert kind_between(*asked) == kind


@pytest.mark.parametrize(
    ("score", "kind"), [(7.0, "same verdict"), (4.0, "another verdict"), (2.0, "another verdict")]
)
def test_scores_are_held_against_the_winner_of_the_pair(score: float, kind: str) -> None:
    scored = {"a": row("scored", "a", **{"": score}), "b": row("scored", "b", **{"": 4.0})}
    paired = {"ab": row("first", "ab"), "ba": row("tie", "ba")}
    assert kind_between(scored, paired) == kind


def test_a_line_of_two_protocols_has_the_unchanged_items_under_both(folder: Path) -> None:
    line = ("rating_vs_ranking", "pointwise | pairwise", "none")
    assert line in comparisons(load(folder).effects())
    (sample,) = (s for s in samples(folder, [line]) if s.perturbation == line[0])
    assert sum(total for _, total in sample.kinds) == 60
    for example in sample.examples:
        shown = [(showing.arm, showing.order) for showing in example.showings]
        assert shown == [("pointwise", "a"), ("pointwise", "b"), ("pairwise", "ab"), ("pairwise", "ba")]


def test_a_combination_shows_what_each_of_its_members_was_asked_and_said(small: Run) -> None:
    known = {(sample.perturbation, sample.mitigation): sample for sample in samples(small.path)}
    swapped = known["authority", "swap_and_average"].examples[0].showings[0]
    assert swapped.prompt.startswith("[Request 1]\n\n")
    assert swapped.prompt.count("[Request 2, in the other order]\n\n") == 1
    assert swapped.reply is not None
    assert swapped.reply.startswith("[Reply 1]\n")
    assert "\n\n[Reply 2, in the other order]\n" in swapped.reply
    drawn = known["authority", "self_consistency"].examples[0].showings[0]
    assert not drawn.prompt.startswith("[Request 1")  # all members were asked the same
    assert drawn.reply is not None
    assert "[Reply 3]" in drawn.reply


def test_every_line_finds_the_trials_behind_it(small: Run) -> None:
    audit = audit_of(small)
    packed = {(s.perturbation, s.protocol, s.mitigation): pack(s, 50_000) for s in audit.samples}
    cards = cards_of(lines_of(audit), packed)
    assert sum(card.name.startswith("Changes together") for card in cards) == 6
    assert all(card.trials is not None and card.trials.total for card in cards)
    assert packed["positive_control", "pairwise", "none"].total == 4


def test_the_same_run_gives_the_same_sample(folder: Path, found: dict[tuple[str, str], Sample]) -> None:
    assert samples(folder) == list(found.values())


def test_a_folder_without_a_store_has_none(tmp_path: Path) -> None:
    assert samples(tmp_path) == []
