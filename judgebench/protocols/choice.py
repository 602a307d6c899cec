"""Choices from a list: the right option of a question, or the best of several responses."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Final

from judgebench.items.model import LETTERS
from judgebench.perturb import Stimulus
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import PLACES, Reading, read_label
from judgebench.protocols.template import fill
from judgebench.protocols.templated import Labels, Templated, leading, named, names_of, texts_in
from judgebench.suite.layout import Layout, ListOrders

LONGEST: Final = len(LETTERS)


class Choice(Templated):
    """A question with several options, of which the judge chooses one; the reply ends in `[[A]]`, `[[B]]`, ...

    Args:
        labels: What the options are called: A, B, ...; 1, 2, ...; or i, ii, ...
        at_least: How many responses an item must have to be asked so; pairs are left to `pairwise` unless it is 2.
        orders: `drawn`: by the seed, and reversed where the suite asks both orders; `given`: as in the item file, and
            reversed; `latin`: a balanced Latin square, every option in each place.
        wording: The options of every protocol with a template.
    """

    name = "choice"
    summary = "a question with several options, which is right"
    default_template = "choice"
    layout = Layout("list", at_least=3)

    def __init__(
        self, *, labels: Labels = "letters", at_least: int = 3, orders: ListOrders = "drawn", **wording: Any
    ) -> None:
        if not 2 <= at_least <= LONGEST:
            raise ValueError(f"at_least is a number from 2 to {LONGEST}, not {at_least}")
        super().__init__(**wording)
        self.layout = Layout("list", at_least, orders, self.layout.reference)
        self._options = {"labels": labels, "at_least": at_least, "orders": orders, **wording}
        self._sized = cache(self._of_size)
        self.contract = OutputContract(leading("choice", self.reasoning), names_of(labels, LONGEST))

    def _of_size(self, count: int) -> Choice:
        made = type(self)(**self._options)
        made.contract = replace(self.contract, labels=self.contract.labels[:count])
        return made

    def sized(self, count: int) -> Protocol:
        """The protocol for lists of so many: it offers as many labels."""
        return self if count == len(self.contract.labels) else self._sized(count)

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """System message: instruction. User message: question, options in their order, note, tail."""
        labels = self.contract.labels[: len(order)]
        shown = [
            (label, text, stimulus.prompt)
            for label, text in zip(labels, texts_in(stimulus, order), strict=True)
        ]
        noun, note = self.words.noun, stimulus.note
        target = "" if note is None else f"{noun} {labels[order.index(note.target)]}"
        return self.messages(
            shown,
            stimulus,
            named(note, target, f"the other {noun}s"),
            order=order,
            verdicts=", ".join(
                fill(self.words.verdict, {"mark": self.contract.answer(label), "label": label})
                for label in labels
            ),
        )

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last mark with a label."""
        return read_label(
            text,
            self.contract.labels,
            truncated=truncated,
            refused=refused,
            leading=self.reasoning == "after",
            outcomes=PLACES,
        )


class Listwise(Choice):
    """Several responses to one request, of which the judge chooses the best."""

    name = "listwise"
    summary = "several responses, which is the best"
    default_template = "listwise"
