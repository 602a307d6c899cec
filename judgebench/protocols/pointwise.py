"""Pointwise judging: one response at a time, a score on a scale."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_score
from judgebench.protocols.template import fill
from judgebench.protocols.templated import Templated, leading, named, names_of, texts_in
from judgebench.suite.layout import Layout

ScoreLabels = Literal["numbers", "letters", "grades", "roman"]
ScaleEnds = Annotated[list[int], Field(min_length=2, max_length=2)]

MOST_SCORES: Final = 1001


def score_labels(kind: ScoreLabels, low: int, high: int) -> tuple[str, ...]:
    """The labels of the scores, lowest first.

    Raises:
        ValueError: The scale is empty or upside down, or there are not so many labels of the kind.
    """
    count = high - low + 1
    if not 2 <= count <= MOST_SCORES:
        raise ValueError(f"a scale from {low} to {high} has {max(count, 0)} scores, not 2 to {MOST_SCORES}")
    if kind == "numbers":
        return tuple(str(low + place) for place in range(count))
    found = names_of("roman" if kind == "roman" else "letters", count)
    return found[::-1] if kind == "grades" else found


class Pointwise(Templated):
    """One response at a time; the reply ends in a score such as `[[7]]`.

    Args:
        scale: The lowest and the highest score, both whole.
        labels: How scores are written: `numbers`; `letters`, A the lowest; `grades`, A the highest; `roman`, i the
            lowest. Analysed are the numbers of the scale.
        levels: What each score means, lowest first; as many as the scale has.
        wording: The options of every protocol with a template.
    """

    name = "pointwise"
    summary = "one response at a time, a score on a scale"
    default_template = "pointwise"
    layout = Layout("single")

    def __init__(
        self,
        *,
        scale: ScaleEnds | None = None,
        labels: ScoreLabels = "numbers",
        levels: list[str] | None = None,
        **wording: Any,
    ) -> None:
        super().__init__(**wording)
        low, high = scale or (1, 10)
        names = score_labels(labels, low, high)
        if levels is not None and len(levels) != len(names):
            raise ValueError(f"there are {len(levels)} levels for {len(names)} scores")
        self.scale = (float(low), float(high))
        self.scores = tuple(float(low + place) for place in range(len(names)))
        self.levels = "\n".join(f"[[{n}]]: {said}" for n, said in zip(names, levels or (), strict=False))
        # what a label stands for must be told from the contract alone
        form = "pointwise" if labels == "numbers" else f"pointwise from {low}"
        self.contract = OutputContract(leading(form, self.reasoning), names)

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """System message: instruction. User message: request, the response, note, tail."""
        return self.messages(
            [("", text, stimulus.prompt) for text in texts_in(stimulus, order)],
            stimulus,
            named(stimulus.note, f"this {self.words.noun}", f"the other {self.words.noun}"),
            order=order,
            verdicts=self.verdicts(),
            more={**self.ends(), "levels": self.levels},
        )

    def ends(self) -> dict[str, str]:
        """The labels of the lowest and the highest score, by placeholder."""
        return {"low": self.contract.labels[0], "high": self.contract.labels[-1]}

    def verdicts(self) -> str:
        """The form of the reply, with both ends of the scale as examples, so that neither draws the scores to it."""
        ends = self.ends()
        return fill(self.words.verdict, {**ends, "mark": f"[[{ends['low']}]] to [[{ends['high']}]]"})

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last mark with a score."""
        return read_score(
            text,
            self.contract.labels,
            self.scores,
            truncated=truncated,
            refused=refused,
            leading=self.reasoning == "after",
        )
