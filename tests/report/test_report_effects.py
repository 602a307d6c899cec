from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd
import pytest

from judgebench.errors import InputError
from judgebench.report.effects import effects_of, lines_of
from judgebench.report.model import Audit


def test_a_line_puts_beside_the_effect_what_belongs_there(audit: Audit) -> None:
    line = next(line for line in lines_of(audit) if line.primary.bias == "authority")
    assert line.primary.estimate == 0.0617
    assert line.placebo is not None
    assert line.placebo.contrast == "placebo - control"
    assert line.net is not None
    assert line.net.contrast == "treatment - placebo"
    assert [e and e.estimate for e in (line.flips, line.excess, line.toward, line.away, line.noise)] == [
        0.1531, 0.1122, 0.1214, 0.0317, 0.0409,
    ]  # fmt: skip
    assert line.loses is not None
    assert line.loses.estimate == pytest.approx(0.0727)


def test_every_dose_is_a_line_and_the_checks_are_none(audit: Audit) -> None:
    names = [line.primary.perturbation for line in lines_of(audit)]
    assert names == [
        "position", "authority", "bandwagon", "distraction", "superficial_reflection", "length@1.5",
        "length@2", "fallacy",
    ]  # fmt: skip


def test_families_come_in_order_whatever_the_order_of_the_rows(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    ranks = [line.family.rank for line in lines_of(make_audit(rows=build.effect_rows()[::-1]))]
    assert ranks == sorted(ranks)


def test_the_ways_of_asking_about_one_change_stand_together(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    rows = [
        build.row(bias, "target_preference", 0.1, 0.0, 0.2, mitigation=mitigation)
        for mitigation in ("none", "blinding")
        for bias in ("authority", "bandwagon")
    ]
    found = [(line.primary.bias, line.primary.mitigation) for line in lines_of(make_audit(rows=rows))]
    assert found == [(bias, how) for bias in ("authority", "bandwagon") for how in ("none", "blinding")]


def test_an_equivalent_effect_that_excludes_zero_is_negligible(audit: Audit) -> None:
    verdicts = {line.primary.perturbation: line.primary.verdict for line in lines_of(audit)}
    assert verdicts["bandwagon"] == "negligible"
    assert verdicts["distraction"] == "equivalent"
    assert verdicts["authority"] == "biased"
    assert verdicts["superficial_reflection"] == "inconclusive"


def test_truth_is_joined_on_its_key_and_on_nothing_less(simulated: Audit) -> None:
    known = [e for e in effects_of(simulated) if e.truth is not None]
    assert {e.bias for e in known} == {line.primary.bias for line in lines_of(simulated)}
    assert all(e.stratum == "all" and e.estimand.endswith("_preference") for e in known)
    covered = {e.bias: e.covers_truth for e in known}
    assert covered["authority"] is True
    assert covered["distraction"] is False


def test_nulls_of_any_kind_are_absent_values(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    nothing = build.row("position", "first_preference", float("nan"), 0, 0, contrast=None, p_value=pd.NA)
    nothing |= {"conf_low": None, "conf_high": None}
    (effect,) = effects_of(make_audit(rows=[{**nothing, "n_items": float("nan"), "decision": float("nan")}]))
    assert effect.estimate is effect.conf_low is effect.p_value is effect.n_items is None
    assert effect.contrast == effect.verdict == ""
    assert not effect.excludes_zero


def test_a_bias_of_a_plugin_has_a_line_too(make_audit: Callable[..., Audit], build: SimpleNamespace) -> None:
    own = build.row("humour", "laughter", 0.2, 0.1, 0.3, decision="biased")
    (line,) = lines_of(make_audit(rows=[build.row("humour", "other", 0.1, 0.0, 0.2), own]))
    assert line.primary.estimand == "laughter"
    assert line.family.name == "Other"


def test_an_audit_holds_one_judge_and_all_columns(audit: Audit) -> None:
    other = audit.effects.assign(judge="other/judge")
    with pytest.raises(InputError, match="2 judges"):
        Audit(pd.concat([audit.effects, other]))
    with pytest.raises(InputError, match="lacks estimate"):
        Audit(audit.effects.drop(columns="estimate"))


def test_a_truth_table_lacks_nothing_and_repeats_nothing(simulated: Audit) -> None:
    assert simulated.truth is not None
    with pytest.raises(InputError, match="lacks truth"):
        Audit(simulated.effects, truth=simulated.truth.drop(columns="truth"))
    with pytest.raises(InputError, match="more than once"):
        Audit(simulated.effects, truth=pd.concat([simulated.truth, simulated.truth]))


def test_an_empty_audit_takes_its_names_from_the_manifest(audit: Audit) -> None:
    empty = Audit(audit.effects.iloc[:0], {"judge": "sim/x"})
    assert (empty.judge, empty.suite, lines_of(empty)) == ("sim/x", "unknown", ())
