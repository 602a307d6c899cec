import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from judgebench.report.effects import effects_of
from judgebench.report.methods import methods_files, methods_of
from judgebench.report.model import Audit
from judgebench.report.references import REFERENCES, SOURCES

SUITE = """
suite: core
items:
  - {source: bank, limit: 381}
  - {source: llmbar}
protocols: [pairwise]
orders: both
repeats: 3
perturbations: [position, {length: {dose: [1.5, 2.0]}}]
mitigations: [none, system_prompt]
"""
RUN = {
    "judgebench": "0.9.7",
    "suite_text": SUITE,
    "perturbations": [
        {"name": "position", "version": 1, "targets": "one", "placebo": False},
        {"name": "authority", "version": 4, "targets": "both", "placebo": True},
    ],
    "plan": {"analysis": {}},
    "counts": {"items": 400, "trials": 9600, "missing": 23, "no_verdict": 17, "checks_failed": 6},
    "analysis": {"alpha": 0.03, "level": 0.95, "margin": 0.05, "cluster": "item"},
}


@pytest.fixture(scope="module")
def ran(make_audit: Callable[..., Audit]) -> Audit:
    return make_audit("openai/gpt-5-mini", **RUN)


def numbers(text: str) -> set[str]:
    """Every number of a text; thin spaces between thousands are none of it."""
    return set(re.findall(r"\d+(?:\.\d+)?", text.replace("\u2009", "")))


def known(value: Any) -> Iterator[str]:
    yield from numbers(json.dumps(value))


def test_every_stated_number_is_one_of_the_manifest_or_of_the_effects(ran: Audit) -> None:
    text = methods_of(ran).plain
    for reference in REFERENCES.values():
        text = text.replace(reference.short, "")
    effects = effects_of(ran)
    allowed = {
        *known(dict(ran.manifest)),
        *(str(e.n_items) for e in effects),
        *(f"{100 * e.margin:g}" for e in effects if e.margin),
        *(f"{100 * e.conf_level:g}" for e in effects if e.conf_level),
        str(sum(e.p_adjusted is not None for e in effects)),
        "2",  # of CR2
        f"{ran.manifest['cost_usd']:.2f}",
    }
    assert numbers(text) <= allowed


def test_it_says_what_was_run(ran: Audit) -> None:
    text = methods_of(ran).plain
    for stated in (
        "400 items and seed 7",
        "judgebench 0.9.7",
        "the built-in bank (at most 381) and llmbar (Zeng et al. 2024)",
        "position (version 1) and authority (version 4)",
        "A placebo of the same length and place accompanied authority.",
        "Each response in turn was the target of authority.",
        "in both orders, each question asked 3 times",
        "mitigations tried: system_prompt",
        "openai/gpt-5-mini, served as mild-1, was asked between 2026-11-02T10:00:00Z and 2026-11-02T10:03:20Z",
        "temperature 0.0",
        "Of 9\u2009600 trials 23 have no reply and 17 replies held no verdict",
        "6 changes failed their manipulation check",
        "adjusted p-value is below 0.03",
        "within ±5 points",
        "declared before the first request",
        "no departures from the locked plan",
        "confirmatory effects: 8",
    ):
        assert stated in text, stated


def test_a_departure_from_the_plan_is_told_and_the_margin_is_then_not_called_declared(
    make_audit: Callable[..., Audit],
) -> None:
    changed = {"margin": {"planned": 0.05, "used": 0.1}, "alpha": {"planned": 0.03, "used": 0.01}}
    text = methods_of(make_audit(**RUN, analysis_changed=changed, state="interrupted")).plain
    assert "Departure from the plan: margin 0.1 in place of 0.05" in text
    assert "below 0.01" in text
    assert "The run is interrupted" in text
    assert "declared before" not in text
    assert "no departures" not in text


def test_it_says_who_wrote_rewrote_and_said_which_is_better(make_audit: Callable[..., Audit]) -> None:
    told = {
        "authors": [{"name": "mine", "judge": "openai/gpt-5-mini"}, {"name": "theirs"}],
        "panel": {"members": [{"judge": "vllm/a"}, {"judge": "vllm/b"}]},
        "recognition": {"pairs": 120},
    }
    rewrites = {"judge": "vllm/c", "check": "vllm/d", "texts": 80}
    suite = f"{SUITE}self_preference: {{equalised: plain}}\n"
    methods = methods_of(
        make_audit(**{**RUN, "suite_text": suite, "self_preference": told, "rewrites": rewrites})
    )
    for stated in (
        "Responses were by mine (openai/gpt-5-mini) and theirs.",
        "the majority of a panel that saw each pair in both orders: vllm/a and vllm/b.",
        "which of two responses it wrote, for 120 pairs in both orders (Panickssery, Bowman and Feng 2024).",
        "shown once more with both responses in one style, plain.",
        "80 texts were rewritten by vllm/c; vllm/d checked that the content was kept.",
    ):
        assert stated in methods.plain
    assert "2404.13076" in methods.bibtex


def test_an_import_is_not_called_a_run(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(imported={"format": "llmbar", "frame": "swap = True is ba"}, plan=None)
    text = methods_of(audit).plain
    assert "recorded by others and imported from the format llmbar" in text
    assert "nothing was asked anew (Zeng et al. 2024)" in text
    assert "were on record before this analysis was declared" in text
    assert "was run" not in text
    assert "declared before the first request" not in text


def test_what_the_manifest_lacks_is_left_out(audit: Audit) -> None:
    text = methods_of(Audit(audit.effects)).plain
    assert "None" not in text
    assert "Items came from" not in text
    assert "Perturbations" not in text


def test_the_references_are_those_that_are_cited_and_no_others(ran: Audit) -> None:
    files = methods_files([ran, ran])
    cited = {
        key for keys in re.findall(r"\\cite\{([^}]+)\}", files["methods.tex"]) for key in keys.split(",")
    }
    assert cited == set(re.findall(r"^@\w+\{(\w+),$", files["references.bib"], re.MULTILINE))
    assert {"tango1998", "holm1979", "zeng2024"} <= cited
    assert "benjamini1995" not in cited


def test_every_source_has_a_reference_and_every_entry_balances_its_braces() -> None:
    assert set(SOURCES.values()) <= set(REFERENCES)
    for reference in REFERENCES.values():
        assert all(value.count("{") == value.count("}") for value in reference.fields.values())


def test_hostile_texts_stay_text(hostile: Audit) -> None:
    found = methods_of(hostile)
    assert "\x1b" not in found.plain
    assert "\u202e" not in found.plain
    assert "\\input" not in found.latex
    assert found.latex.count("{") - found.latex.count("\\{") == found.latex.count("}") - found.latex.count(
        "\\}"
    )
