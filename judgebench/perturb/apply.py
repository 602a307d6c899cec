"""Putting a perturbation on an item: the stimulus of one arm, the record of the change, and its check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from judgebench.items import Item, Letter
from judgebench.perturb.base import Check, Draw, Perturbation
from judgebench.perturb.rewriting import RewriteJob, Rewritten
from judgebench.perturb.stimulus import Change, Note, Place, Stimulus

Arm = Literal["control", "treatment", "placebo", "positive_control"]


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A changed stimulus with what is known about the change, or, where both responses are changed, the changes."""

    stimulus: Stimulus
    change: Change
    check: Check
    further: tuple[Change, ...] = ()

    def record(self) -> str:
        """The change and its check as JSON, as the run directory keeps it."""
        further = {"further": [asdict(change) for change in self.further]} if self.further else {}
        return json.dumps(
            {
                "change": asdict(self.change),
                **further,
                "failures": list(self.check.failures),
                "measures": dict(self.check.measures),
            },
            ensure_ascii=False,
        )


def draw_target(plugin: Perturbation, seed: int, item: Item) -> Letter:
    """The response that is changed where a suite changes one: each as often, by a stream of its own."""
    return draw_letter(plugin.id, seed, item)


def draw_letter(name: str, seed: int, item: Item) -> Letter:
    """A response of the item, each as often, by a stream of that name."""
    digest = hashlib.sha256(
        f"{seed}\x1f{name}\x1ftarget\x1f{item.id}".encode("utf-8", "surrogatepass")
    ).digest()
    return item.letters[digest[0] % len(item.letters)]


def applies(
    plugin: Perturbation, item: Item, target: Letter, *, seed: int, options: Mapping[str, Any]
) -> bool:
    """Whether the item has what the perturbation would change on that side."""
    if plugin.applies_to is None:
        return True
    options = plugin.settled(options)
    text = _field_text(plugin.place_with(options), Stimulus.of(item), target)
    return plugin.applies_to(text, Draw(item, target, plugin.stream(seed, item, 0)), **options)


def rewrite_job(
    plugin: Perturbation, item: Item, target: Letter, *, seed: int, replicate: int, options: Mapping[str, Any]
) -> RewriteJob | None:
    """What a model has to rewrite before the arm can be shown; None where the plugin changes the text itself."""
    if plugin.rewrite_by is None:
        return None
    options = plugin.settled(options)
    told = plugin.rewrite_by(Draw(item, target, plugin.stream(seed, item, replicate)), **options)
    text = _field_text(plugin.place_with(options), Stimulus.of(item), target)
    return None if told is None else RewriteJob(told, text)


def perturb(
    plugin: Perturbation,
    item: Item,
    target: Letter,
    arm: Arm,
    *,
    seed: int,
    replicate: int,
    options: Mapping[str, Any],
    rewritten: Rewritten | None = None,
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
        rewritten: What a model made of the text, where `rewrite_job` asks for it; without it, the text that is
            shown stands in for it and its check fails.

    Raises:
        ValueError: The arm changes nothing: `control`, or a placebo of a plugin that has none.
    """
    options = plugin.settled(options)
    if plugin.apply is None or arm == "control" or (arm == "placebo" and not plugin.has_placebo(options)):
        raise ValueError(f"{plugin!r} has no {arm} arm")
    original, place = Stimulus.of(item), plugin.place_with(options)
    before = _field_text(place, original, target)

    def draw() -> Draw:
        return Draw(item, target, plugin.stream(seed, item, replicate))

    job = rewrite_job(plugin, item, target, seed=seed, replicate=replicate, options=options)
    if job is not None:
        made = rewritten or job.stand_in()
        check = _check(plugin, before, made.text, options)
        check = Check((*check.failures, *made.failures), check.measures)
        return _perturbed(plugin, place, original, target, before, made.text, check)
    cue = plugin.apply(before, draw(), **options)
    if arm != "placebo" or plugin.placebo_of is None:
        return _perturbed(plugin, place, original, target, before, cue, _check(plugin, before, cue, options))
    text = plugin.placebo_of(before, draw(), cue, **options)
    return _perturbed(
        plugin, place, original, target, before, text, _check_placebo(plugin, before, cue, text)
    )


def perturb_together(
    parts: Sequence[tuple[Perturbation, Mapping[str, Any]]],
    item: Item,
    target: Letter,
    *,
    seed: int,
    replicate: int,
) -> Perturbed:
    """The stimulus with several changes of one response, each made on what those before it left.

    Each draws from the same stream as alone, so that it is the same text wherever the others leave it alone. Notes
    stand in one place, each on a line of its own.

    Args:
        parts: The perturbations with their options, the first one first.
        item: The item.
        target: The response that is changed, or that notes speak of.
        seed: The suite's.
        replicate: The repeat it is drawn for.

    Returns:
        All changes; the record tells the whole change of the response where there is one, else the last change.

    Raises:
        ValueError: There is nothing to change.
    """
    if not parts:
        raise ValueError("several changes are at least one")
    shown, stimulus, failures, measures = item, Stimulus.of(item), list[str](), dict[str, float]()
    for plugin, options in parts:
        done = perturb(plugin, shown, target, "treatment", seed=seed, replicate=replicate, options=options)
        stimulus = _joined(stimulus, done.stimulus)
        now: dict[str, Any] = {"prompt": stimulus.prompt, f"response_{target}": stimulus.response(target)}
        shown = replace(shown, **now)  # the next one changes what is there by now
        failures += [f"{plugin.id}: {failure}" for failure in done.check.failures]
        measures |= {f"{plugin.id}.{name}": value for name, value in done.check.measures.items()}
    before, after = item.response(target), stimulus.response(target)
    change = done.change if before == after else Change.between(f"response_{target}", before, after)
    return Perturbed(stimulus, change, Check(tuple(failures), measures))


def _joined(before: Stimulus, after: Stimulus) -> Stimulus:
    """The later stimulus, whose texts hold all changes, with the note and the labels of the earlier one."""
    note = after.note or before.note
    if before.note is not None and after.note is not None:
        note = replace(after.note, text=f"{before.note.text}\n{after.note.text}")
    return replace(after, note=note, labels=after.labels or before.labels)


def _field_text(place: Place, stimulus: Stimulus, target: Letter) -> str:
    """The text that the plugin gets to change; a note and labels start out empty."""
    return {"response": stimulus.response(target), "prompt": stimulus.prompt}.get(place, "")


def _perturbed(
    plugin: Perturbation,
    place: Place,
    original: Stimulus,
    target: Letter,
    before: str,
    after: str,
    check: Check,
) -> Perturbed:
    if place == "response":
        return Perturbed(
            original.with_response(target, after), Change.between(f"response_{target}", before, after), check
        )
    if place == "prompt":
        return Perturbed(replace(original, prompt=after), Change.between("prompt", before, after), check)
    if place == "order":
        raise ValueError(f"{plugin!r} changes the order, not a text")
    if place == "label":
        return Perturbed(
            replace(original, labels=_labels(plugin, after, target)), Change("labels", 0, "", after), check
        )
    return Perturbed(replace(original, note=Note(place, after, target)), Change("note", 0, "", after), check)


def _labels(plugin: Perturbation, text: str, target: Letter) -> tuple[str, str, str]:
    """The labels of response_a, response_b and a tie, from `target/other/tie`."""
    parts = text.split("/")
    if len(set(parts)) != 3 or not all(map(str.isalnum, parts)):
        raise ValueError(
            f"{plugin!r} gives the labels {text!r}: three different words between slashes are needed"
        )
    first, second, tie = parts
    return (first, second, tie) if target == "a" else (second, first, tie)


def _check(plugin: Perturbation, before: str, after: str, options: Mapping[str, Any]) -> Check:
    """What must hold for every perturbation, then what the plugin checks itself."""
    failures = [] if after != before else ["nothing changed"]
    if plugin.markers and options.get("by") != "model":
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
