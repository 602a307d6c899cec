"""Whether the judge knows its own responses: asked for each pair with one of them, in both orders.

Its replies have a store of their own (`recognition.db`), and what it said is a table in the form of
`judgments.parquet`, a row a pair and order (`recognition.parquet`): the verdict is the response that it takes for its
own, and gold the one that it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError
from judgebench.items import Gold, Item
from judgebench.judges.base import Judge, Reply, Request
from judgebench.protocols import Reading
from judgebench.protocols.recognition import SelfRecognition
from judgebench.run.arms import ProtocolArm
from judgebench.run.desk import Desk, used
from judgebench.run.export import write_table
from judgebench.run.mitigating import mitigations_of
from judgebench.run.panel import judged
from judgebench.run.questions import Question, Ways, check_capable, questions
from judgebench.suite import Suite

RECOGNITION: Final = "recognition.db"
RECOGNITION_TABLE: Final = "recognition.parquet"

_PLACE: Final = ("self_preference", "recognition")
_STRANGERS: Final = frozenset({("self", "none"), ("none", "self")})


@dataclass(frozen=True)
class Recognition:
    """What the judge is asked about its own responses.

    Attributes:
        suite: The pairs of a response of its own and one of a stranger's, the own one being gold; asked in both orders.
        ways: How.
    """

    suite: Suite
    ways: Ways

    def questions(self, judge: Judge) -> Iterator[Question]:
        """Every pair in both orders, once."""
        return (asked for asked in questions(self.suite, self.ways, judge) if asked.trial.repeat == 0)

    def of(self, written: Suite, relations: Mapping[str, str]) -> Recognition:
        """The same for pairs whose responses have been written since."""
        return replace(self, suite=replace(self.suite, items=_own_pairs(written, relations)))


def recognition_of(suite: Suite, judge: Judge, relations: Mapping[str, str]) -> Recognition | None:
    """What a suite wants to know of the judge's recognition; None where it does not ask.

    Args:
        suite: The suite.
        judge: The judge that is audited.
        relations: What each author is to the judge.

    Raises:
        InputError: The judge wrote none of the responses, an option is wrong, or the judge cannot be asked so.
    """
    told = suite.spec.self_preference
    if told is None or told.recognition is None:
        return None
    own = _own_pairs(suite, relations)
    if not own:
        raise suite.document.error(
            _PLACE,
            "no pair has a response of the judge's own beside one of another's",
            expected="`self` among the authors, or `own:` with the name that the judge has in the items",
        )
    plain = suite.spec.model_copy(
        update={
            "mitigations": [{"none": {}}], "orders": "both", "repeats": 1, "self_preference": None, "factorial": None,
        }
    )  # fmt: skip
    asked = replace(suite, spec=plain, items=own, variants=())
    arm = _arm(suite, told.recognition.model_dump(exclude_none=True))
    ways = Ways((arm,), mitigations_of(asked, (arm,)))
    check_capable(asked, ways, judge)
    return Recognition(asked, ways)


def _arm(suite: Suite, options: dict[str, Any]) -> ProtocolArm:
    """The protocol with the options of the suite."""
    if "template" in options:
        options["template"] = str(Path(suite.document.file).parent / options["template"])
        if not Path(options["template"]).is_file():
            raise suite.document.error((*_PLACE, "template"), f"no such file: {options['template']}")
    try:
        protocol = SelfRecognition(**options)
    except InputError as error:  # no such wording
        if error.line is not None:
            raise
        raise suite.document.error(
            (*_PLACE, "paraphrase"), error.message, expected=error.expected, suggestion=error.suggestion
        ) from error
    except ValueError as error:
        raise suite.document.error(
            _PLACE, f"{SelfRecognition.name!r} does not take these options: {error}"
        ) from error
    efforts = suite.spec.sampling.reasoning_effort
    effort = efforts[0] if isinstance(efforts, list) else efforts
    return ProtocolArm(SelfRecognition.name, protocol, effort, _PLACE)


def _own_pairs(suite: Suite, relations: Mapping[str, str]) -> tuple[Item, ...]:
    """The pairs of the judge's response and a stranger's, with its own as gold."""
    found = list[Item]()
    for item in suite.items:
        a, b = item.authors
        kinds = (relations.get(a or "", ""), relations.get(b or "", ""))
        if kinds in _STRANGERS:
            own: Gold = "a" if kinds[0] == "self" else "b"
            found.append(replace(item, gold=own))
    return tuple(found)


async def ask_recognition(wanted: Recognition, judge: Judge, out: Path, desk: Desk) -> dict[str, Any]:
    """Ask the judge which responses it wrote, write `recognition.parquet`, and say for the manifest what came of it.

    Args:
        wanted: What it is asked.
        judge: The judge, open.
        out: The run directory.
        desk: Asks for what has no answer yet; its store is `recognition.db`.

    Raises:
        IncompleteRun: Some have no reply; the same command asks for those alone.
        InputError: There is a budget, and the judge's price is unknown.
    """

    def read(reply: Reply, request: Request) -> Reading:
        return wanted.ways.reading(request.contract, reply)

    asked = list(wanted.questions(judge))
    requests = [question.request for question in asked]
    replies = await desk.replies(judge, requests, read=read, is_open=True)
    rows = [
        judged(wanted.ways, wanted.suite, judge, question, replies[question.request.key])
        for question in asked
    ]
    write_table(out / RECOGNITION_TABLE, iter(rows))
    return {
        "pairs": len(wanted.suite.items),
        "no_verdict": sum(row["verdict"] not in {"a", "b"} for row in rows),
        **used(desk.store.totals()),
    }
