"""Estimators and intervals: arrays in, frozen results out, no files and no network.

What an audit needs loads at once; the rest loads when it is first used, since it needs `scipy.stats`, which takes
longer to import than most audits take to compute.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from judgebench.stats.bounds import bounded_effect, imbens_manski_critical, worst_case_bounds
from judgebench.stats.clustered import clustered_mean
from judgebench.stats.correlation import clustered_correlation
from judgebench.stats.ct import paired_effect
from judgebench.stats.decisions import decide, describe_decision
from judgebench.stats.equivalence import non_inferiority, tost
from judgebench.stats.familiarity import Familiarity, familiarity, familiarity_design
from judgebench.stats.mcnemar import mcnemar
from judgebench.stats.missingness import differential_missingness
from judgebench.stats.multiplicity import benjamini_hochberg, holm
from judgebench.stats.own_scores import OwnScores, own_scores
from judgebench.stats.paired import bonett_price, newcombe
from judgebench.stats.paired_t import augmented_t, paired_t
from judgebench.stats.proportions import (
    bounded_proportion,
    clopper_pearson,
    exact_proportion,
    proportion,
    wilson,
)
from judgebench.stats.regression import (
    ClusteredRegression,
    clustered_ols,
    clustered_regression,
    twoway_mean,
    twoway_ols,
)
from judgebench.stats.results import (
    Bounds,
    ClusteredMean,
    ConfidenceSequence,
    Decision,
    Estimate,
    HypothesisTest,
    Interval,
    LinearFit,
)
from judgebench.stats.self_preference import (
    GoldAdjusted,
    dbg,
    gold_regression,
    judge_minus_panel,
    panel_regression,
    raw_preference,
)
from judgebench.stats.sequences import asymptotic_sequence, betting_sequence
from judgebench.stats.simultaneous import max_t, simultaneous_effects
from judgebench.stats.tally import (
    CrossTally,
    Tally,
    tallied_bounds,
    tallied_effect,
    tallied_proportion,
    tallied_simultaneous,
)
from judgebench.stats.tango import tango
from judgebench.stats.trend import monotone_trend
from judgebench.stats.triple_difference import MatchingBalance, TripleDifference, triple_difference

if TYPE_CHECKING:
    from judgebench.stats.agreement import Agreement, cohen_kappa, gwet_ac1, krippendorff_alpha
    from judgebench.stats.bootstrap import BootstrapResult, bootstrap_means, cluster_bootstrap
    from judgebench.stats.bradley_terry import (
        Intransitivity,
        PairedComparisonFit,
        excess_intransitivity,
        fit_paired_comparisons,
        summarised_triads,
    )
    from judgebench.stats.calibration import (
        BrierScore,
        CalibrationError,
        ReliabilityCurve,
        brier_score,
        expected_calibration_error,
        reliability_curve,
    )
    from judgebench.stats.conditional_logit import ConditionalLogitFit, fit_choice, fit_conditional_logit
    from judgebench.stats.crossed import CrossedComponents, crossed_components
    from judgebench.stats.fieller import ratio_of_means
    from judgebench.stats.human_anchored import AnchoredMean, CorrectedRate, anchored_mean, corrected_rate
    from judgebench.stats.logit import (
        BinomialFit,
        LogitFit,
        MarginalEffect,
        average_marginal_effect,
        fit_binomial,
        fit_logit,
    )
    from judgebench.stats.power import (
        Allocation,
        effect_power,
        equivalence_power,
        items_for_effect,
        items_for_equivalence,
        minimum_detectable_effect,
        possible_splits,
    )
    from judgebench.stats.ranks import RankIntervals, rank_intervals
    from judgebench.stats.separation import separation
    from judgebench.stats.shrunken import ShrunkenProportions, shrunken_proportions
    from judgebench.stats.signal import (
        SignalDetection,
        SignalIndex,
        clustered_signal_detection,
        signal_detection,
        signal_indices,
    )
    from judgebench.stats.triads import (
        RandomAbilities,
        excess_cycles,
        fit_random_abilities,
        held_out_agreement,
    )
    from judgebench.stats.variance_components import VarianceComponents, estimate_components
    from judgebench.stats.wild_bootstrap import (
        WildBootstrapResult,
        wild_bootstrap_mean,
        wild_cluster_bootstrap,
    )

_LATER: Final = {
    "agreement": ("Agreement", "cohen_kappa", "gwet_ac1", "krippendorff_alpha"),
    "bootstrap": ("BootstrapResult", "bootstrap_means", "cluster_bootstrap"),
    "bradley_terry": (
        "Intransitivity",
        "PairedComparisonFit",
        "excess_intransitivity",
        "fit_paired_comparisons",
        "summarised_triads",
    ),
    "calibration": (
        "BrierScore",
        "CalibrationError",
        "ReliabilityCurve",
        "brier_score",
        "expected_calibration_error",
        "reliability_curve",
    ),
    "conditional_logit": ("ConditionalLogitFit", "fit_choice", "fit_conditional_logit"),
    "human_anchored": ("AnchoredMean", "CorrectedRate", "anchored_mean", "corrected_rate"),
    "logit": (
        "BinomialFit",
        "LogitFit",
        "MarginalEffect",
        "average_marginal_effect",
        "fit_binomial",
        "fit_logit",
    ),
    "power": (
        "Allocation",
        "effect_power",
        "equivalence_power",
        "items_for_effect",
        "items_for_equivalence",
        "minimum_detectable_effect",
        "possible_splits",
    ),
    "ranks": ("RankIntervals", "rank_intervals"),
    "separation": ("separation",),
    "shrunken": ("ShrunkenProportions", "shrunken_proportions"),
    "signal": (
        "SignalDetection",
        "SignalIndex",
        "clustered_signal_detection",
        "signal_detection",
        "signal_indices",
    ),
    "crossed": ("CrossedComponents", "crossed_components"),
    "fieller": ("ratio_of_means",),
    "triads": ("RandomAbilities", "excess_cycles", "fit_random_abilities", "held_out_agreement"),
    "variance_components": ("VarianceComponents", "estimate_components"),
    "wild_bootstrap": ("WildBootstrapResult", "wild_bootstrap_mean", "wild_cluster_bootstrap"),
}
"""Module: names that load on first use."""

_HOME: Final = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "Agreement",
    "Allocation",
    "AnchoredMean",
    "BinomialFit",
    "BootstrapResult",
    "Bounds",
    "BrierScore",
    "CalibrationError",
    "ClusteredMean",
    "ClusteredRegression",
    "ConditionalLogitFit",
    "ConfidenceSequence",
    "CorrectedRate",
    "CrossTally",
    "CrossedComponents",
    "Decision",
    "Estimate",
    "Familiarity",
    "GoldAdjusted",
    "HypothesisTest",
    "Interval",
    "Intransitivity",
    "LinearFit",
    "LogitFit",
    "MarginalEffect",
    "MatchingBalance",
    "OwnScores",
    "PairedComparisonFit",
    "RandomAbilities",
    "RankIntervals",
    "ReliabilityCurve",
    "ShrunkenProportions",
    "SignalDetection",
    "SignalIndex",
    "Tally",
    "TripleDifference",
    "VarianceComponents",
    "WildBootstrapResult",
    "anchored_mean",
    "asymptotic_sequence",
    "augmented_t",
    "average_marginal_effect",
    "benjamini_hochberg",
    "betting_sequence",
    "bonett_price",
    "bootstrap_means",
    "bounded_effect",
    "bounded_proportion",
    "brier_score",
    "clopper_pearson",
    "cluster_bootstrap",
    "clustered_correlation",
    "clustered_mean",
    "clustered_ols",
    "clustered_regression",
    "clustered_signal_detection",
    "cohen_kappa",
    "corrected_rate",
    "crossed_components",
    "dbg",
    "decide",
    "describe_decision",
    "differential_missingness",
    "effect_power",
    "equivalence_power",
    "estimate_components",
    "exact_proportion",
    "excess_cycles",
    "excess_intransitivity",
    "expected_calibration_error",
    "familiarity",
    "familiarity_design",
    "fit_binomial",
    "fit_choice",
    "fit_conditional_logit",
    "fit_logit",
    "fit_paired_comparisons",
    "fit_random_abilities",
    "gold_regression",
    "gwet_ac1",
    "held_out_agreement",
    "holm",
    "imbens_manski_critical",
    "items_for_effect",
    "items_for_equivalence",
    "judge_minus_panel",
    "krippendorff_alpha",
    "max_t",
    "mcnemar",
    "minimum_detectable_effect",
    "monotone_trend",
    "newcombe",
    "non_inferiority",
    "own_scores",
    "paired_effect",
    "paired_t",
    "panel_regression",
    "possible_splits",
    "proportion",
    "rank_intervals",
    "ratio_of_means",
    "raw_preference",
    "reliability_curve",
    "separation",
    "shrunken_proportions",
    "signal_detection",
    "signal_indices",
    "simultaneous_effects",
    "summarised_triads",
    "tallied_bounds",
    "tallied_effect",
    "tallied_proportion",
    "tallied_simultaneous",
    "tango",
    "tost",
    "triple_difference",
    "twoway_mean",
    "twoway_ols",
    "wild_bootstrap_mean",
    "wild_cluster_bootstrap",
    "wilson",
    "worst_case_bounds",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'judgebench.stats' has no attribute {name!r}")
    found = getattr(import_module(f"judgebench.stats.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
