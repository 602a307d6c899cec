"""MT-Bench in its two upstream layouts.

- The judgments of people or of GPT-4 as published on Hugging Face: a row a vote with both conversations in it. The
  votes on a pair are one item, whose gold is what more than half of them say; None where no side has more than half.
- FastChat's folder: `question.jsonl`, `model_answer/` and, for gold, a file of `model_judgment/` with two games a
  pair. A side wins where it wins both games, as in FastChat; else it is a tie.

a is the model whose name sorts first, as an import has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import ClassVar, Final

from judgebench.errors import InputError
from judgebench.items.lines import Line, lines_of
from judgebench.items.model import Gold, Item, fault_of, votes_of
from judgebench.items.public.base import PublicSource
from judgebench.items.public.conversations import texts_of
from judgebench.items.public.mt_bench_texts import Texts

_LAYOUT: Final = (
    "a file of votes with conversation_a and conversation_b, FastChat's model_judgment/*_pair.jsonl, "
    "or its folder with question.jsonl and model_answer/"
)
_WINNERS: Final[dict[str, Gold]] = {"model_a": "a", "model_b": "b", "tie": "tie", "tie (inconsistent)": "tie"}
_GAMES: Final = {"model_1": 0, "model_2": 1}
_GAME_WINNERS: Final = {name: name for name in ("model_1", "model_2", "tie", "error")}
_TURNED: Final[dict[Gold, Gold]] = {"a": "b", "b": "a", "tie": "tie"}
_MODEL: Final = "gpt"
"""What the name of a voter begins with who is no person."""
_TURNS: Final = (1, 2)


@dataclass(frozen=True)
class MtBench(PublicSource):
    """MT-Bench: pairs of models on 80 questions of two turns, with the votes of people or of GPT-4.

    Attributes:
        models: Only pairs of these models; needed where the path is FastChat's folder and no judgments are read.
        turns: Only these turns; both where None.
    """

    name: ClassVar[str] = "mt_bench"
    models: tuple[str, ...] | None = None
    turns: tuple[int, ...] | None = None

    def load(self) -> list[Item]:
        """The pairs, in the order in which their first votes come."""
        path = self.located()
        if path.is_dir() and (path / "question.jsonl").is_file():
            return self._checked(self._unjudged(path), path)
        file = _votes_in(path) if path.is_dir() else path
        return self._checked(_judged(file), file)

    def _checked(self, items: Iterator[tuple[int, Item]], path: Path) -> list[Item]:
        chosen = [item for turn, item in items if self._wanted(turn, item)]
        if not chosen:
            raise InputError("no pair of these models and turns", file=path, expected=_LAYOUT)
        return chosen

    def _wanted(self, turn: int, item: Item) -> bool:
        authors = {item.author_a, item.author_b}
        return (self.models is None or authors <= set(self.models)) and turn in (self.turns or _TURNS)

    def _unjudged(self, folder: Path) -> Iterator[tuple[int, Item]]:
        """Every pair of the models on every question and turn, without gold."""
        if self.models is None:
            raise InputError(
                "a folder of answers, and no models named", file=folder, expected="models: [one, another]"
            )
        texts = Texts(folder)
        for question in texts.questions():
            for turn in self.turns or _TURNS:
                for a, b in combinations(sorted(self.models), 2):
                    item = texts.item(f"{question}/turn-{turn}/{a}/{b}", question, str(turn), a, b)
                    if item is not None:
                        yield turn, item


def _votes_in(folder: Path) -> Path:
    for pattern in ("human*", "data/human*", "*.parquet"):
        for found in sorted(folder.glob(pattern)):
            return found
    raise InputError("no votes of MT-Bench in the folder", file=folder, expected=_LAYOUT)


def _judged(file: Path) -> Iterator[tuple[int, Item]]:
    """The pairs of a file of votes with their turns, each with the gold that its votes come to."""
    items: dict[tuple[int, str], Item] = {}
    votes: dict[tuple[int, str], Counter[Gold]] = {}
    people: dict[tuple[int, str], Counter[Gold]] = {}
    texts: Texts | None = None
    for line in lines_of(file, "file of MT-Bench votes"):
        turn = _turn(line)
        if "g1_winner" in line.values:
            texts = texts or Texts(file.resolve().parent.parent)
            item, gold = _of_games(line, turn, texts)
        else:
            item, gold = _of_vote(line, turn)
        fault = fault_of(item.to_dict())
        if fault:
            raise line.fault("question_id", fault[1], "texts that can be stored")
        items.setdefault((turn, item.id), item)
        if gold is not None:
            votes.setdefault((turn, item.id), Counter())[gold] += 1
            if texts is None and not str(line.values.get("judge", "")).startswith(_MODEL):
                people.setdefault((turn, item.id), Counter())[gold] += 1
    if not items:
        raise InputError("the file is empty", file=file, expected=_LAYOUT)
    for key, item in items.items():
        asked = people.get(key)
        gold = _majority(votes.get(key, Counter()))
        yield key[0], replace(item, gold=gold, gold_votes=None if asked is None else votes_of(asked))


def _turn(line: Line) -> int:
    turn = line.values.get("turn")
    if not isinstance(turn, int) or turn not in _TURNS or isinstance(turn, bool):
        raise line.fault("turn", f"'turn' is {turn!r}"[:80], "1 or 2")
    return turn


def _majority(votes: Counter[Gold]) -> Gold | None:
    gold, count = next(iter(votes.most_common(1)), (None, 0))
    return gold if 2 * count > votes.total() else None


def _of_vote(line: Line, turn: int) -> tuple[Item, Gold]:
    models = line.name("model_a"), line.name("model_b")
    winner = line.one_of("winner", _WINNERS)
    found = texts_of(line)
    if found is None:
        raise line.fault("conversation_a", "no two conversations", _LAYOUT)
    prompt, first, second = found
    if models[0] > models[1]:
        models, first, second, winner = models[::-1], second, first, _TURNED[winner]
    question = line.name("question_id")
    name = f"{question}/turn-{turn}/{models[0]}/{models[1]}"
    item = Item(
        name, prompt, first, second, source=f"question {question}", author_a=models[0], author_b=models[1]
    )
    return item, winner


def _of_games(line: Line, turn: int, texts: Texts) -> tuple[Item, Gold | None]:
    models = line.name("model_1"), line.name("model_2")
    question = line.name("question_id")
    a, b = sorted(models)
    item = texts.item(f"{question}/turn-{turn}/{a}/{b}", question, str(turn), a, b)
    if item is None:
        raise line.fault(
            "question_id", "no texts for this pair", "question.jsonl and model_answer/ in the folder above"
        )
    winners = [line.one_of(f"{game}_winner", _GAME_WINNERS) for game in ("g1", "g2")]
    if "error" in winners:
        return item, None
    if winners[0] != winners[1] or winners[0] == "tie":
        return item, "tie"
    return item, "a" if models[_GAMES[winners[0]]] == a else "b"
