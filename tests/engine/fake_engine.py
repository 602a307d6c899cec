"""A stand-in for vLLM's server: the same answers to the same questions, as far as the conformance tests ask them.

What it sends is valid against the schemas of the official SDKs. Its model is a hash of the prompt, which gives the
labels A, B and C most of the probability; `Behaviour` breaks it in the ways in which real servers are broken.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from aiohttp import web
from anthropic.types import Message as AnthropicMessage
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai.types import Completion
from openai.types import completion_create_params as completing
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

CONTEXT = 2048
CHAT: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)
COMPLETION: TypeAdapter[Any] = TypeAdapter(completing.CompletionCreateParamsNonStreaming)
MESSAGES: TypeAdapter[Any] = TypeAdapter(MessageCreateParamsNonStreaming)


@dataclass
class Behaviour:
    """What the server does and does not do."""

    model: str = "tiny"
    served: str = "tiny"
    constrains: bool = True
    logprobs: bool = True
    prompt_logprobs: bool = True
    mass: float = 0.92
    key: str | None = None
    says: str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self.check])
        app.add_routes(
            [
                web.get("/health", self.health),
                web.get("/v1/models", self.models),
                web.post("/v1/chat/completions", self.complete),
                web.post("/v1/completions", self.read),
                web.post("/v1/messages", self.message),
                web.post("/tokenize", self.tokenize),
            ]
        )
        return app

    @web.middleware
    async def check(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        if request.method == "POST":
            body = await request.json()
            self.asked.append(body)
            if body["model"] != self.model:
                return _error(404, "NotFoundError", f"The model `{body['model']}` does not exist.")
            if len(_words(body)) > CONTEXT and request.path != "/tokenize":
                return _error(
                    400, "BadRequestError", f"This model's maximum context length is {CONTEXT} tokens."
                )
        response: web.StreamResponse = await handler(request)
        return response

    async def health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self.model, "object": "model"}]})

    async def complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        CHAT.validate_python(body, strict=False)
        shares = self.shares(body["messages"])
        choices = body.get("structured_outputs", {}).get("choice")
        text, tokens, finish = self.reply(shares, body, choices if self.constrains else None)
        logprobs = None
        if body.get("logprobs") and self.logprobs:
            logprobs = {"content": [_entry(token, shares) for token in tokens], "refusal": None}
        reply = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": self.served,
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                    "logprobs": logprobs,
                }
            ],
            "usage": _usage(body, len(tokens)),
        }
        ChatCompletion.model_validate(reply, strict=True)
        return web.json_response(reply)

    async def tokenize(self, request: web.Request) -> web.Response:
        words = _words(await request.json())
        tokens = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:2], "big") for word in words]
        return web.json_response({"count": len(tokens), "max_model_len": CONTEXT, "tokens": tokens})

    async def read(self, request: web.Request) -> web.Response:
        """A completion with the log probabilities of the prompt, each token's by itself and the one before it."""
        body = await request.json()
        COMPLETION.validate_python(body, strict=False)
        tokens = body["prompt"]
        of_each = [{str(now): {"logprob": -1 - (before + now) % 7}} for before, now in pairwise(tokens)]
        told = [None, *of_each]
        choice = {"index": 0, "text": "w", "finish_reason": "length", "logprobs": None}
        reply = {
            "id": "cmpl-1",
            "object": "text_completion",
            "created": 1,
            "model": self.served,
            "choices": [choice | ({"prompt_logprobs": told} if self.prompt_logprobs else {})],
            "usage": _usage(body, 1),
        }
        Completion.model_validate(reply, strict=True)
        return web.json_response(reply)

    async def message(self, request: web.Request) -> web.Response:
        body = await request.json()
        MESSAGES.validate_python(body, strict=False)
        text, tokens, finish = self.reply(self.shares(body["messages"]), body, None)
        usage = _usage(body, len(tokens))
        reply = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.served,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "max_tokens" if finish == "length" else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]},
        }
        AnthropicMessage.model_validate(reply, strict=True)
        return web.json_response(reply)

    def shares(self, messages: list[dict[str, Any]]) -> dict[str, float]:
        """The probability of each token that a reply may begin with."""
        digest = hashlib.sha256(json.dumps(messages).encode()).digest()
        weights = [1 + byte / 64 for byte in digest[:3]]
        labels = {label: self.mass * w / sum(weights) for label, w in zip("ABC", weights, strict=True)}
        return labels | {f"w{n}": (1 - self.mass) / 20 for n in range(20)}

    def reply(
        self, shares: dict[str, float], body: dict[str, Any], choices: list[str] | None
    ) -> tuple[str, list[str], str]:
        """Text, tokens and finish reason; it goes on until it is cut, as a random model does."""
        if choices is not None:
            weights = [shares.get(choice, 1e-9) for choice in choices]
            chosen = random.choices(choices, weights)[0]
            return chosen, [chosen, "<|im_end|>"], "stop"
        if self.says is not None:
            return self.says, self.says.split(), "stop"
        if body.get("temperature") == 0:
            first = max(shares, key=lambda token: shares[token])
        else:
            first = random.choices(list(shares), list(shares.values()))[0]
        tokens = [first] * int(body["max_tokens"])
        return "".join(tokens), tokens, "length"


def _entry(token: str, shares: dict[str, float]) -> dict[str, Any]:
    def one(text: str, p: float) -> dict[str, Any]:
        return {"token": text, "logprob": math.log(p), "bytes": list(text.encode())}

    top = sorted(shares.items(), key=lambda pair: -pair[1])[:20]
    return one(token, shares.get(token, 1.0)) | {"top_logprobs": [one(*pair) for pair in top]}


def _words(body: dict[str, Any]) -> list[Any]:
    """What the stand-in takes for tokens: words, or the tokens that it is given."""
    if "messages" in body:
        return json.dumps(body["messages"]).split()
    prompt = body["prompt"]
    return prompt if isinstance(prompt, list) else prompt.split()


def _usage(body: dict[str, Any], completion: int) -> dict[str, int]:
    prompt = len(_words(body))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": kind, "param": None, "code": status}}, status=status
    )
