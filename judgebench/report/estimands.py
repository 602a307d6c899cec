"""What each estimand is called, and what it means in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["COSTS", "ESTIMANDS", "Estimand"]


@dataclass(frozen=True, slots=True)
class Estimand:
    """What a number is. `signed`: a difference around zero, as opposed to a rate from 0 to 1."""

    name: str
    signed: bool
    meaning: str


COSTS: Final = {"usd": "USD", "tokens": "tokens", "seconds": "seconds"}
"""What a verdict costs, as the estimands name it, with its unit; what decides first."""

ESTIMANDS: Final = {
    "first_preference": Estimand(
        "first preference", signed=True, meaning="how far above one half the response shown first wins"
    ),
    "target_preference": Estimand(
        "target preference",
        signed=True,
        meaning="change in the share of comparisons that the changed response wins",
    ),
    "place_preference": Estimand(
        "place preference", signed=True, meaning="how far above one in k the response in a place is chosen"
    ),
    "choice_logit": Estimand("choice logit", signed=True, meaning="log odds of being chosen from a list"),
    "score_shift": Estimand(
        "score shift",
        signed=True,
        meaning="change in the score of the changed response, in points of the scale",
    ),
    "mean_score": Estimand("mean score", signed=False, meaning="mean of the scores, in points of the scale"),
    "share_at_low_end": Estimand(
        "lowest scores", signed=False, meaning="share of scores at the scale's low end"
    ),
    "share_at_high_end": Estimand(
        "highest scores", signed=False, meaning="share of scores at the scale's high end"
    ),
    "variance_share": Estimand(
        "share of variance", signed=False, meaning="part of the variance of the verdicts that the wording has"
    ),
    "reversal_rate": Estimand(
        "reversal rate", signed=False, meaning="share of verdicts that the opposite criterion turns"
    ),
    "swap_inconsistency": Estimand(
        "swap inconsistency", signed=False, meaning="share of items whose verdict depends on the order"
    ),
    "excess_swap_inconsistency": Estimand(
        "excess swap inconsistency", signed=True, meaning="swap inconsistency minus the noise floor"
    ),
    "flip_rate": Estimand("flip rate", signed=False, meaning="share of verdicts that change"),
    "excess_flip_rate": Estimand("excess flip rate", signed=True, meaning="flip rate minus the noise floor"),
    "flip_toward": Estimand(
        "flips toward", signed=False, meaning="share of verdicts that change toward the target"
    ),
    "flip_away": Estimand(
        "flips away", signed=False, meaning="share of verdicts that change away from the target"
    ),
    "accuracy": Estimand("accuracy", signed=False, meaning="share of verdicts that agree with gold"),
    "accuracy_change": Estimand(
        "change in accuracy",
        signed=True,
        meaning="share of verdicts that agree with gold, changed minus unchanged",
    ),
    "false_decisiveness": Estimand(
        "false decisiveness", signed=False, meaning="share of verdicts that name a winner where gold is a tie"
    ),
    "tie_rate": Estimand("tie rate", signed=False, meaning="share of verdicts that are ties"),
    "inconsistency": Estimand(
        "inconsistency", signed=False, meaning="share of verdicts that differ in any way when asked again"
    ),
    "verdict_change": Estimand(
        "verdict change", signed=False, meaning="share of unchanged items that get another verdict"
    ),
    "excess_verdict_change": Estimand(
        "excess verdict change", signed=True, meaning="verdict changes minus the noise floor"
    ),
    "missing_rate": Estimand("missing rate", signed=False, meaning="share of judgments without a verdict"),
    "missing_rate_difference": Estimand(
        "missing rate difference", signed=True, meaning="missing rate of one arm minus the other's"
    ),
    "failed_check_rate": Estimand(
        "failed checks", signed=False, meaning="share of changes that failed their manipulation check"
    ),
    "interaction": Estimand(
        "interaction", signed=True, meaning="the effect under one condition minus that under the other"
    ),
    "dose_trend": Estimand(
        "dose trend", signed=True, meaning="change in the effect from one dose to the next, within items"
    ),
    "slope_per_log_length": Estimand(
        "slope per log length", signed=True, meaning="change in the effect per unit of log length ratio"
    ),
    "discordance": Estimand(
        "discordance",
        signed=True,
        meaning="share of items won by the first shown in both orders minus that by the second",
    ),
    "main_effect": Estimand(
        "main effect",
        signed=True,
        meaning="change in the target's wins, averaged over the other factors there or not",
    ),
    "interaction_effect": Estimand(
        "interaction effect", signed=True, meaning="what two changes do together beyond the sum of each"
    ),
    "joint_effect": Estimand(
        "joint effect", signed=True, meaning="change in the target's wins by all factors"
    ),
    "shapley_value": Estimand(
        "Shapley value",
        signed=True,
        meaning="a factor's share in the joint effect, over all orders of adding them",
    ),
    "disagreement_rate": Estimand(
        "disagreement",
        signed=False,
        meaning="share of pairs whose scores name another winner than the comparison",
    ),
    "excess_disagreement_rate": Estimand(
        "excess disagreement", signed=True, meaning="disagreement minus what asking again does"
    ),
    "kappa": Estimand(
        "kappa",
        signed=True,
        meaning="agreement of scores and comparison beyond chance, a tie being one of three",
    ),
    "rerun_disagreement_rate": Estimand(
        "disagreement on rerun", signed=False, meaning="what asking again does by itself"
    ),
    "rerun_flip_rate": Estimand(
        "flips on rerun", signed=False, meaning="share of verdicts that change when asked again"
    ),
    "tie_rate_difference": Estimand(
        "difference in ties", signed=True, meaning="ties among scores minus ties among verdicts"
    ),
    "first_preference_change": Estimand(
        "change in first preference",
        signed=True,
        meaning="first preference of one way of asking minus the other's",
    ),
    "criteria_spread": Estimand(
        "spread of criteria",
        signed=True,
        meaning="standard deviation over the criteria of a response, in points",
    ),
    "brier_score": Estimand(
        "Brier score", signed=False, meaning="mean squared error of the label probabilities"
    ),
    "calibration_error": Estimand(
        "calibration error",
        signed=False,
        meaning="mean gap between label probabilities and how often gold agrees",
    ),
    "reliability": Estimand(
        "reliability", signed=False, meaning="how often gold agrees where so much probability was given"
    ),
    "leniency": Estimand(
        "leniency", signed=True, meaning="mean score minus the middle of the scale, in points"
    ),
    "skewness": Estimand("skewness", signed=True, meaning="skewness of the scores"),
    "share_of_round": Estimand(
        "round scores", signed=False, meaning="share of scores that are round numbers"
    ),
    "gold_slope": Estimand(
        "slope against gold",
        signed=True,
        meaning="score of the better response minus that of the worse, in points",
    ),
    "gold_intercept": Estimand(
        "score of the worse", signed=False, meaning="score of the worse response, in points"
    ),
    "cyclic_share": Estimand("circles", signed=False, meaning="share of strict triads that go in a circle"),
    "excess_cyclic_share": Estimand(
        "excess circles", signed=True, meaning="circles minus those that noise alone would make"
    ),
    "held_out_accuracy": Estimand(
        "held-out accuracy", signed=False, meaning="share of verdicts on pairs that the other pairs foretell"
    ),
    "raw": Estimand("raw own share", signed=True, meaning="own win rate above one half"),
    "dbg": Estimand("DBG", signed=True, meaning="own win rate by the judge minus own win rate by gold"),
    "adjusted": Estimand(
        "adjusted", signed=True, meaning="own preference against a panel, matched on quality"
    ),
    "gold_regression": Estimand(
        "regression on gold", signed=True, meaning="own preference where gold calls the pair even"
    ),
    "judge_minus_panel": Estimand(
        "judge minus panel", signed=True, meaning="own win rate by the judge minus own win rate by the panel"
    ),
    "panel_regression": Estimand(
        "panel regression", signed=True, meaning="own preference at the same score by the panel"
    ),
    "own_quality_gap": Estimand(
        "own quality gap", signed=True, meaning="own win rate by gold above one half"
    ),
    "order_consistency": Estimand(
        "order consistency", signed=False, meaning="share of pairs with the same verdict in both orders"
    ),
    "recognition_accuracy": Estimand(
        "recognition", signed=False, meaning="share of pairs of which the judge names its own response"
    ),
    "recognition_position": Estimand(
        "recognition by place",
        signed=True,
        meaning="how far above one half the response shown first is named as the judge's own",
    ),
    "recognition_correlation": Estimand(
        "recognition and preference",
        signed=True,
        meaning="correlation over pairs of naming the own response with preferring it",
    ),
    "carried_by_style": Estimand(
        "carried by style",
        signed=True,
        meaning="own win rate as written minus own win rate with both responses in one style",
    ),
    "carried_by_style_adjusted": Estimand(
        "carried by style, adjusted",
        signed=True,
        meaning="the same, less what one style does to responses of others in pairs as uneven",
    ),
    "score_adjusted": Estimand(
        "own score, adjusted",
        signed=True,
        meaning="own score on gold's scale minus gold's, by its use of the scale",
    ),
    "score_regression": Estimand(
        "own score on gold", signed=True, meaning="own score against others of the same gold score, in points"
    ),
    "score_quality_gap": Estimand(
        "own gold score", signed=True, meaning="own score by gold minus others' by gold, in points"
    ),
    "score_raw": Estimand("own score", signed=True, meaning="own score minus others', in points"),
    "familiarity_adjusted": Estimand(
        "at equal perplexity",
        signed=True,
        meaning="own preference where neither response is likelier under the judge",
    ),
    "preference_per_nat": Estimand(
        "preference per nat",
        signed=True,
        meaning="change in a response's share of wins per nat a token that it surprises the judge less",
    ),
    "perplexity_gap": Estimand(
        "perplexity gap", signed=True, meaning="nats a token by which own responses surprise the judge less"
    ),
    "bias_removed": Estimand(
        "bias removed", signed=True, meaning="the effect without the mitigation minus that with it"
    ),
    **{
        f"extra_{cost}": Estimand(
            f"extra {words}", signed=True, meaning=f"{words} that a verdict takes more with the mitigation"
        )
        for cost, words in COSTS.items()
    },
    **{
        f"{cost}_per_point": Estimand(
            f"{words} per point", signed=True, meaning=f"extra {words} over the points of bias removed"
        )
        for cost, words in COSTS.items()
    },
}
