"""Rubrics: one response, a score for each of several criteria, in one reply or one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message
from judgebench.protocols.pointwise import Pointwise, ScaleEnds
from judgebench.protocols.reading import Reading, read_scores
from judgebench.protocols.template import fill
from judgebench.protocols.templated import named, texts_in

Asked = Literal["apart", "together", "reversed"]

CRITERIA: Final[Mapping[str, str]] = {
    "instruction": "it does what the request asks for, all of it and nothing against it",
    "correctness": "what it says is true, and what it concludes follows",
    "completeness": "nothing that the request needs is missing",
    "clarity": "it is easy to follow, in plain order and plain words",
    "safety": "nobody is harmed by following it",
}
"""What is rated unless a suite names criteria of its own."""


class Rubric(Pointwise):
    """One response, a score by criteria; each criterion is an arm of its own, `rubric@apart/clarity`.

    Args:
        criteria: The criteria, by name, with what they mean.
        asked: `apart`: each criterion in a request of its own; `together`: all in one, which the criteria then share;
            `reversed`: likewise, the last one first. A list of the first two shows what rating together does (halo), of
            the last two what the order of the criteria does.
        rated: The criterion that this arm takes out of the reply.
        scale: The lowest and the highest score, both whole.
        options: The options of `pointwise`.
    """

    name = "rubric"
    summary = "one response, a score by each of several criteria, together or one by one"
    default_template = "rubric"
    several = ("asked",)
    settled = ("paraphrase", "rated")

    def __init__(
        self,
        *,
        criteria: dict[str, str] | None = None,
        asked: Asked = "apart",
        rated: str = "instruction",
        scale: ScaleEnds | None = None,
        **options: Any,
    ) -> None:
        super().__init__(scale=scale or [1, 5], **options)
        known = dict(criteria or CRITERIA)
        sheet = dict(reversed(known.items())) if asked == "reversed" else known
        self._criteria = {rated: known[rated]} if asked == "apart" else sheet
        self.contract = replace(
            self.contract,
            form=f"{self.contract.form.replace('pointwise', 'rubric')} {' '.join(self._criteria)}",
        )

    @classmethod
    def arms(cls, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """One for each paraphrase, way of asking, and criterion."""
        criteria = options.get("criteria") or CRITERIA
        _check_names(criteria)
        wanted = options.get("asked", ["apart"])
        for ending, given in super().arms(options):
            for asked in [wanted] if isinstance(wanted, str) else wanted:
                for name in criteria:
                    yield f"@{asked}{ending}/{name}", {**given, "asked": asked, "rated": name}

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """System message: instruction. User message: request, the response, note, criteria, tail."""
        listed = "\n".join(f"- {name}: {meaning}" for name, meaning in self._criteria.items())
        return self.messages(
            [("", text, stimulus.prompt) for text in texts_in(stimulus, order)],
            stimulus,
            named(stimulus.note, f"this {self.words.noun}", f"the other {self.words.noun}"),
            order=order,
            verdicts="".join(
                "\n" + fill(self.words.verdict, {"name": name, "mark": "[[score]]"})
                for name in self._criteria
            ),
            more={**self.ends(), "criteria": listed, "levels": self.levels},
        )

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The score after the name of each criterion."""
        return read_scores(
            text,
            tuple(self._criteria),
            self.contract.labels,
            self.scores,
            truncated=truncated,
            refused=refused,
        )


def _check_names(criteria: Mapping[str, str]) -> None:
    """Check that the criteria can stand in names of columns and in replies.

    Raises:
        ValueError: One cannot.
    """
    for name in criteria:
        if not name.replace("-", "_").isidentifier():
            raise ValueError(f"{name!r} cannot name a criterion: letters, digits, '_' and '-' only")
