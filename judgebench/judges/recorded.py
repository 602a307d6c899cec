"""Judges on record: verdicts that were given before, read from a file in tidy form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from judgebench.errors import InputError, nearest
from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Subject
from judgebench.judges.options import read_options, refuse_address
from judgebench.judges.spec import JudgeSpec
from judgebench.judges.tidy import read_tidy

Trial = tuple[str, str | None, str, str, str | None, int]


class RecordedJudge(Judge):
    """`recorded/PATH[?judge=NAME]`: answers each trial with the verdict on file, in the form asked for.

    The file is CSV, JSONL or Parquet with a row a verdict: `item_id, judge, order, verdict` and, where they
    are not `none`, `control`, empty and 0: `perturbation, arm, target, repeat`. The verdict (`a`, `b`, `tie`,
    `invalid`, `refused`) is in the item's frame, whatever the order.
    """

    capabilities = Capabilities(network=False, deterministic=True)

    def __init__(self, spec: JudgeSpec, judge: str | None) -> None:
        self._spec = spec
        path = Path(spec.model)
        if not path.is_file():
            raise InputError("no such file of recorded verdicts", file=path)
        self._digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._judge, self._verdicts = _load(path, judge)

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        """Read the file; faults in it are found now, not in the middle of a run."""
        refuse_address(spec, base_url)
        return cls(spec, read_options(spec, {"judge": str}).get("judge"))

    @property
    def spec(self) -> str:
        """The spec in canonical form."""
        return str(self._spec)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Provider, the judge's name in the file, and the file's sha256."""
        return {"provider": "recorded", "model": self._judge, "revision": self._digest}

    def effective(self, sampling: object) -> Mapping[str, Any]:
        """Nothing can change what is on record."""
        del sampling
        return {}

    async def ask(self, request: Request) -> Reply:
        """Look the trial up; one that is not on file is a fatal fault, since asking again cannot help."""
        subject = request.subject
        verdict = self._verdicts.get(_trial_of(subject))
        if verdict is None:
            raise JudgeFault("fatal", f"not on record: item {subject.item_id!r}, {_describe(subject)}")
        if verdict == "refused":
            return Reply(text="", finish="refusal", served_model=self._judge)
        if verdict == "invalid":
            return Reply(text="(no verdict)", served_model=self._judge)
        labels = request.contract.labels
        place = 2 if verdict == "tie" else subject.order.index(verdict)
        # a tie that the protocol does not offer is still what was said; reading it is where it becomes
        # invalid
        return Reply(text=f"[[{labels[place] if place < len(labels) else 'C'}]]", served_model=self._judge)


def _trial_of(subject: Subject) -> Trial:
    return (
        subject.item_id,
        subject.order,
        subject.perturbation,
        subject.arm,
        subject.target,
        subject.repeat,
    )


def _describe(subject: Subject) -> str:
    return (
        f"order {subject.order}, perturbation {subject.perturbation}, arm {subject.arm}, "
        f"target {subject.target or 'none'}, repeat {subject.repeat}"
    )


def _load(path: Path, judge: str | None) -> tuple[str, dict[Trial, str]]:
    """The judge's name and its verdicts by trial.

    Raises:
        InputError: The file has a fault (with its line), holds no such judge, or holds several and none is
            named.
    """
    judges = read_tidy(path)
    if judge is None and len(judges) > 1:
        raise InputError(
            "the file holds several judges", file=path, expected=f"?judge=NAME, one of {', '.join(judges)}"
        )
    name = next(iter(judges)) if judge is None else judge
    if name not in judges:
        raise InputError(
            f"no verdicts of judge {name!r}",
            file=path,
            expected=f"one of {', '.join(judges)}",
            suggestion=nearest(name, judges),
        )
    verdicts: dict[Trial, str] = {
        (v.item_id, v.order, v.perturbation, v.arm, v.target, v.repeat): v.verdict
        for v in judges[name].verdicts
        if v.verdict is not None and v.verdict != "error"
    }
    return name, verdicts
