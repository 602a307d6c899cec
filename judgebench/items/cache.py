"""Where fetched sets lie: the user's cache folder, or the one that the variable JUDGEBENCH_CACHE names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from judgebench.errors import InputError, nearest
from judgebench.items.remote import SETS

CACHE_VARIABLE: Final = "JUDGEBENCH_CACHE"
LOCK: Final = "lock.json"
"""Written when all files of a set are there; holds their hashes."""
_PREFIX: Final = "cache:"


def cache_folder() -> Path:
    """The folder that holds a folder for each fetched set."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("judgebench") / "sets"


def is_fetched(name: str) -> bool:
    """Whether a set lies in the cache, whole."""
    return (cache_folder() / name / LOCK).is_file()


def fetched(name: str) -> Path:
    """The folder of a fetched set.

    Raises:
        InputError: It was not fetched, or nothing is known under that name.
    """
    if is_fetched(name):
        return cache_folder() / name
    if name not in SETS:
        raise InputError(
            f"no set is called {name!r}", expected=f"one of {', '.join(SETS)}", suggestion=nearest(name, SETS)
        )
    where = "path: the folder or file of the set"
    if not SETS[name].files:
        raise InputError(f"the set {name!r} has no path", expected=f"{where}, from {SETS[name].home}")
    raise InputError(
        f"the set {name!r} has no path and was not fetched",
        expected=f"{where}, or `judgebench data fetch {name}` first",
    )


def resolved(text: str, folder: Path) -> Path:
    """A path of a suite: `cache:NAME` and `cache:NAME/inside` are in the cache, others relative to the suite's folder.

    A `~` at the start of a path is the user's home.

    Raises:
        InputError: The set was not fetched.
    """
    if not text.startswith(_PREFIX):
        return folder / Path(text).expanduser()
    name, _, inside = text.removeprefix(_PREFIX).partition("/")
    return fetched(name) / inside
