"""The pairs of authors once more with both responses in one style, so that what differs is what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from judgebench.items import Item
from judgebench.perturb import Stimulus
from judgebench.perturb.apply import Perturbed
from judgebench.perturb.base import Check
from judgebench.perturb.cues import content_is_kept
from judgebench.perturb.rewriting import RewriteJob, Rewritten
from judgebench.perturb.stimulus import Change
from judgebench.perturb.styles import in_style
from judgebench.suite.layout import Layout
from judgebench.suite.schema import SuiteSpec

STYLE_EQUALISED: Final = "style_equalised"
"""What the column `perturbation` holds where both responses are shown in one style; the target then says nothing."""


def restyling_jobs(spec: SuiteSpec, item: Item) -> tuple[RewriteJob, ...]:
    """What a model has to rewrite of an item: its two responses; nothing without authors or the wish for one style."""
    told = spec.self_preference
    if told is None or told.equalised is None or len(item.responses) != 2 or None in item.authors:
        return ()
    return tuple(RewriteJob(in_style(told.equalised), text) for text in item.responses)


def shows_restyled(spec: SuiteSpec, layout: Layout, item: Item) -> bool:
    """Whether a protocol shows the item in one style: only those do that compare the two responses of a pair."""
    return layout.shows == "pair" and bool(restyling_jobs(spec, item))


def restyled(item: Item, jobs: Sequence[RewriteJob], made: Mapping[RewriteJob, Rewritten]) -> Perturbed:
    """The item with both responses as a model rewrote them; as they would be told to it where it has not yet."""
    stimulus = Stimulus.of(item)
    changes, failures, measures = list[Change](), list[str](), dict[str, float]()
    for letter, job in zip(item.letters, jobs, strict=True):
        text = made.get(job) or job.stand_in()
        stimulus = stimulus.with_response(letter, text.text)
        changes.append(Change.between(f"response_{letter}", job.text, text.text))
        found = (*content_is_kept(job.text, text.text).failures, *text.failures)
        failures += [f"response {letter}: {failure}" for failure in found]
        if job.text:
            measures[f"length_ratio_{letter}"] = round(len(text.text) / len(job.text), 4)
    return Perturbed(stimulus, changes[0], Check(tuple(failures), measures), tuple(changes[1:]))
