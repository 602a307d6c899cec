"""The texts behind MT-Bench judgments: `question.jsonl` and `model_answer/`, in FastChat's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from judgebench.errors import InputError
from judgebench.items.lines import Line, lines_of
from judgebench.items.model import Item


class Texts:
    """Questions and answers of a benchmark's folder; an answer file is read when its model is first asked for.

    Args:
        folder: The folder that holds `question.jsonl` and `model_answer/`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._questions = _by_question(self._folder / "question.jsonl")
        self._files = {path.stem: path for path in self._folder.glob("model_answer/*.jsonl")}
        self._answers: dict[str, dict[str, Line]] = {}

    def questions(self) -> list[str]:
        """The ids of the questions, in the order of their file."""
        return list(self._questions)

    def category(self, question: str) -> str | None:
        """The category of a question; None where it is not on record."""
        line = self._questions.get(question)
        return line.name("category") if line and line.values.get("category") else None

    def item(self, name: str, question: str, turn: str, a: str, b: str) -> Item | None:
        """The conversation up to a turn with both models' answers; None where one of the three is not on record."""
        asked = self._questions.get(question)
        answers = [self._of(model).get(question) for model in (a, b)]
        if asked is None or answers[0] is None or answers[1] is None:
            return None
        prompt = _joined(asked, "turns", asked.values.get("turns"), turn)
        one, two = (_joined(line, "choices", _first_choice(line), turn) for line in answers if line)
        category, source = self.category(question), f"question {question}"
        return Item(name, prompt, one, two, category=category, source=source, author_a=a, author_b=b)

    def _of(self, model: str) -> dict[str, Line]:
        if model not in self._answers:
            self._answers[model] = _by_question(self._files[model]) if model in self._files else {}
        return self._answers[model]


def _by_question(path: Path) -> dict[str, Line]:
    if not path.is_file():
        return {}
    return {line.name("question_id"): line for line in lines_of(path, "file of MT-Bench texts")}


def _first_choice(line: Line) -> Any:
    choices = line.values.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first.get("turns") if isinstance(first, dict) else None


def _joined(line: Line, key: str, turns: Any, turn: str) -> str:
    """The turns up to that one, a blank line between them.

    Raises:
        InputError: There are not so many, or they are no texts.
    """
    wanted = int(turn) if turn.isascii() and turn.isdigit() else 0
    if not (isinstance(turns, list) and 0 < wanted <= len(turns) and all(isinstance(t, str) for t in turns)):
        raise _no_turn(line, key, turn)
    return "\n\n".join(turns[:wanted])


def _no_turn(line: Line, key: str, turn: str) -> InputError:
    return line.fault(key, f"no turn {turn} here", "texts of as many turns as were judged")
