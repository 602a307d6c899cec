"""Responses written in the run: who writes, what they are asked, and the pairs that come of it.

They are requests like any other, in a store of their own beside the judgments (`authors.db`), so that a run which is
continued has nothing written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from judgebench.items import Item
from judgebench.judges.base import Judge, Reply, Request, Sampling
from judgebench.judges.factory import open_judge
from judgebench.protocols import OutputContract
from judgebench.run.desk import Desk, chat, request_of, text_of, used
from judgebench.suite import Suite
from judgebench.suite.authors import SELF
from judgebench.suite.schema import AuthorSpec

AUTHORS: Final = "authors.db"
RESPONSE: Final = OutputContract("response", ())


@dataclass(frozen=True)
class Writer:
    """An author with the model that writes for it.

    Attributes:
        told: What the suite says of it.
        model: The model; the judge itself where it is to write.
        is_judge: Whether it is the judge that is audited.
    """

    told: AuthorSpec
    model: Judge
    is_judge: bool

    def request(self, prompt: str) -> Request:
        """The request for a response: the prompt, as a user would put it."""
        sampling = Sampling(self.told.temperature, self.told.max_tokens)
        return request_of(self.model, chat(prompt), sampling, RESPONSE)


def writers_of(suite: Suite, judge: Judge) -> tuple[Writer, ...]:
    """Who writes the responses of a suite; nobody where they are given.

    Raises:
        InputError: A spec is wrong.
    """
    told = suite.spec.self_preference
    return tuple(
        Writer(author, judge if author.judge == SELF else open_judge(author.judge, base_url=author.base_url),
               author.judge == SELF)
        for author in (told.writers if told else ())
        if author.judge is not None
    )  # fmt: skip


def prompts_of(suite: Suite) -> tuple[str, ...]:
    """The prompts of the suite's pairs, each once."""
    return tuple(dict.fromkeys(item.prompt for item in suite.items))


async def write_responses(
    suite: Suite, writers: tuple[Writer, ...], desk: Desk
) -> tuple[Suite, dict[str, Any]]:
    """Have every response written, and put them in the place of those that stood for them.

    A response that was cut at the length cap is shown as far as it goes; one that never came (a refusal without words)
    is shown as an empty text. Both are counted and none is left out.

    Args:
        suite: The suite with texts that stand in for the responses.
        writers: Its authors.
        desk: Asks for what has no answer yet; its store is `authors.db`.

    Returns:
        The suite with the responses, and what the manifest says of the writing.

    Raises:
        IncompleteRun: Some have no reply; the same command asks for those alone.
        InputError: There is a budget, and the price of a model is unknown.
    """
    prompts, texts, authors = prompts_of(suite), dict[tuple[str, str], str](), []
    for writer in writers:
        asked = {prompt: writer.request(prompt) for prompt in prompts}
        replies = await desk.replies(writer.model, list(asked.values()), is_open=writer.is_judge)
        found = {prompt: replies[request.key] for prompt, request in asked.items()}
        texts |= {(writer.told.title, prompt): text_of(reply, whole=False) for prompt, reply in found.items()}
        authors.append(_told(writer, found))
    items = tuple(_written(item, texts) for item in suite.items)
    return replace(suite, items=items), {"authors": authors, "writing": used(desk.store.totals())}


def _written(item: Item, texts: Mapping[tuple[str, str], str]) -> Item:
    a, b = ((author or "", item.prompt) for author in item.authors)
    return replace(item, response_a=texts[a], response_b=texts[b])


def _told(writer: Writer, found: Mapping[str, Reply]) -> dict[str, Any]:
    served = sorted({reply.served_model for reply in found.values() if reply.served_model})
    return {
        "name": writer.told.title,
        "judge": writer.model.spec,
        "version": writer.told.version,
        "served_models": served,
        "temperature": writer.told.temperature,
        "max_tokens": writer.told.max_tokens,
        "responses": len(found),
        "empty": sum(not text_of(reply, whole=False) for reply in found.values()),
        "cut": sum(reply.finish == "length" for reply in found.values()),
    }


def named_authors(suite: Suite) -> list[dict[str, Any]]:
    """What the manifest says of authors whose responses were given."""
    told = suite.spec.self_preference
    described = {author.title: author for author in (told.authors if told else ())}
    names = dict.fromkeys(name for item in suite.items for name in item.authors if name)
    return [
        {"name": name, "version": described[name].version if name in described else None} for name in names
    ]
