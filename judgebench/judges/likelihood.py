"""How likely a text is to a model: the form of such a request, and what its reply says.

The chat ends with the text, as a message of the assistant's. Its tokens are those of the text by itself, after those of
the chat before it with the opening of a reply: what the model would have drawn one by one, had it written the text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from judgebench.judges.base import JudgeFault, Reply, Request, Usage
from judgebench.judges.chat import json_object, wire_messages
from judgebench.judges.http import kept_headers
from judgebench.judges.thinking import template_switches
from judgebench.protocols.messages import OutputContract

LIKELIHOOD: Final = OutputContract("likelihood", ())
"""The reply is no text: the model is only to say how likely the last message is."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a text is.

    Attributes:
        nats: Minus the natural logarithm of its probability.
        tokens: Its tokens.
    """

    nats: float
    tokens: int

    @property
    def per_token(self) -> float | None:
        """Mean negative log likelihood of a token, in nats: the logarithm of the perplexity.

        None of an empty text, and of one that has a token which the model rules out.
        """
        return self.nats / self.tokens if self.tokens and math.isfinite(self.nats) else None


def likelihood_in(reply: Reply) -> Likelihood:
    """What a reply to such a request says."""
    return Likelihood(**json.loads(reply.text))


def likelihood_reply(
    logprobs: Sequence[float], prompt: int, served_model: str | None, headers: Mapping[str, str] | None = None
) -> Reply:
    """The reply that has it.

    Args:
        logprobs: Of the tokens of the text.
        prompt: How many tokens the model has read.
        served_model: The model.
        headers: Those of the response that matter.
    """
    found = Likelihood(0.0 - math.fsum(logprobs), len(logprobs))
    return Reply(
        json.dumps(asdict(found)), usage=Usage(prompt), served_model=served_model, headers=headers or {}
    )


def tokens_of(tokenizer: Any, request: Request, effort: str | None = None) -> tuple[list[int], list[int]]:
    """The tokens of the chat before the last message, with the opening of a reply, and those of that message.

    Args:
        tokenizer: Of the `transformers` package.
        request: Asks how likely its last message is.
        effort: How much the model is asked to think when it replies, which the opening may show.
    """
    *before, said = request.messages
    opened = tokenizer.apply_chat_template(
        wire_messages(before), tokenize=False, add_generation_prompt=True, **template_switches(effort)
    )
    one, two = (tokenizer.encode(text, add_special_tokens=False) for text in (opened, said.content))
    return one, two


def read_tokens(body: bytes) -> list[int]:
    """The tokens that vLLM's `/tokenize` gives.

    Raises:
        JudgeFault: There are none in it (`malformed`).
    """
    found = json_object(body).get("tokens")
    if not isinstance(found, list) or not all(isinstance(token, int) for token in found):
        raise JudgeFault("malformed", "the reply holds no tokens", status=200)
    return found


def read_prompt_logprobs(body: bytes, headers: Mapping[str, str], said: Sequence[int]) -> Reply:
    """The reply in a completion with log probabilities of its prompt, which ends in the tokens `said`.

    Raises:
        JudgeFault: The server gives none (`fatal`: it is none that can), or broken ones (`malformed`).
    """
    found = json_object(body)
    try:
        told = found["choices"][0].get("prompt_logprobs")
        if told is None:
            raise JudgeFault("fatal", "the server gives no log probabilities of a prompt", status=200)
        last = told[len(told) - len(said) :]
        logprobs = [float(entry[str(token)]["logprob"]) for entry, token in zip(last, said, strict=True)]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise JudgeFault(
            "malformed", "the reply holds broken log probabilities of the prompt", status=200
        ) from None
    return likelihood_reply(logprobs, len(told), found.get("model"), kept_headers(headers))
