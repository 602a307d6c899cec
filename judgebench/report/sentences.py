"""What was found, in plain sentences: one a line, for a reader who wants no table."""

from __future__ import annotations

from typing import Final

from judgebench.report import formats
from judgebench.report.effects import NEGLIGIBLE, Effect, Line
from judgebench.report.labels import DECISIONS, bias_of, perturbation_name, variant_name

__all__ = ["meaning_of", "sentence_of"]

_FOUND: Final = {
    "biased": "{cue} {moves} ({figures})",
    NEGLIGIBLE: "{cue} {moves}, but by less than the margin{margin} ({figures})",
    "equivalent": "{cue} makes no difference beyond the margin{margin} ({figures})",
    "inconclusive": "{cue}: the data do not settle it ({figures})",
    "": "{cue}: {figures}",
}
_SHARES_WON: Final = {
    "first_preference": "Of 100 comparisons, the response shown first wins about {share}, where 50 would be fair",
    "raw": "Of 100 comparisons, the judge's own texts win about {share}, where 50 would be even",
}
_MORE_OR_FEWER: Final = {
    "target_preference": "Of 100 comparisons, the changed response wins about {more} than without the change",
    "dbg": "Of 100 comparisons, the judge's own texts win about {more} than gold gives them",
    "adjusted": "Of 100 comparisons, the judge's own texts win about {more} than they would on their quality",
}
_OTHER_SCALES: Final = {
    "score_shift": "The changed response's score is about {more} than without the change, on the judge's scale",
}
_SETTLED: Final = {
    NEGLIGIBLE: " The difference is real, but too small to matter.",
    "equivalent": " That is too little to matter.",
    "inconclusive": " More items are needed to tell.",
}


def sentence_of(line: Line) -> str:
    """One sentence on the line's effect: what was found, estimate and interval, and the decision."""
    effect = line.primary
    if effect.estimate is None:
        return f"{_cue(effect)}: no estimate."
    level = formats.level(effect.conf_level)
    found = _FOUND[effect.verdict].format(
        cue=_cue(effect),
        moves=_moves(effect),
        margin=f" of {formats.margin(effect)}" if effect.margin is not None else "",
        figures=f"{formats.measured(effect)}, {level} interval {formats.interval(effect)}",
    )
    return f"{found}: {DECISIONS[effect.verdict].words}."


def meaning_of(line: Line) -> str:
    """What the effect means among a hundred comparisons, or on a judge's scale; empty where neither is known."""
    effect = line.primary
    said, written = next(
        (
            (sentences[effect.estimand], how)
            for sentences, how in ((_SHARES_WON, _share), (_MORE_OR_FEWER, _more), (_OTHER_SCALES, _higher))
            if effect.estimand in sentences
        ),
        ("", _share),
    )
    if not said or effect.estimate is None or effect.conf_low is None or effect.conf_high is None:
        return ""
    about, low, high = (written(value) for value in (effect.estimate, effect.conf_low, effect.conf_high))
    return f"{said.format(share=about, more=about)} (from {low} to {high}).{_SETTLED.get(effect.verdict, '')}"


def _share(above_half: float) -> str:
    return f"{50 + 100 * above_half:.0f}"


def _more(difference: float) -> str:
    count = round(100 * abs(difference))
    return f"{count} {'more' if difference > 0 else 'fewer'}" if count else "no more"


def _higher(difference: float) -> str:
    return f"{abs(difference):.2g} {'higher' if difference > 0 else 'lower'}"


def _cue(effect: Effect) -> str:
    cue = bias_of(effect.bias).cue
    _, _, variant = perturbation_name(effect.bias, effect.perturbation).partition(bias_of(effect.bias).name)
    dose = f" ({variant.strip(': ')})" if variant else ""
    return f"{cue}{dose}{variant_name(effect.protocol, effect.mitigation)}"


def _moves(effect: Effect) -> str:
    """The direction in words, without the size, which follows in brackets."""
    up = (effect.estimate or 0) > 0
    if effect.estimand == "first_preference":
        return "helps a response win" if up else "hurts a response's chance to win"
    if effect.estimand == "target_preference":
        return "raises a response's share of wins" if up else "lowers a response's share of wins"
    return "has a positive effect" if up else "has a negative effect"
