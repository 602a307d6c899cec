"""The contract of a judge: a request in, a reply out, capabilities declared.

A provider is one file with one class derived from `Judge`. It sends a request once and either returns a `Reply` or
raises a `JudgeFault`, which says whether asking again can help; retrying, pacing and storing belong to the runner.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Self

from judgebench.items import Gold, Letter
from judgebench.judges.spec import JudgeSpec
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.tokens import TokenLogprobs

FinishReason = Literal["stop", "length", "refusal", "other"]
FaultKind = Literal["rate_limit", "overloaded", "transient", "timeout", "malformed", "fatal"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sampling parameters that the suite asks for; a judge reports those that took effect."""

    temperature: float | None = 0.0
    max_tokens: int = 512
    top_p: float | None = None
    seed: int | None = None
    reasoning_effort: str | None = None

    def drawing(self) -> dict[str, Any]:
        """How tokens are drawn and how many: what is given of it, by the names that most engines take."""
        asked = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "top_p": self.top_p,
            "seed": self.seed,
        }
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Subject:
    """Which trial a request belongs to: for judges that look verdicts up or simulate them. It is never sent.

    Several trials may share a request; this is the first of them, and they agree in all that the rendered prompt shows.

    Attributes:
        order: The letters of the responses, in the order in which they are shown.
        shown: Their texts.
        letters: Those of all responses that the item has.
    """

    item_id: str
    gold: Gold | None
    order: str
    perturbation: str = "none"
    arm: str = "control"
    target: Letter | None = None
    repeat: int = 0
    shown: tuple[str, ...] = ()
    letters: str = "ab"


@dataclass(frozen=True, slots=True)
class Request:
    """What a judge is asked, with the key under which its reply is stored.

    Attributes:
        key: sha256 (hex) over all that can affect the reply; see `judgebench.judges.keys`.
        messages: The rendered chat.
        sampling: The parameters the suite asks for.
        contract: The form that the reply must have.
        replicate: 0 for the first time of asking; the same prompt asked again has another replicate and so another key.
        subject: The trial it stands for; not part of the key.
    """

    key: str
    messages: tuple[Message, ...]
    sampling: Sampling
    contract: OutputContract
    replicate: int
    subject: Subject


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one exchange.

    Attributes:
        prompt: Of what was sent.
        completion: Of the answer.
        cached: Of the prompt, read from the provider's cache.
        reasoning: Of the completion, the thinking.
        written: Of the prompt, written to the provider's cache, which some charge for.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer of a judge, as it came.

    Attributes:
        text: The answer without the thinking.
        finish: `stop`; `length` when cut at the token limit; `refusal` when the provider marks it as one; `other`.
        thinking: Reasoning text that the provider gives apart, if any.
        usage: Tokens.
        served_model: The model the provider says it used.
        fingerprint: The provider's build fingerprint, if any.
        headers: The response headers that matter (request id, rate-limit state); never a key.
        truth: For simulated judges only: what this reply was drawn from: the probabilities of the labels in their
            order, for a pair always of (first, second, tie), or the expected scores; then those of (refused, invalid).
        logprobs: The tokens at the verdict's place with their alternatives, where the contract wants them: what
            `verdict_tokens` keeps of all tokens of the reply.
    """

    text: str
    finish: FinishReason = "stop"
    thinking: str = ""
    usage: Usage = field(default_factory=Usage)
    served_model: str | None = None
    fingerprint: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    truth: tuple[float, ...] | None = None
    logprobs: tuple[TokenLogprobs, ...] = ()


class JudgeFault(
    Exception
):  # a fault of transport is an outcome the runner handles, not an error of the program
    """A request that brought no answer.

    Attributes:
        kind: `rate_limit` (429), `overloaded` (503, 529), `transient` (5xx, resets), `timeout`, `malformed` (a reply
            that is not what the protocol of the provider allows), `fatal` (asking again cannot help: 400, 401, 404).
        retry_after: Seconds that the provider asks to wait.
        status: HTTP status, where there was one.
    """

    def __init__(
        self, kind: FaultKind, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after

    @property
    def retriable(self) -> bool:
        """Whether asking again can help."""
        return self.kind != "fatal"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a judge can do; the runner and the protocols rely on nothing else.

    Attributes:
        logprobs: It gives the log probabilities that a contract wants.
        prompt_logprobs: It says how likely a text is to it; see `judgebench.judges.likelihood`.
        structured_output: It holds a reply to the labels of a contract that is `constrained`.
        gathers: It answers in one go what is asked at once, so that many requests are to be in flight, with no network.
        network: It asks over a network, so that pacing, time-outs and retries make sense.
        deterministic: The same request always brings the same reply.
        reasoning: It thinks before it answers, and those tokens are part of the completion.
    """

    logprobs: bool = False
    structured_output: bool = False
    gathers: bool = False
    network: bool = True
    deterministic: bool = False
    reasoning: bool = False
    prompt_logprobs: bool = False


class Judge(ABC):
    """A judge. Use as an async context manager: connections open on entry and close on exit."""

    capabilities: Capabilities = Capabilities()

    @classmethod
    @abstractmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Judge:
        """Make the judge that a spec names; nothing is opened or asked for yet.

        Raises:
            InputError: An option is unknown or has a wrong value, or the address is wrong or out of place.
        """

    @property
    @abstractmethod
    def spec(self) -> str:
        """The judge spec it was made from, in canonical form, without keys or addresses that hold secrets."""

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What tells this judge from others in a request key: provider, endpoint, model, revision. JSON values."""

    def effective(self, sampling: Sampling) -> Mapping[str, Any]:
        """The output-affecting parameters that are really sent, by the provider's own names."""
        return {"temperature": sampling.temperature, "max_tokens": sampling.max_tokens}

    async def models(self) -> list[str]:
        """The models that the endpoint says it serves; empty where it is not asked that."""
        return []

    @abstractmethod
    async def ask(self, request: Request) -> Reply:
        """Send the request once.

        Raises:
            JudgeFault: It brought no answer.
        """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def truth(self) -> Mapping[str, Any] | None:
        """The planted effects of a simulated judge; None for a real one."""
        return None
