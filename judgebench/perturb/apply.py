"""Putting a perturbation on an item: the stimulus of one arm, the record of the change, and its check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from judgebench.items import Item, Letter
from judgebench.perturb.base import Check, Draw, Perturbation
from judgebench.perturb.neutral import neutral_text
from judgebench.perturb.stimulus import Change, Note, Stimulus

Arm = Literal["control", "treatment", "placebo", "positive_control"]


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A changed stimulus with what is known about the change."""

    stimulus: Stimulus
    change: Change
    check: Check

    def record(self) -> str:
        """The change and its check as JSON, as the run directory keeps it."""
        return json.dumps(
            {
                "change": asdict(self.change),
                "failures": list(self.check.failures),
                "measures": dict(self.check.measures),
            },
            ensure_ascii=False,
        )


def draw_target(plugin: Perturbation, seed: int, item: Item) -> Letter:
    """The response that is changed where a suite changes one: each as often, by a stream of its own."""
    digest = hashlib.sha256(
        f"{seed}\x1f{plugin.id}\x1ftarget\x1f{item.id}".encode("utf-8", "surrogatepass")
    ).digest()
    return item.letters[digest[0] % len(item.letters)]


def perturb(
    plugin: Perturbation,
    item: Item,
    target: Letter,
    arm: Arm,
    *,
    seed: int,
    replicate: int,
    options: Mapping[str, Any],
) -> Perturbed:
    """The stimulus of one arm.

    The treatment and its placebo draw from the same stream, so that a placebo answers to its own cue.

    Args:
        plugin: The perturbation.
        item: The item.
        target: The response that is changed, or that a note speaks of.
        arm: `treatment`, `positive_control` or `placebo`.
        seed: The suite's.
        replicate: The repeat it is drawn for.
        options: The plugin's options; what is left out has its default.

    Raises:
        ValueError: The arm changes nothing: `control`, or a placebo of a plugin that has none.
    """
    if plugin.apply is None or arm == "control" or (arm == "placebo" and plugin.placebo_of is None):
        raise ValueError(f"{plugin!r} has no {arm} arm")
    defaults = {p.name: p.default for p in plugin.options.values() if p.default is not p.empty}
    options = {**defaults, **options}
    original = Stimulus.of(item)
    before = _field_text(plugin, original, target)
    cue = plugin.apply(before, Draw(item, target, plugin.stream(seed, item, replicate)), **options)
    if arm != "placebo" or plugin.placebo_of is None:
        return _perturbed(plugin, original, target, before, cue, _check(plugin, before, cue, options))
    text = plugin.placebo_of(before, Draw(item, target, plugin.stream(seed, item, replicate)), cue, **options)
    return _perturbed(plugin, original, target, before, text, _check_placebo(plugin, before, cue, text))


def _field_text(plugin: Perturbation, stimulus: Stimulus, target: Letter) -> str:
    """The text that the plugin gets to change; a note starts out empty."""
    return {"response": stimulus.response(target), "prompt": stimulus.prompt}.get(plugin.place, "")


def _perturbed(
    plugin: Perturbation, original: Stimulus, target: Letter, before: str, after: str, check: Check
) -> Perturbed:
    if plugin.place == "response":
        return Perturbed(
            original.with_response(target, after), Change.between(f"response_{target}", before, after), check
        )
    if plugin.place == "prompt":
        return Perturbed(replace(original, prompt=after), Change.between("prompt", before, after), check)
    if plugin.place == "order":
        raise ValueError(f"{plugin!r} changes the order, not a text")
    return Perturbed(
        replace(original, note=Note(plugin.place, after, target)), Change("note", 0, "", after), check
    )


def _check(plugin: Perturbation, before: str, after: str, options: Mapping[str, Any]) -> Check:
    """What must hold for every perturbation, then what the plugin checks itself."""
    failures = [] if after != before else ["nothing changed"]
    if plugin.markers:
        failures += _check_markers(plugin, before, after)
    own = plugin.check_of(before, after, **options) if plugin.check_of else Check()
    measures = {"length_ratio": round(len(after) / len(before), 4)} if before else {}
    return Check((*failures, *own.failures), {**measures, **own.measures})


def _check_markers(plugin: Perturbation, before: str, after: str) -> list[str]:
    """Exactly one cue stands in the result, and none stood there before."""
    already, standing = (sum(text.count(m) for m in plugin.markers) for text in (before, after))
    if already:
        return ["the cue stood there before the change"]
    return [] if standing == 1 else [f"the cue stands {standing} times"]


def _check_placebo(plugin: Perturbation, before: str, cue: str, placebo: str) -> Check:
    """A placebo is as long as its cue within 10 %, and does not hold the cue."""
    cue_size, size = len(cue) - len(before), len(placebo) - len(before)
    ratio = size / cue_size if cue_size else 1.0
    failures = [] if 0.9 <= ratio <= 1.1 else [f"the placebo is {ratio:.2f} times as long as the cue"]
    if any(placebo.count(m) > before.count(m) for m in plugin.markers):
        failures.append("the placebo holds the cue")
    return Check(tuple(failures), {"placebo_ratio": round(ratio, 4)})


def insertion_placebo(text: str, draw: Draw, cue: str, **_options: Any) -> str:
    """A placebo for any cue that only adds text: neutral, as long, in its place, between the same blanks."""
    change = Change.between("text", text, cue)
    core = change.inserted.strip()
    lead, _, trail = change.inserted.partition(core) if core else (change.inserted, "", "")
    neutral = neutral_text(len(core), draw.rng)
    return replace(change, inserted=lead + neutral + trail).apply(text)
