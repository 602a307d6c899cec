"""MT-Bench judgments as FastChat writes them: `model_judgment/*_pair.jsonl` and `*_single.jsonl`.

A line of a pair file holds two games: in the first model_1 was shown first, in the second the two were swapped, and
both winners are already names (`model_1`, `model_2`, `tie`, `error`). A line of a single file holds the score of one
response; two models' scores of a turn are compared as FastChat compares them, a difference up to 0.1 being a tie.
Where `question.jsonl` and `model_answer/` lie in the folder above, the texts and categories come from there. As written
by FastChat's `llm_judge/common.py` at 007ecd0 (and read by `gen_judgment.py` and `show_result.py` of that time).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.errors import InputError
from judgebench.items.lines import Line, lacking, lines_of
from judgebench.items.public.mt_bench_texts import Texts
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.names import judge_name

_PAIR: Final = ("question_id", "model_1", "model_2", "g1_winner", "g2_winner", "judge")
_SINGLE: Final = ("question_id", "model", "score", "judge")
_WINNERS: Final = ("model_1", "model_2", "tie", "error")
_NO_REPLY: Final = "$ERROR$"
_TIE: Final = 0.1
_UNREAD: Final = -1
_FRAMES: Final = {
    "pair": "a is the model whose name sorts first; in game 1 model_1 was shown first, in game 2 model_2, and FastChat "
    "maps both winners back to the models; `error` is invalid, or an error where no reply came",
    "single": "a is the model whose name sorts first; each response was scored alone and the higher score wins, a "
    "difference up to 0.1 being a tie as in FastChat; a score of -1 is one that could not be read",
}
_SCORED: Final = "there is no order: each response was shown alone"


def misfit(path: Path) -> str | None:
    """Why a path is not such a file, at a glance."""
    return lacking(path, _PAIR, _SINGLE)


def read(path: Path) -> list[Recording]:
    """The recordings in a file, one a judge model.

    Raises:
        InputError: The file is broken, mixes layouts, holds a trial under two prompts, or nothing to compare.
    """
    found, texts = Collection(), Texts(path.resolve().parent.parent)
    prompts = dict[int, str]()
    layout: Literal["pair", "single"] | None = None
    scores = _Scores()
    for line in lines_of(path, "file of MT-Bench judgments"):
        kind = _layout(line)
        if layout not in (None, kind):
            raise line.fault("judge", "single scores and pairs in one file", "one file for each")
        layout = kind
        judge, prompt = _judge(line)
        if layout == "pair":
            _check_prompt(line, prompts, prompt, judge, line.name("model_1"), line.name("model_2"))
            _add_pair(found, texts, line, judge)
        else:
            _check_prompt(line, prompts, prompt, judge, line.name("model"))
            scores.add(judge, line)
    if layout is None:
        raise InputError("the file is empty", file=path, expected="at least one judgment")
    if layout == "single":
        scores.compare(found, texts, path)
    return _recordings(path, found, layout)


def _recordings(path: Path, found: Collection, layout: Literal["pair", "single"]) -> list[Recording]:
    return [
        Recording(
            f"mt-bench-{path.stem}",
            f"recorded/{judge}",
            found.verdicts(judge),
            _FRAMES[layout],
            items=found.items(judge),
            unknown=(_SCORED,) if layout == "single" else (),
            protocol="scored" if layout == "single" else "recorded",
            cluster="source",
        )
        for judge in found.judges()
    ]


def _layout(line: Line) -> Literal["pair", "single"]:
    for kind, keys in (("pair", _PAIR), ("single", _SINGLE)):
        if all(key in line.values for key in keys):
            return kind  # type: ignore[return-value]  # one of the two above
    raise line.fault(
        "question_id", "not a judgment of MT-Bench", f"keys {', '.join(_PAIR)}, or {', '.join(_SINGLE)}"
    )


def _judge(line: Line) -> tuple[str, str]:
    """The judge model and the name of its prompt."""
    found = line.values["judge"]
    parts = found if isinstance(found, list) else [found]
    if not (0 < len(parts) <= 2 and all(isinstance(part, str) and part.strip() for part in parts)):
        raise line.fault(
            "judge", f"'judge' is {found!r}"[:80], "a name, or the list of a model and its prompt"
        )
    return judge_name(parts[0]), parts[-1]


def _check_prompt(line: Line, prompts: dict[int, str], prompt: str, judge: str, *models: str) -> None:
    """Refuse the same trial under a second prompt, which would pass for a repeat of the first."""
    before = prompts.setdefault(hash((judge, line.name("question_id"), _turn(line), *models)), prompt)
    if before != prompt:
        raise line.fault(
            "judge",
            f"the same question and turn under the prompts {before!r} and {prompt!r}",
            "a file for each of them",
        )


def _turn(line: Line) -> str:
    return line.name("turn") if "turn" in line.values else "1"


def _add_pair(found: Collection, texts: Texts, line: Line, judge: str) -> None:
    """Both games of a line, or the one comparison where scores of single responses stand behind it."""
    models = line.name("model_1"), line.name("model_2")
    if models[0] == models[1]:
        raise line.fault("model_2", f"the model {models[0]!r} against itself", "two models")
    match = _Match(line.name("question_id"), _turn(line), *sorted(models))
    if "m1_score" in line.values:
        scores = dict(zip(models, (_score(line, "m1_score"), _score(line, "m2_score")), strict=True))
        found.add(judge, match.by_scores(texts, scores[match.a], scores[match.b]))
    else:
        for game, first in (("g1", models[0]), ("g2", models[1])):
            verdict = _winner(line, game, match, models)
            order: Literal["ab", "ba"] = "ab" if first == match.a else "ba"
            found.add(judge, RecordedVerdict(match.item, order, verdict, **match.strata(texts)))
    match.keep_texts(found, texts, judge)


def _winner(line: Line, game: str, match: _Match, models: tuple[str, str]) -> str:
    winner = line.one_of(f"{game}_winner", {name: name for name in _WINNERS})
    if winner == "error":
        return "error" if _NO_REPLY in str(line.values.get(f"{game}_judgment")) else "invalid"
    return "tie" if winner == "tie" else ("a" if models[_WINNERS.index(winner)] == match.a else "b")


def _score(line: Line, key: str) -> float | None:
    """A score, None where FastChat could not read one.

    Raises:
        InputError: It is no number.
    """
    found = line.values.get(key)
    number = float(found) if isinstance(found, int | float | str) and _is_number(found) else math.nan
    if not math.isfinite(number):
        raise line.fault(key, f"{key!r} is {found!r}"[:80], "a number; -1 where none could be read")
    return None if number == _UNREAD else number


def _is_number(value: float | str) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class _Match:
    """Two models on a turn of a question, a being the one whose name sorts first."""

    question: str
    turn: str
    a: str
    b: str

    @property
    def item(self) -> str:
        """The item's id."""
        return f"{self.question}/turn-{self.turn}/{self.a}/{self.b}"

    def strata(self, texts: Texts) -> dict[str, Any]:
        """Where the item comes from and its kind of task."""
        return {"source": f"question {self.question}", "category": texts.category(self.question)}

    def by_scores(self, texts: Texts, a: float | None, b: float | None) -> RecordedVerdict:
        """The verdict that two scores come to."""
        if a is None or b is None:
            verdict = "invalid"
        elif abs(a - b) <= _TIE:
            verdict = "tie"
        else:
            verdict = "a" if a > b else "b"
        return RecordedVerdict(self.item, None, verdict, score_a=a, score_b=b, **self.strata(texts))

    def keep_texts(self, found: Collection, texts: Texts, judge: str) -> None:
        """Enter the item with its texts, where they are on record and not yet entered."""
        if found.lacks(judge, self.item):
            item = texts.item(self.item, self.question, self.turn, self.a, self.b)
            if item is not None:
                found.add_item(judge, item)


class _Scores:
    """Scores of single responses, by judge, question and turn, and then by model in the order they were given."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str, str], dict[str, list[float | None]]] = {}

    def add(self, judge: str, line: Line) -> None:
        """Take the score of a line."""
        turn = self._given.setdefault((judge, line.name("question_id"), _turn(line)), {})
        turn.setdefault(line.name("model"), []).append(_score(line, "score"))

    def compare(self, found: Collection, texts: Texts, path: Path) -> None:
        """Enter the verdict of every pair of models on every turn that both have a score of.

        Raises:
            InputError: There is none.
        """
        for (judge, question, turn), models in self._given.items():
            for a, b in combinations(sorted(models), 2):
                match = _Match(question, turn, a, b)
                for scores in zip(
                    models[a], models[b], strict=False
                ):  # a model asked more often has no partner
                    found.add(judge, match.by_scores(texts, *scores))
                match.keep_texts(found, texts, judge)
        if not found.judges():
            raise InputError(
                "scores of one model: there is nothing to compare", file=path, expected="two models or more"
            )


mt_bench = Importer("mt_bench", "FastChat's model_judgment/*_pair.jsonl or *_single.jsonl", read, misfit)
