"""What holds for every registered perturbation, whatever the text."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from judgebench.items import Item, Side
from judgebench.items.bank import read_bank
from judgebench.perturb import Draw, Perturbation, Perturbed, Stimulus, perturb, perturbations
from judgebench.perturb.apply import applies

BANK = read_bank()
PLUGINS = [perturbations.get(name) for name in perturbations.names()]
BY_MODEL_ALONE = {"paraphrase", "style"}
BY_AUTHOR = {"true", "swapped"}  # names that items of the bank do not bear
CHANGING = [p for p in PLUGINS if p.apply is not None and p.id not in BY_MODEL_ALONE]
CUES = [plugin for plugin in CHANGING if plugin.has_placebo(plugin.settled({}))]
FRAMES = {"sentiment", "format", "code_surface"}  # they change more places than one, or stand in code
NOTES = {"system", "in_prompt", "before_target", "after_responses", "system_and_after"}


def variants() -> Iterator[tuple[Perturbation, dict[str, Any]]]:
    """Every plugin as it is, and with each value of each option that names its values; without a model."""
    for plugin in CHANGING:
        yield plugin, {}
        for name, parameter in plugin.options.items():
            for value in get_args(parameter.annotation):
                if isinstance(value, str) and value not in {parameter.default, "model", *BY_AUTHOR}:
                    yield plugin, {name: value}
    for dose in (0.6, 1.2, 3.0):
        yield perturbations.get("length"), {"dose": dose}
    yield perturbations.get("bandwagon"), {"percent": 75}


VARIANTS = list(variants())
WITH_PLACEBO = [(p, options) for p, options in VARIANTS if p.has_placebo(p.settled(options))]
MARKERS = [marker for plugin in CHANGING for marker in plugin.markers]
SENTENCES = ["It is so.", "The cat sat.", "Why? Because!", "Use e.g. three of 3.14 units.", "T", " n. The n."]
PIECES = st.sampled_from(
    [
        *SENTENCES,
        *MARKERS,
        "```\nx = 1. Y.\n```",
        "```",
        "- one. Two.\n",
        "\n\n",
        " ",
        "| a. | b. |",
        "{target}",
    ]
)
CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = (
    st.text(CHARACTERS, max_size=60)
    | st.lists(PIECES, max_size=12).map("".join)
    | st.lists(st.sampled_from(SENTENCES), max_size=12).map(" ".join)
    | st.sampled_from(["", "x", "A. " * 300, "word " * 800, "." * 2000 + "x"])
)
SIDES = st.sampled_from(["a", "b"])
FAST = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def items(draw: st.DrawFn) -> Item:
    category = draw(st.sampled_from(["code", "factual", "of my own", None]))
    item_id = draw(st.text(CHARACTERS, min_size=1, max_size=5))
    return Item(item_id, draw(TEXTS), draw(TEXTS), draw(TEXTS), category=category)


def changed(
    plugin: Perturbation, item: Item, target: Side, arm: str = "", *, seed: int = 0, **options: Any
) -> Perturbed:
    arms: Any = arm or plugin.arm
    return perturb(plugin, item, target, arms, seed=seed, replicate=0, options=options)


def field_of(stimulus: Stimulus, field: str) -> str:
    if field == "labels":
        return "/".join(stimulus.labels or ())
    return (stimulus.note.text if stimulus.note else "") if field == "note" else getattr(stimulus, field)


def arms_of(plugin: Perturbation, options: dict[str, Any]) -> list[str]:
    return [plugin.arm, "placebo"] if plugin.has_placebo(plugin.settled(options)) else [plugin.arm]


def field_name(plugin: Perturbation, options: dict[str, Any], target: Side) -> str:
    place = plugin.place_with(options)
    return {"response": f"response_{target}", "label": "labels"}.get(place, "note")


def fitting(plugin: Perturbation, options: dict[str, Any], every: int = 1) -> list[tuple[Item, Side]]:
    """The items and sides of the bank, or of every so many of its items, that have what the plugin would change."""
    sides: tuple[Side, ...] = ("a", "b")
    return [(i, s) for i in BANK[::every] for s in sides if applies(plugin, i, s, seed=0, options=options)]


@pytest.mark.parametrize(("plugin", "options"), VARIANTS, ids=str)
@FAST
@given(items(), SIDES, st.integers())
def test_the_change_is_deterministic_recorded_and_leaves_the_rest_alone(
    plugin: Perturbation, options: dict[str, Any], item: Item, target: Side, seed: int
) -> None:
    original = Stimulus.of(item)
    for arm in arms_of(plugin, options):
        done = changed(plugin, item, target, arm, seed=seed, **options)
        assert done == changed(plugin, item, target, arm, seed=seed, **options)
        place = field_name(plugin, options, target)
        assert done.change.field == place
        if place != "labels" or target == "a":
            assert done.change.apply(field_of(original, place)) == field_of(done.stimulus, place)
        other = {"prompt", "response_a", "response_b", "reference"} - {place}
        assert all(getattr(done.stimulus, f) == getattr(original, f) for f in other)
        assert json.loads(done.record())["change"]["inserted"] == done.change.inserted


@pytest.mark.parametrize(("plugin", "options"), WITH_PLACEBO, ids=str)
@FAST
@given(items(), SIDES, st.integers(0, 99))
def test_a_placebo_is_as_long_as_its_cue_and_stands_between_the_same_blanks(
    plugin: Perturbation, options: dict[str, Any], item: Item, target: Side, seed: int
) -> None:
    if plugin.id == "code_surface":
        item = replace(
            item, **{f"response_{target}": f"{item.prompt}\n```python\ndef f(x):\n  y = x\n  return y\n```"}
        )
    assume(applies(plugin, item, target, seed=seed, options=options))
    cue = changed(plugin, item, target, seed=seed, **options)
    placebo = changed(plugin, item, target, "placebo", seed=seed, **options)
    before = field_of(Stimulus.of(item), cue.change.field)
    after = [field_of(done.stimulus, cue.change.field) for done in (cue, placebo)]
    assert 0.9 <= (len(after[1]) - len(before)) / (len(after[0]) - len(before)) <= 1.1
    assert placebo.check.passed
    inserted = cue.change.inserted
    core = inserted.strip()
    if cue.change.removed or not core or plugin.id in FRAMES:
        return
    lead, trail = inserted[: inserted.index(core)], inserted[inserted.index(core) + len(core) :]
    start = cue.change.start
    assert after[1].startswith(before[:start] + lead)
    assert after[1].endswith(trail + before[start:])


@pytest.mark.parametrize(
    ("plugin", "where"),
    [(perturbations.get("distraction"), None), (perturbations.get("superficial_reflection"), "inside")],
    ids=str,
)
@FAST
@given(st.lists(st.sampled_from(SENTENCES[:3]), min_size=2, max_size=8).map(" ".join), st.integers(0, 99))
def test_what_is_put_inside_a_response_starts_and_ends_between_words(
    plugin: Perturbation, where: str | None, text: str, seed: int
) -> None:
    options = {"where": where} if where else {}
    for arm in ("treatment", "placebo"):
        done = changed(plugin, Item("i", "p", text, "b"), "a", arm, seed=seed, **options)
        start, inserted = done.change.start, done.change.inserted
        assert text[:start].rstrip()[-1:] in {"", ".", "!", "?"}
        assert start == 0 or text[start - 1].isspace() or inserted[0].isspace()
        assert not text[start:] or text[start].isspace() or inserted[-1].isspace()


@pytest.mark.parametrize(("plugin", "options"), [v for v in VARIANTS if v[0].markers], ids=str)
def test_exactly_one_marker_stands_in_every_cue_and_none_in_a_placebo(
    plugin: Perturbation, options: dict[str, Any]
) -> None:
    for (item, target), seed in product(fitting(plugin, options)[::8], range(4)):
        done = changed(plugin, item, target, seed=seed, **options)
        text = field_of(done.stimulus, done.change.field)
        assert sum(text.count(marker) for marker in plugin.markers) == 1
        assert done.check.passed
        if "placebo" in arms_of(plugin, options):
            placebo = changed(plugin, item, target, "placebo", seed=seed, **options)
            assert not any(marker in placebo.change.inserted for marker in plugin.markers)


@pytest.mark.parametrize("plugin", [p for p in CHANGING if p.markers], ids=str)
def test_every_marker_is_reached_by_some_wording(plugin: Perturbation) -> None:
    said = [
        changed(plugin, item, "a", seed=seed, **options).change.inserted
        for options in (options for other, options in VARIANTS if other is plugin)
        for item, seed in product(BANK[::3], range(4))
    ]
    assert all(any(marker in text for text in said) for marker in plugin.markers)


@pytest.mark.parametrize(
    "plugin", [p for p in CHANGING if p.family == "invariance" and p.id != "identical_pair"], ids=str
)
def test_no_result_hangs_on_one_wording(plugin: Perturbation) -> None:
    options = {"dose": 1.5} if plugin.id == "length" else {}
    texts = {changed(plugin, *at, seed=seed, **options).change.inserted for at in fitting(plugin, options)[:1]
             for seed in range(200)}  # fmt: skip
    assert len(texts) >= 6


def test_no_item_of_the_bank_holds_a_marker() -> None:
    for item in BANK:
        texts = (item.prompt, item.response_a, item.response_b)
        assert [m for m in MARKERS for text in texts if m in text] == []


@pytest.mark.parametrize(("plugin", "options"), VARIANTS, ids=str)
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 5])
def test_all_checks_pass_on_the_items_of_the_bank_that_it_applies_to(
    plugin: Perturbation, options: dict[str, Any], every: int
) -> None:
    found = fitting(plugin, options, every)
    assert len(found) >= len(BANK[::every]) // 8
    failed = {
        (item.id, side, arm): done.check.failures
        for (item, side), arm in product(found, arms_of(plugin, options))
        if not (done := changed(plugin, item, side, arm, **options)).check.passed
    }
    assert failed == {}


@pytest.mark.parametrize("dose", [1.2, 1.5, 2.0, 3.0])
def test_length_reaches_its_dose_on_the_bank_and_says_nothing_new(dose: float) -> None:
    for item in BANK:
        done = changed(perturbations.get("length"), item, "b", dose=dose)
        after = done.stimulus.response_b
        assert after.startswith(item.response_b)
        assert len(after) / len(item.response_b) == pytest.approx(dose, rel=0.1)
        assert done.check.measures["length_ratio"] == pytest.approx(
            len(after) / len(item.response_b), abs=1e-4
        )


def test_the_stream_depends_on_seed_plugin_version_item_and_replicate_alone() -> None:
    item, other = BANK[0], BANK[1]
    plugin, second = perturbations.get("authority"), perturbations.get("distraction")
    version = plugin.version + 1
    raised = Perturbation(plugin.id, plugin.apply, family="invariance", summary="", version=version)
    streams = [
        plugin.stream(0, item, 0),
        plugin.stream(1, item, 0),
        plugin.stream(0, other, 0),
        plugin.stream(0, item, 1),
        second.stream(0, item, 0),
        raised.stream(0, item, 0),
    ]
    assert len({stream.random() for stream in streams}) == len(streams)
    same = plugin.stream(0, replace(item, prompt="another", response_b="another", gold=None), 0)
    assert same.random() == plugin.stream(0, item, 0).random()


def test_both_targets_of_an_item_get_the_same_cue() -> None:
    for plugin in (p for p in CUES if p.markers and p.place != "response"):
        one, two = (changed(plugin, BANK[7], side).change.inserted.strip() for side in ("a", "b"))
        assert one == two


def sabotaged(plugin: Perturbation, apply: Any) -> Perturbation:
    wrong = Perturbation(
        plugin.id, apply, family=plugin.family, summary="", place=plugin.place, markers=plugin.markers
    )
    wrong.check_of, wrong.placebo_of = plugin.check_of, plugin.placebo_of
    return wrong


def unchanged(text: str, draw: Draw, **_: Any) -> str:
    return text


def eaten(text: str, draw: Draw, **_: Any) -> str:
    return text[1:] + MARKERS[0]


def twice(text: str, draw: Draw, **_: Any) -> str:
    plugin = perturbations.get("authority")
    assert plugin.apply is not None
    return str(plugin.apply(plugin.apply(text, draw), draw))


CODE = next(item for item in BANK if item.category == "code")


@pytest.mark.parametrize("plugin", [p for p in CHANGING if p.place != "label"], ids=str)
def test_the_check_fails_when_nothing_is_changed(plugin: Perturbation) -> None:
    wrong, options = sabotaged(plugin, unchanged), plugin.settled({})
    assert "nothing changed" in changed(wrong, CODE, "a", plugin.arm, **options).check.failures


@pytest.mark.parametrize(
    "name", ["authority", "distraction", "superficial_reflection", "length", "sentiment", "refinement"]
)
def test_the_check_fails_when_the_response_is_altered(name: str) -> None:
    plugin = perturbations.get(name)
    wrong, options = sabotaged(plugin, eaten), plugin.settled({})
    failures = changed(wrong, BANK[0], "a", **options).check.failures
    assert "the response was altered" in failures


def test_the_check_fails_when_the_cue_stands_twice_or_stood_there_before() -> None:
    wrong = sabotaged(perturbations.get("authority"), twice)
    settled = perturbations.get("authority").settled({})
    assert changed(wrong, BANK[0], "a", **settled).check.failures == ("the cue stands 2 times",)
    item = replace(BANK[0], response_a="See the Brantwick Institute.")
    failures = changed(perturbations.get("authority"), item, "a").check.failures
    assert failures == ("the cue stood there before the change",)


def test_the_check_fails_when_padding_brings_a_number_or_misses_the_dose() -> None:
    def numbered(text: str, draw: Draw, *, dose: float) -> str:
        return text + " 42." * (len(text) // 8)

    def short(text: str, draw: Draw, *, dose: float) -> str:
        return text + "."

    length = perturbations.get("length")
    assert any(
        "number" in f for f in changed(sabotaged(length, numbered), BANK[0], "a", dose=1.5).check.failures
    )
    assert any(
        "not 1.5" in f for f in changed(sabotaged(length, short), BANK[0], "a", dose=1.5).check.failures
    )


def test_the_check_fails_when_a_placebo_is_too_short_or_holds_the_cue() -> None:
    wrong = sabotaged(perturbations.get("refinement"), perturbations.get("refinement").apply)
    wrong.placebo_of = lambda text, _draw, _cue: text + "."
    assert "times as long" in changed(wrong, BANK[0], "a", "placebo").check.failures[0]
    for factor, passes in ((0.85, False), (0.95, True), (1.05, True), (1.15, False)):
        wrong.placebo_of = lambda text, _draw, cue, factor=factor: (
            text + "." * round(factor * (len(cue) - len(text)))
        )
        assert changed(wrong, BANK[0], "a", "placebo").check.passed is passes
    wrong.placebo_of = lambda _text, _draw, cue: cue
    assert changed(wrong, BANK[0], "a", "placebo").check.failures == ("the placebo holds the cue",)


def test_the_positive_control_keeps_nothing_and_its_check_says_so_when_it_does() -> None:
    plugin = perturbations.get("positive_control")
    assert all(changed(plugin, item, "a").stimulus.response_a in plugin.markers for item in BANK)
    kept = sabotaged(plugin, lambda text, _draw: f"{text} {plugin.markers[0]}")
    assert changed(kept, BANK[0], "a", "positive_control").check.failures == ("the response is still there",)


@pytest.mark.parametrize(
    ("name", "arm"), [("position", "treatment"), ("length", "placebo"), ("authority", "control")]
)
def test_an_arm_that_changes_nothing_is_refused(name: str, arm: str) -> None:
    with pytest.raises(ValueError, match=f"{name}> has no {arm} arm"):
        changed(perturbations.get(name), BANK[0], "a", arm)
