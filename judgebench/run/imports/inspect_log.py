"""Logs of inspect_ai with model-graded scores (C, P, I) or with choices between two responses.

A score is model-graded where its scorer's name says so (`model_graded_...`), where it keeps the grading conversation,
or where the user names it (`--map grade=SCORER`). Gold is what a scorer by rule (match, includes, exact, pattern,
answer, choice) says of the same response, or the scorer that the user names (`--map gold=SCORER`). inspect_ai writes I
where it found no grade in the grader's reply, and says so in the explanation: that is no verdict.

Choices between two responses are recognised by `response_a` and `response_b` in the samples' metadata. The letter that
was answered is about the responses as shown, so `order` (ab or ba) has to stand there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError, nearest
from judgebench.items.lines import is_name
from judgebench.judges.columns import Columns
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.inspect_file import InspectLog, misfit, open_log
from judgebench.run.imports.inspect_pairs import is_pair, read_pairs
from judgebench.run.imports.names import judge_name
from judgebench.run.imports.options import check_names
from judgebench.run.imports.pointwise import EXPECTED, FRAME, NO_ORDER, verdict_of

_RULES: Final = ("match", "includes", "exact", "pattern", "answer", "choice")
_NO_GRADE: Final = "Grade not found in model output"
_UNKNOWN_GRADER: Final = "which model graded (inspect_ai's own default is the model that answered)"


def read(path: Path) -> list[Recording]:
    """The recordings in a log, one a grader.

    Raises:
        InputError: It is no log, holds no model-graded score, or a score that is no grade.
    """
    return read_mapped(path, Columns())


def read_mapped(path: Path, columns: Columns) -> list[Recording]:
    """The same, where the user names the scorers of `grade` and `gold`.

    Raises:
        InputError: As in `read`.
    """
    check_names(columns, ("grade", "gold"), names_only=True)
    log = open_log(path)
    first = next(log.samples(), None)
    if first is None:
        raise InputError("the log holds no samples", file=path, expected="a log of a finished evaluation")
    suite = judge_name(str(log.spec.get("task") or path.stem)).replace("/", "-")
    if is_pair(first[1]):
        return read_pairs(log, suite)
    found, without, epochs = Collection(), 0, False
    scorers = dict[str, None]()
    for name, sample in log.samples():
        scores = _scores(path, name, sample)
        scorers.update(dict.fromkeys(scores))
        epochs = epochs or sample.get("epoch", 1) != 1
        graders = _graders(scores, columns)
        without += not graders
        for grader in graders:
            found.add(_grader_name(log, grader), _verdict(log, name, sample, suite, grader, columns))
    if not found.judges() or columns.names.get("gold", next(iter(scorers))) not in scorers:
        raise _not_scored(path, list(scorers), columns)
    return _recordings(log, suite, found, without, "source" if epochs else "item")


def _recordings(
    log: InspectLog, suite: str, found: Collection, without: int, cluster: Any
) -> list[Recording]:
    unknown = [NO_ORDER] + ([f"the grades of {without} samples that hold none"] if without else [])
    named = {_grader_name(log, grader) for grader in _models(log)}
    return [
        Recording(
            suite,
            f"recorded/{judge}",
            found.verdicts(judge),
            FRAME,
            unknown=unknown if judge in named else [*unknown, _UNKNOWN_GRADER],
            protocol="pointwise",
            cluster=cluster,
        )
        for judge in found.judges()
    ]


def _scores(path: Path, name: str, sample: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found = sample.get("scores") or {}
    if not (isinstance(found, dict) and all(isinstance(score, dict) for score in found.values())):
        raise InputError(f"{name}: 'scores' is no object of scores", file=path, expected="a score by scorer")
    return found


def _graders(scores: Mapping[str, Mapping[str, Any]], columns: Columns) -> list[str]:
    if "grade" in columns.names:
        return [name for name in scores if name == columns.names["grade"]]
    return [name for name, score in scores.items() if "model_graded" in name or _keeps_grading(score)]


def _keeps_grading(score: Mapping[str, Any]) -> bool:
    metadata = score.get("metadata")
    return isinstance(metadata, dict) and "grading" in metadata


def _not_scored(path: Path, scorers: Sequence[str], columns: Columns) -> InputError:
    """The error where no scorer is a model, or the one that the user names is not there."""
    absent = next((name for name in columns.names.values() if name not in scorers), None)
    held = f"the scorers are {', '.join(scorers)}" if scorers else "there are no scores"
    return InputError(
        f"no scorer {absent!r}; {held}" if absent else f"no score is model-graded; {held}",
        file=path,
        expected="--map grade=SCORER, the scorer that is a model",
        suggestion=nearest(absent, scorers) if absent else None,
    )


def _models(log: InspectLog) -> dict[str, str]:
    """The grading model of each scorer that the header names one for."""
    roles = log.spec.get("model_roles")
    shared = _model(roles.get("grader")) if isinstance(roles, dict) else None
    found = {}
    scorers = log.spec.get("scorers")
    for scorer in scorers if isinstance(scorers, list) else []:
        if isinstance(scorer, dict) and isinstance(scorer.get("name"), str):
            options = scorer.get("options")
            model = _model(options.get("model")) if isinstance(options, dict) else None
            if judge_name(model or shared or ""):
                found[scorer["name"]] = model or shared or ""
    return found


def _model(named: Any) -> str | None:
    """The name of a model, which stands by itself or in an object with its settings."""
    found = named.get("model") if isinstance(named, dict) else named
    return found if isinstance(found, str) else None


def _grader_name(log: InspectLog, grader: str) -> str:
    """The scorer's name, with the grading model where the header names it."""
    return judge_name(_models(log).get(grader, ""), grader)


def _verdict(
    log: InspectLog, name: str, sample: Mapping[str, Any], suite: str, grader: str, columns: Columns
) -> RecordedVerdict:
    scores = sample["scores"]
    score = scores[grader]
    unread = str(score.get("explanation") or "").startswith(_NO_GRADE)
    found = ("invalid", None) if unread else verdict_of(score.get("value"))
    if found is None:
        raise InputError(
            f"{name}: {grader!r} gives {score.get('value')!r}"[:120], file=log.path, expected=EXPECTED
        )
    if not (is_name(sample.get("id")) and is_name(sample.get("epoch", 1))):
        raise InputError(
            f"{name}: 'id' or 'epoch' is no name or number", file=log.path, expected="a sample of inspect_ai"
        )
    source = f"{suite}/{sample['id']}"
    return RecordedVerdict(
        f"{source}/epoch-{sample.get('epoch', 1)}",
        None,
        found[0],
        gold=_gold(scores, grader, columns),
        source=source,
        score_a=found[1],
    )


def _gold(scores: Mapping[str, Mapping[str, Any]], grader: str, columns: Columns) -> str | None:
    """What a rule says of the same response; None where none does, or where two disagree."""
    wanted = columns.names.get("gold")
    rules = [wanted] if wanted else [name for name in scores if name in _RULES]
    found = {verdict_of(scores[name].get("value")) for name in rules if name in scores and name != grader}
    said = {pair[0] for pair in found if pair is not None and pair[0] != "invalid"}
    return said.pop() if len(said) == 1 else None


inspect_log = Importer(
    "inspect", "a log of inspect_ai (.eval or .json) with model-graded scores", read, misfit, read_mapped
)
