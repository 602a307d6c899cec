"""Effort as each provider takes it, and thinking that nobody counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import Request, Sampling
from judgebench.judges.factory import open_judge
from judgebench.judges.thinking import estimated_tokens
from judgebench.judges.vllm_engine import VLLMEngineJudge

ADDRESS = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("text", "thinking", "tokens"),
    [
        ("[[A]]", "", 0),
        ("", "Hm, hm, hm.", 100),
        ("0123456789", "x" * 30, 75),
        ("<think>abc</think>0123456789012", "", 58),  # 18 characters of 31, the tags among them
        ("abc</think>[[A]]", "", 38),  # the template swallowed the opening tag
        ("<think>never ends", "", 100),
        ("", "", 0),
    ],
)
def test_thinking_has_its_share_of_the_tokens_by_its_length(text: str, thinking: str, tokens: int) -> None:
    assert estimated_tokens(100, text, thinking) == tokens


@pytest.mark.parametrize("effort", ["none", "low", "high"])
def test_vllm_is_sent_the_effort_of_the_suite_or_else_of_the_spec(effort: str) -> None:
    plain, set_ = (open_judge(f"vllm/m{end}", base_url=ADDRESS) for end in ("", "?reasoning_effort=medium"))
    asked = Sampling(max_tokens=9, reasoning_effort=effort)
    assert plain.effective(asked)["reasoning_effort"] == effort
    assert set_.effective(asked)["reasoning_effort"] == effort
    assert set_.effective(Sampling())["reasoning_effort"] == "medium"
    assert "reasoning_effort" not in plain.effective(Sampling())


@pytest.mark.parametrize(
    ("options", "effort", "sent"),
    [
        ("", None, {}),
        ("", "high", {"output_config": {"effort": "high"}}),
        ("?reasoning_effort=max", None, {"output_config": {"effort": "max"}}),
        ("?thinking=adaptive", "low", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        ("?thinking=2048", None, {"thinking": {"type": "enabled", "budget_tokens": 2048}}),
        ("?thinking=adaptive", "none", {"thinking": {"type": "disabled"}}),
        ("", "minimal", {}),  # which the API does not have: the suite is told that the judge takes none
    ],
)
def test_anthropic_is_sent_thinking_and_effort_as_its_api_has_them(
    options: str, effort: str | None, sent: dict[str, Any]
) -> None:
    judge = open_judge(f"anthropic/some-model{options}")
    assert judge.effective(Sampling(max_tokens=9, reasoning_effort=effort)) == {"max_tokens": 9, **sent}


@pytest.mark.parametrize("option", ["thinking=1023", "thinking=much", "reasoning_effort=minimal"])
def test_what_anthropic_does_not_have_is_refused(option: str) -> None:
    with pytest.raises(InputError, match=option.partition("=")[0]):
        open_judge(f"anthropic/some-model?{option}")


@pytest.mark.parametrize(
    ("options", "held"), [("", True), ("?thinking=disabled", True), ("?thinking=adaptive", False)]
)
def test_while_anthropic_thinks_no_reply_is_held_to_labels(options: str, held: object) -> None:
    can = open_judge(f"anthropic/some-model{options}").capabilities
    assert (can.structured_output, can.reasoning) == (held, not held)


def test_the_engine_tells_its_chat_template_of_each_effort_and_keeps_the_order(make_request: Any) -> None:
    calls: list[tuple[list[str], Any]] = []

    def chat(chats: Sequence[Any], told: Sequence[Any], **more: Any) -> list[Any]:
        calls.append(([messages[-1]["content"] for messages in chats], more.get("chat_template_kwargs")))
        assert all("reasoning_effort" not in parameters for parameters in told)
        said = [
            SimpleNamespace(text=messages[-1]["content"], finish_reason="stop", token_ids=[1])
            for messages in chats
        ]
        return [SimpleNamespace(outputs=[one], prompt_token_ids=[1], num_cached_tokens=0) for one in said]

    judge = VLLMEngineJudge.from_spec(open_judge("vllm/m?reasoning_effort=high")._spec, None)  # type: ignore[attr-defined]
    judge._vllm, judge._llm = SimpleNamespace(SamplingParams=dict), SimpleNamespace(chat=chat)
    requests: list[Request] = [
        make_request(str(number), sampling=Sampling(reasoning_effort=effort))
        for number, effort in enumerate(["low", None, "low", "none"])
    ]
    assert [reply.text for reply in judge._answer(requests)] == ["0", "1", "2", "3"]
    low, high, none = (
        {"reasoning_effort": effort, "enable_thinking": effort != "none"}
        for effort in ("low", "high", "none")
    )
    assert calls == [(["0", "2"], low), (["1"], high), (["3"], none)]


def test_a_server_that_counts_no_thinking_has_it_estimated_and_told_apart(
    fake: Any, answer: Any, replies: Any, make_judge: Any, make_request: Any
) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 40, "total_tokens": 45}
    body = replies["vllm"]("[[A]]", message={"reasoning": "x" * 15}, usage=usage)

    async def scenario() -> Any:
        async with fake(answer(body=body)).running() as server, make_judge("vllm", server) as judge:
            return await judge.ask(make_request(sampling=Sampling(reasoning_effort="low"))), server.bodies[0]

    reply, sent = asyncio.run(scenario())
    assert sent["reasoning_effort"] == "low"
    assert reply.usage.reasoning == 0  # what the server did not say stays apart from what it did
    assert estimated_tokens(reply.usage.completion, reply.text, reply.thinking) == 30
