"""Models in the judge's own process: vLLM, transformers and a reward model say what plain transformers computes."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench.judges.base import Reply, Request, Sampling, Subject
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.judges.likelihood import LIKELIHOOD, likelihood_in
from judgebench.perturb import Stimulus
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.pairwise import Pairwise
from judgebench.protocols.tokens import label_probabilities

pytestmark = pytest.mark.vllm

HERE = Path(__file__).parent
LABELS = ("A", "B", "C")
LOGPROB = OutputContract("label", LABELS, top_logprobs=20)
HELD = OutputContract("label", LABELS, constrained=True)
TEXT = OutputContract("pairwise", LABELS)
CHATS = [
    [["system", "You are a judge."], ["user", f"Which is better, {one} or {two}?"]]
    for one, two in (
        ("tea", "coffee"),
        ("1", "2"),
        ("a long sentence about the sea", "no"),
        ("x", "x"),
        ("C", "B"),
    )
]
TEXTS = [
    [["user", "Add one to x."], ["assistant", "def f(x):\n    return x + 1\n"]],
    [["user", "Say it."], ["assistant", "Ünïcode ☃, and more."]],
]
OPTIONS = {
    "vllm": "?dtype=float32&enforce_eager=true&max_model_len=2048",
    "transformers": "?dtype=float32&batch=4",
}
PAIRS = [("What is 2 + 2?", "It is 4.", "It is five, I think."), ("Say no.", "No.", "Yes, no, perhaps.")]


def asked(chat: list[list[str]], contract: OutputContract, max_tokens: int = 4) -> dict[str, Any]:
    return {"messages": chat, "contract": contract.document(), "max_tokens": max_tokens}


@pytest.fixture(scope="module")
def here(run_there: Callable[..., str]) -> Callable[..., Any]:
    """Ask a judge, or the reference, in the other environment."""

    def ask(script: str, argument: str, document: Any) -> Any:
        printed = run_there(HERE / script, argument, given=json.dumps(document))
        return json.loads(printed.splitlines()[-1])

    return ask


@pytest.fixture(scope="module")
def reference(here: Any, tiny: Path) -> list[list[float]]:
    """(A, B, C, mass) of each chat, from transformers alone."""
    found: list[list[float]] = here("direct.py", str(tiny / "judge"), CHATS)
    assert all(0.5 < row[3] < 1 for row in found)
    assert max(row[0] for row in found) - min(row[0] for row in found) > 0.02
    return found


@pytest.fixture(scope="module", params=["vllm", "transformers"])
def replies(request: pytest.FixtureRequest, here: Any, tiny: Path) -> list[dict[str, Any]]:
    """Label probabilities, a constrained, a far too long and two free ones, likelihoods: all asked at once."""
    requests = [asked(chat, LOGPROB, 1) for chat in CHATS]
    requests += [asked(CHATS[0], HELD), asked(CHATS[0], TEXT, 3), asked([["user", "word " * 4000]], TEXT)]
    requests += [asked(CHATS[0], TEXT, 3) | {"effort": "low"}]
    requests += [asked(chat, LIKELIHOOD, 1) for chat in TEXTS]
    found: list[dict[str, Any]] = here(
        "ask_here.py", f"{request.param}/{tiny / 'judge'}{OPTIONS[request.param]}", requests
    )
    return found


def test_label_probabilities_are_those_of_plain_transformers(
    replies: list[dict[str, Any]], reference: list[list[float]]
) -> None:
    for reply, expected in zip(replies, reference, strict=False):
        assert reply["labels"] == pytest.approx(expected, abs=1e-3)


def test_a_constraint_takes_effect(replies: list[dict[str, Any]]) -> None:
    assert replies[len(CHATS)]["text"] in LABELS


def test_a_free_reply_is_cut_at_its_limit_and_counted(replies: list[dict[str, Any]], tiny: Path) -> None:
    reply = replies[len(CHATS) + 1]
    assert (reply["finish"], reply["usage"]["completion"]) == ("length", 3)
    assert reply["usage"]["prompt"] > 10
    assert reply["served_model"] == str(tiny / "judge")


def test_an_effort_that_the_chat_template_does_not_know_changes_nothing(
    replies: list[dict[str, Any]],
) -> None:
    assert replies[len(CHATS) + 3] == replies[len(CHATS) + 1]


def test_a_prompt_beyond_the_context_fails_alone(replies: list[dict[str, Any]]) -> None:
    place = len(CHATS) + 2
    assert [n for n, reply in enumerate(replies) if reply.get("fault") is not None] == [place]
    assert replies[place]["fault"] == "fatal"


@pytest.fixture(scope="module")
def likelihoods(here: Any, tiny: Path) -> list[list[float]]:
    """Nats and tokens of each text, from transformers alone, a forward pass a token."""
    found: list[list[float]] = here("direct.py", str(tiny / "judge"), TEXTS)
    return found


def test_the_likelihood_of_a_text_is_that_of_its_tokens_one_by_one(
    replies: list[dict[str, Any]], likelihoods: list[list[float]]
) -> None:
    for reply, (nats, tokens) in zip(replies[-len(TEXTS) :], likelihoods, strict=True):
        found = json.loads(reply["text"])
        assert found["tokens"] == tokens
        assert found["nats"] / tokens == pytest.approx(nats / tokens, abs=1e-3)


def test_the_server_says_the_same_of_a_text(vllm_server: str, likelihoods: list[list[float]]) -> None:
    async def scenario() -> list[Reply]:
        async with open_judge("vllm/tiny", base_url=vllm_server) as judge:
            return await asyncio.gather(*[judge.ask(_request(chat, LIKELIHOOD)) for chat in TEXTS])

    for reply, (nats, tokens) in zip(asyncio.run(scenario()), likelihoods, strict=True):
        found = likelihood_in(reply)
        assert found.tokens == tokens
        assert found.per_token == pytest.approx(nats / tokens, abs=1e-3)


def test_the_server_says_the_same(vllm_server: str, reference: list[list[float]]) -> None:
    async def scenario() -> list[Reply]:
        async with open_judge("vllm/tiny", base_url=vllm_server) as judge:
            return await asyncio.gather(*[judge.ask(_request(chat)) for chat in CHATS])

    for reply, expected in zip(asyncio.run(scenario()), reference, strict=True):
        found = label_probabilities(reply.logprobs[0], LABELS)
        assert found is not None
        assert [found.first, found.second, found.tie, found.mass] == pytest.approx(expected, abs=1e-3)


def _request(chat: list[list[str]], contract: OutputContract = LOGPROB) -> Request:
    messages = tuple(Message(role, content) for role, content in chat)  # type: ignore[arg-type]
    key = request_key({"provider": "test"}, messages, {}, contract, 0)
    return Request(key, messages, Sampling(max_tokens=1), contract, 0, Subject("i", "a", "ab"))


def test_a_reward_model_prefers_the_response_with_the_higher_score(here: Any, tiny: Path) -> None:
    alone = [[["user", prompt], ["assistant", text]] for prompt, *texts in PAIRS for text in texts]
    scores = here("direct.py", str(tiny / "reward"), alone)
    protocol = Pairwise(verdict="logprob", tie=False)
    chats = [
        [[m.role, m.content] for m in protocol.render(Stimulus(*pair), order)]
        for pair in PAIRS
        for order in ("ab", "ba")
    ]
    requests = [asked(chat, protocol.contract) for chat in chats] + [asked(chats[0], TEXT)]
    replies = here("ask_here.py", f"reward/{tiny / 'reward'}?dtype=float32", requests)
    for number, reply in enumerate(replies[:4]):
        first, second = scores[2 * (number // 2) : 2 * (number // 2) + 2][:: 1 if number % 2 == 0 else -1]
        assert reply["text"] == ("A" if first > second else "B")
        assert reply["labels"][0] == pytest.approx(1 / (1 + math.exp(second - first)), abs=1e-4)
        assert reply["labels"][3] == pytest.approx(1)
    assert replies[4]["text"].startswith(f"Scores: {scores[0]:.3g}"[:12])
    assert replies[4]["text"].endswith("[[A]]" if scores[0] > scores[1] else "[[B]]")
    wide = here("ask_here.py", f"reward/{tiny / 'reward'}?dtype=float32&margin=1000", requests[4:])
    assert wide[0]["text"].endswith("[[C]]")
