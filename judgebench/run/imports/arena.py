"""Battles in the style of Chatbot Arena: a row a vote between two models, of people or of judges.

Known layouts: `model_a`, `model_b` and `winner` (model_a, model_b, tie, tie (bothbad), both_bad), or `winner_model_a`,
`winner_model_b` and `winner_tie` as 0 and 1; the texts in `conversation_a` and `conversation_b`, as texts or lists of
parts, or in `prompt`, `response_a` and `response_b`. model_a was shown first (on the left). So FastChat writes them
(`serve/monitor/clean_battle_data.py` at 01e89b4), and the sets that were published from it.

GPT-4's votes on MT-Bench (`lmsys/mt_bench_human_judgments`; FastChat's `llm_judge/compute_agreement.py` at 0283a0b)
have one row for two games, one in each order, and a judge named for its prompt for pairs. There the order is unknown,
and `tie (inconsistent)`, which says that the two games disagree and not how, is no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path
from typing import Final, Literal

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.lines import Line, lacking, lines_of
from judgebench.items.public.conversations import texts_of
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.names import judge_name

_WINNER: Final = ("model_a", "model_b", "winner")
_ONE_HOT: Final = ("winner_model_a", "winner_model_b", "winner_tie")
_INCONSISTENT: Final = "tie (inconsistent)"
_WINNERS: Final = {
    "model_a": "a",
    "model_b": "b",
    "tie": "tie",
    "tie (bothbad)": "tie",
    "both_bad": "tie",
    "bothbad": "tie",
    _INCONSISTENT: "invalid",
}
_PEOPLE: Final = "humans"
_PERSON: Final = re.compile(r"(arena_user|author|expert|human|user|annotator|worker)s?([_-].*|\d*)")
_SIDES: Final = {"a": "b", "b": "a", "tie": "tie", "invalid": "invalid"}
_FRAME: Final = (
    "a is the model whose name sorts first; model_a was shown first, which is order ab where it is a; both bad counts "
    "as a tie"
)
_FRAME_OF_GAMES: Final = (
    "a is the model whose name sorts first; a row is the verdict of two games, one in each order, and no verdict where "
    "they disagree"
)
_PAIRED: Final = re.compile(r"(.*[_-])?pair([_-].*)?")
_VOTES: Final = "which person voted: the votes of all people count as one judge, and a repeat is another vote"
_GAMES: Final = "the order, each row being two games, one in each; and what the two said where they disagree"
_RANDOM: Final = "whether it was left to chance which model was shown first"


def misfit(path: Path) -> str | None:
    """Why a path is not such a file, at a glance."""
    return lacking(path, _WINNER, ("model_a", "model_b", *_ONE_HOT))


def read(path: Path) -> list[Recording]:
    """The recordings in a file, one a judge; the votes of people are one judge.

    Raises:
        InputError: The file is broken, or a row is no battle.
    """
    found, of_games = Collection(), set[str]()
    for number, line in enumerate(lines_of(path, "file of battles")):
        _add(found, line, number, of_games)
    if not found.judges():
        raise InputError("the file is empty", file=path, expected="at least one battle")
    return [
        Recording(
            path.stem,
            f"recorded/{judge}",
            found.verdicts(judge),
            _FRAME_OF_GAMES if judge in of_games else _FRAME,
            items=found.items(judge),
            unknown=_unknown(judge, of_games),
            cluster="source",
        )
        for judge in found.judges()
    ]


def _unknown(judge: str, of_games: Container[str]) -> tuple[str, ...]:
    told = (_GAMES,) if judge in of_games else (_RANDOM,)
    return (_VOTES, *told) if judge == _PEOPLE else told


def _add(found: Collection, line: Line, number: int, of_games: set[str]) -> None:
    """Take a battle; `of_games` collects the judges of whom a row stands for two games."""
    models = line.name("model_a"), line.name("model_b")
    shown_as_sorted = models[0] <= models[1]
    a, b = models if shown_as_sorted else models[::-1]
    winner, judge = _winner(line), _judge(line)
    question = next(
        (line.name(key) for key in ("question_id", "id") if line.values.get(key)), f"row-{number}"
    )
    turn = f"/turn-{line.name('turn')}" if line.values.get("turn") else ""
    item, source = f"{question}{turn}/{a}/{b}", f"question {question}"
    verdict = winner if shown_as_sorted else _SIDES[winner]
    order: Literal["ab", "ba"] | None = "ab" if shown_as_sorted else "ba"
    if _is_of_games(line):
        order = None
        of_games.add(judge)
    found.add(judge, RecordedVerdict(item, order, verdict, source=source))
    if found.lacks(judge, item):
        texts = texts_of(line)
        if texts:
            prompt, first, second = texts
            sides = (first, second) if shown_as_sorted else (second, first)
            found.add_item(judge, Item(item, prompt, *sides, source=source, author_a=a, author_b=b))


def _is_of_games(line: Line) -> bool:
    """Whether the row stands for a game in each order: by its winner, or by the prompt that its judge is named for."""
    judge = line.values.get("judge")
    prompt = judge[-1] if isinstance(judge, list) and judge else judge
    paired = isinstance(prompt, str) and _PAIRED.fullmatch(prompt) is not None
    return paired or line.values.get("winner") == _INCONSISTENT


def _winner(line: Line) -> str:
    if "winner" in line.values:
        return line.one_of("winner", _WINNERS)
    marks = [line.name(key) for key in _ONE_HOT if key in line.values]
    if len(marks) != len(_ONE_HOT) or sorted(marks) != ["0", "0", "1"]:
        raise line.fault(
            "winner", "no winner", f"{', '.join(_WINNERS)} in 'winner', or a single 1 in {_ONE_HOT}"
        )
    return ("a", "b", "tie")[marks.index("1")]


def _judge(line: Line) -> str:
    """The judge's name; that of all people where none is given, or where it is a person's."""
    found = line.values.get("judge")
    if found is None or found == "" or (isinstance(found, str) and _PERSON.fullmatch(found)):
        return _PEOPLE
    parts = found if isinstance(found, list) else [found]
    if not all(isinstance(part, str) and judge_name(part) for part in parts) or not parts:
        raise line.fault(
            "judge", f"'judge' is {found!r}"[:80], "a name, or the list of a model and its prompt"
        )
    return judge_name(*parts)


arena = Importer("arena", "battles of two models with the winner named, as of Chatbot Arena", read, misfit)
