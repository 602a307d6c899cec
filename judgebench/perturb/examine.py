"""Examining a perturbation: what must hold for every one is tried on ordinary and on awkward texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Literal

from judgebench.items import Item, Side
from judgebench.items.bank import read_bank
from judgebench.perturb.apply import Arm, Perturbed, applies, perturb
from judgebench.perturb.base import Perturbation
from judgebench.perturb.stimulus import Stimulus

Verdict = Literal["ok", "FAIL", "note"]

_SIDES: Final[tuple[Side, Side]] = ("a", "b")
_EVERY: Final = 7  # items of the bank between two that are tried
_SEEDS: Final = 24
_ENOUGH_WORDINGS: Final = 3
_AWKWARD: Final[Mapping[str, tuple[str, str]]] = {
    "an empty text": ("", " \n\t"),
    "unicode": (
        "\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439. \u4f60\u597d\u3002 \u202eabc\u202c \u0301e",
        "\U0001f9d1\u200d\U0001f680 {target} {other} {text} %s \\1 \x1b[0m",
    ),
    "a very long text": ("It is so, and more. " * 10_000, "x" * 200_000),
    "code and markup": ("```python\nx = [1]\n```\n- a. B.\n| c | d |", "# T\n\n```\nnot closed. A.\n"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of a plugin.

    Attributes:
        check: What was looked at.
        verdict: `ok`, `FAIL`, or `note` for advice.
        detail: What was found, in words.
    """

    check: str
    verdict: Verdict
    detail: str = ""


def examine(plugin: Perturbation, options: Mapping[str, Any] | None = None) -> list[Finding]:
    """Try a perturbation on every seventh item of the bank and on awkward texts.

    Args:
        plugin: The perturbation.
        options: Its options; what is left out has its default.
    """
    if plugin.apply is None:
        return [Finding("applies", "ok", "it changes the order alone: there is no text to check")]
    missing = [
        p.name for p in plugin.options.values() if p.default is p.empty and p.name not in (options or {})
    ]
    if missing:
        return [Finding("options", "FAIL", f"{missing[0]!r} has no default")]
    trial = _Trial(plugin, {**({plugin.levels: plugin.dose[0]} if plugin.dose else {}), **(options or {})})
    checks: tuple[Callable[[_Trial], Finding], ...] = (
        _applies, _determinism, _record, _wordings, _manipulation, _placebo
    )  # fmt: skip
    return [*(_guarded(check, trial) for check in checks), *_survival(trial), _declaration(plugin)]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A perturbation with its options, ready to be put on items."""

    plugin: Perturbation
    options: Mapping[str, Any]

    def on(self, item: Item, side: Side, arm: Arm | None = None, seed: int = 0) -> Perturbed:
        return perturb(
            self.plugin, item, side, arm or self.plugin.arm, seed=seed, replicate=0, options=self.options
        )

    def fits(self, item: Item, side: Side) -> bool:
        return applies(self.plugin, item, side, seed=0, options=self.options)

    def sample(self) -> list[tuple[Item, Side]]:
        return [at for at in product(read_bank()[::_EVERY], _SIDES) if self.fits(*at)]

    @property
    def arms(self) -> tuple[Arm, ...]:
        placebo = self.plugin.has_placebo(self.plugin.settled(self.options))
        return (self.plugin.arm, "placebo") if placebo else (self.plugin.arm,)


def _guarded(check: Callable[[_Trial], Finding], trial: _Trial) -> Finding:
    """The finding; what the plugin raises is a finding too, whatever it is."""
    try:
        return check(trial)
    except Exception as error:  # noqa: BLE001  # a plugin can fail in any way, and which is the answer
        return Finding(check.__name__.strip("_"), "FAIL", f"{type(error).__name__}: {error}")


def _applies(trial: _Trial) -> Finding:
    found = trial.sample()
    asked = 2 * len(read_bank()[::_EVERY])
    return Finding("applies", "ok" if found else "FAIL", f"to {len(found)} of {asked} responses of the bank")


def _determinism(trial: _Trial) -> Finding:
    """Same stream, same text: also when Python's own random numbers and the order of asking are others."""
    sample, state = trial.sample(), random.getstate()
    try:
        random.seed(1)
        first = [trial.on(*at) for at in sample]
        random.seed(2)
        again = [trial.on(*at) for at in reversed(sample)][::-1]
    finally:
        random.setstate(state)
    differ = sum(one != other for one, other in zip(first, again, strict=True))
    told = f"{differ} of {len(sample)} changes differ when made again: draw from `draw` alone"
    return Finding(
        "determinism", "FAIL" if differ else "ok", told if differ else f"{len(sample)} changes, twice"
    )


def _record(trial: _Trial) -> Finding:
    """The recorded splice, made in the original, gives what is shown; and the other fields are as they were."""
    for (item, side), arm in product(trial.sample(), trial.arms):
        done, original = trial.on(item, side, arm), Stimulus.of(item)
        field = done.change.field
        before, after = (str(getattr(s, field, "") or "") for s in (original, done.stimulus))
        if field in {"note", "labels"}:
            before, after = "", done.change.inserted
        if done.change.apply(before) != after:
            return Finding("record", "FAIL", f"item {item.id}: the record does not give what is shown")
    return Finding("record", "ok", "reproduces every change")


def _wordings(trial: _Trial) -> Finding:
    sample = trial.sample()[:1]
    texts = {trial.on(*at, seed=seed).change.inserted for at in sample for seed in range(_SEEDS)}
    few = len(texts) < _ENOUGH_WORDINGS
    told = f"{len(texts)} for one response" + (": a result may hang on one sentence" if few else "")
    return Finding("wordings", "note" if few else "ok", told)


def _manipulation(trial: _Trial) -> Finding:
    done = [(item.id, trial.on(item, side)) for item, side in trial.sample()]
    if trial.plugin.rewrite_by is not None and _is_by_model(trial):
        return Finding("manipulation", "note", "a model makes the change: checked in a run")
    failed = [(name, one.check.failures[0]) for name, one in done if not one.check.passed]
    told = f"{len(failed)} of {len(done)} changes fail their check"
    return Finding(
        "manipulation",
        "FAIL" if failed else "ok",
        f"{told}, {failed[0][0]}: {failed[0][1]}" if failed else told,
    )


def _is_by_model(trial: _Trial) -> bool:
    settled = trial.plugin.settled(trial.options)
    return "by" not in settled or settled["by"] == "model"


def _placebo(trial: _Trial) -> Finding:
    if len(trial.arms) == 1:
        return Finding("placebo", "note", "none: an effect cannot be told from that of any added text")
    done = [trial.on(item, side, "placebo") for item, side in trial.sample()]
    failed = [one.check.failures[0] for one in done if not one.check.passed]
    told = f"{len(failed)} of {len(done)} placebos fail their check: {failed[0]}" if failed else (
        f"{len(done)} placebos, each within 10 % of its cue's length")  # fmt: skip
    return Finding("placebo", "FAIL" if failed else "ok", told)


def _survival(trial: _Trial) -> Iterator[Finding]:
    """Awkward texts may leave a check failed, but raise nothing."""
    for name, texts in _AWKWARD.items():
        yield _guarded(lambda trial, name=name, texts=texts: _survives(trial, name, texts), trial)  # type: ignore[misc]


def _survives(trial: _Trial, name: str, texts: Iterable[str]) -> Finding:
    for text, arm in product(texts, trial.arms):
        item = Item("awkward", text, text, "another", gold="b", category="of my own")
        try:
            if trial.fits(item, "a"):
                json_text = trial.on(item, "a", arm).record()
                json_text.encode()
        except Exception as error:  # noqa: BLE001  # as above
            return Finding(name, "FAIL", f"{type(error).__name__}: {error}")
    return Finding(name, "ok")


def _declaration(plugin: Perturbation) -> Finding:
    lacks = [what for what, there in (("a summary", plugin.summary), ("a paper", plugin.papers)) if not there]
    if plugin.check_of is None:
        lacks.append("a check of its own")
    return Finding(
        "declaration", "note" if lacks else "ok", f"without {', '.join(lacks)}" if lacks else "complete"
    )
