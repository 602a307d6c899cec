from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.judges.keys import KEY_VERSION, request_key
from judgebench.protocols.messages import Message, OutputContract, chat_json

FIXED: dict[str, Any] = {
    "identity": {"provider": "openai", "endpoint": "https://api.openai.com/v1", "model": "gpt-5-mini"},
    "messages": (Message("system", "Judge."), Message("user", "Which is b\u00e9tter? \U0001f914")),
    "parameters": {"temperature": 0.0, "max_tokens": 512},
    "contract": OutputContract("pairwise", ("A", "B", "C")),
    "replicate": 0,
}


def test_the_key_of_a_fixed_request_never_changes_within_a_version() -> None:
    assert KEY_VERSION == 1
    assert request_key(**FIXED) == "b67402689e0767ba3d7baa8a5d10b31f40b02d099bcb01576c9f162f2e567245"


def test_the_order_of_parameters_does_not_matter() -> None:
    turned = {"max_tokens": 512, "temperature": 0.0}
    assert request_key(**{**FIXED, "parameters": turned}) == request_key(**FIXED)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": {**FIXED["identity"], "model": "gpt-5"}},
        {"messages": FIXED["messages"][1:]},
        {"messages": (Message("user", "Judge."), FIXED["messages"][1])},
        {"parameters": {"temperature": 0.5, "max_tokens": 512}},
        {"contract": OutputContract("pairwise", ("A", "B"))},
        {"contract": OutputContract("pairwise", ("A", "B", "C"), top_logprobs=20)},
        {"contract": OutputContract("pairwise", ("A", "B", "C"), constrained=True)},
        {"replicate": 1},
    ],
)
def test_all_that_can_affect_the_reply_changes_the_key(change: dict[str, Any]) -> None:
    assert request_key(**{**FIXED, **change}) != request_key(**FIXED)


def test_a_lone_surrogate_in_a_prompt_has_a_key() -> None:
    assert len(request_key(**{**FIXED, "messages": (Message("user", "\ud800"),)})) == 64


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_a_chat_is_canonical_json_whatever_is_in_it(content: str) -> None:
    canonical = json.dumps([["user", content]], ensure_ascii=False, separators=(",", ":"))
    assert chat_json((Message("user", content),)) == canonical.encode("utf-8", "surrogatepass")
