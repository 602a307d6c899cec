"""Two conversations in a row, as battles and votes on two models keep them."""

from __future__ import annotations

import json
from typing import Any

from judgebench.items.lines import Line


def texts_of(line: Line) -> tuple[str, str, str] | None:
    """Prompt, first and second response; None where they are not on record, or not apart."""
    values = line.values
    if all(isinstance(values.get(key), str) for key in ("prompt", "response_a", "response_b")):
        return tuple(_turns(values[key]) for key in ("prompt", "response_a", "response_b"))  # type: ignore[return-value]
    both = [_messages(values.get(key)) for key in ("conversation_a", "conversation_b")]
    if not all(both):
        return None
    turn = line.values.get("turn")
    turns = (
        turn if isinstance(turn, int) and turn > 0 else None
    )  # of a longer conversation only so much was judged
    prompt, first, second = _said(both[0], "user", turns), *(_said(m, "assistant", turns) for m in both)
    return (prompt, first, second) if prompt and first and second else None


def _turns(text: str) -> str:
    """A text, or the turns of a JSON list of texts."""
    try:
        found: Any = json.loads(text)
    except ValueError:
        return text
    texts: list[Any] = found if isinstance(found, list) else [0]
    return "\n\n".join(filter(None, texts)) if all(isinstance(turn, str | None) for turn in texts) else text


def _messages(found: Any) -> list[dict[str, Any]]:
    """The messages of a conversation, given as a list or as the JSON of one; none where it is something else."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            return []
    return found if isinstance(found, list) and all(isinstance(m, dict) for m in found) else []


def _said(messages: list[dict[str, Any]], role: str, turns: int | None) -> str:
    """What one side says up to a turn, a blank line between turns; empty where some of it is no text."""
    parts = [_content(m.get("content")) for m in messages if m.get("role") == role][:turns]
    return "\n\n".join(parts) if all(parts) else ""


def _content(content: Any) -> str:
    if isinstance(content, list):
        texts: list[Any] = [part.get("text") if isinstance(part, dict) else None for part in content]
        return "\n".join(texts) if all(isinstance(text, str) for text in texts) else ""
    return content if isinstance(content, str) else ""
