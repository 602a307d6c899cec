"""Suites whose responses are written in the run: the pairs that there will be, before a word is written."""

from __future__ import annotations

from judgebench.items import Item
from judgebench.items.authored import pairs_of
from judgebench.suite.schema import SelfPreferenceSpec, SuiteSpec
from judgebench.suite.strict_yaml import Document

SELF = "self"
"""The author that is the judge itself."""


def unwritten(author: str, prompt: Item) -> str:
    """What stands for a response before it is written, for each prompt another."""
    return f"(a response by {author} to {prompt.id})"


def with_authors(items: list[Item], spec: SuiteSpec, document: Document) -> list[Item]:
    """A pair for every two writers and every prompt, with texts that stand in for those to be written.

    Items that share a prompt count once. Without writers the items are left as they are.

    Raises:
        InputError: Writers and described authors are mixed, there is one writer, or two have one name.
    """
    told = spec.self_preference
    if told is None:
        return items
    _check_names(told, document)
    if not told.writers:
        return items
    titles = [author.title for author in told.writers]
    prompts: dict[str, Item] = {}
    for item in items:
        prompts.setdefault(item.prompt, item)
    return [
        pair
        for prompt in prompts.values()
        for pair in pairs_of(prompt, {title: unwritten(title, prompt) for title in titles}, spec.seed)
    ]


def _check_names(told: SelfPreferenceSpec, document: Document) -> None:
    path = ("self_preference", "authors")
    names: set[str] = set()
    for index, author in enumerate(told.authors):
        if not author.title:
            raise document.error((*path, index), "an author without a name", expected="name:, or judge:")
        if author.title in names:
            raise document.error(
                (*path, index),
                f"the author {author.title!r} comes twice",
                expected="name: to tell them apart",
            )
        names.add(author.title)
    if told.writers and len(told.writers) < len(told.authors):
        raise document.error(
            path, "some authors are to write and others are not", expected="a judge: for each, or for none"
        )
    if len(told.writers) == 1:
        raise document.error(path, "one author makes no pairs", expected="two authors or more")
