"""How much a judge is to think, and how many of its tokens were thinking where the provider does not say."""

from __future__ import annotations

from typing import Any, Final

from judgebench.protocols.reading import strip_thinking

NO_THINKING: Final = "none"
"""The effort that asks for no thinking at all."""


def template_switches(effort: str | None) -> dict[str, Any]:
    """What a chat template is told of an effort, as vLLM's server tells it; a template takes what it knows."""
    return {} if effort is None else {"reasoning_effort": effort, "enable_thinking": effort != NO_THINKING}


def estimated_tokens(completion: int, text: str, thinking: str) -> int:
    """The tokens of a completion that were thinking, by its share of the characters.

    Args:
        completion: All tokens of the reply.
        text: The reply, which may hold its thinking between `<think>` and `</think>`.
        thinking: What came apart from it.
    """
    answer, within = strip_thinking(text)
    thought = len(thinking) + len(within)
    return round(completion * thought / (thought + len(answer))) if thought else 0
