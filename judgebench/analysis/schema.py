"""The two tables that other programs read: a row a trial, and a row an effect."""

from __future__ import annotations

from typing import Final

JUDGMENT_COLUMNS: Final = (
    "suite", "judge", "item_id", "source", "category", "perturbation", "arm", "target", "order", "protocol",
    "mitigation", "repeat", "verdict", "preferred_target", "p_a", "p_b", "p_tie", "captured_mass",
    "score_a", "score_b", "gold", "request_key", "prompt_tokens", "completion_tokens", "cost_usd", "latency_s",
)  # fmt: skip

GROUP_COLUMNS: Final = ("suite", "judge", "protocol", "mitigation")
"""Those within which effects are estimated."""

ANALYSED_COLUMNS: Final = (
    "suite", "judge", "item_id", "source", "category", "perturbation", "arm", "target", "order", "protocol",
    "mitigation", "repeat", "verdict", "p_a", "p_b", "p_tie", "score_a", "score_b", "gold",
)  # fmt: skip
"""Those of `JUDGMENT_COLUMNS` that effects are computed from."""

LIST_COLUMNS: Final = ("p_c", "p_d", "p_e", "p_f", "p_g", "p_h")
"""What the planted truth of a simulated judge has beside them."""

PROMPT: Final = "prompt_id"
"""What runs of authored pairs have beside them: the number of the prompt, the cluster of the pairs that share it."""

EFFECT_COLUMNS: Final = (
    "suite", "judge", "bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation",
    "unit", "estimate", "std_error", "conf_low", "conf_high", "conf_level", "statistic", "p_value", "p_adjusted",
    "method", "n_items", "n_clusters", "n_judgments", "n_missing", "bound_low", "bound_high", "margin", "decision",
)  # fmt: skip
