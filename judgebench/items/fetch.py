"""Fetching a public set: each file in part files that are resumed, held to its hash, and only then put in its place."""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from judgebench._version import __version__
from judgebench.errors import FetchFailed, InputError, nearest
from judgebench.items.cache import LOCK
from judgebench.items.remote import SETS, RemoteFile, RemoteSet

_CHUNK: Final = 1 << 16
_TIMEOUT_S: Final = 60
_PARTIAL: Final = 206
_RANGE_BEYOND: Final = 416


def set_named(name: str) -> RemoteSet:
    """The set of that name, if it can be fetched.

    Raises:
        InputError: There is none, or no address of it is known.
    """
    if name not in SETS:
        raise InputError(
            f"no set is called {name!r}", expected=f"one of {', '.join(SETS)}", suggestion=nearest(name, SETS)
        )
    if not SETS[name].files:
        raise InputError(
            f"no address is pinned for {name!r}",
            expected=f"your own copy from {SETS[name].home}, and its path in the suite",
        )
    return SETS[name]


def fetch(remote: RemoteSet, folder: Path, tell: Callable[[str], None]) -> None:
    """Fetch what is missing of a set.

    Args:
        remote: The set.
        folder: Where it goes, in its publisher's layout.
        tell: Called with a line for each file.

    Raises:
        FetchFailed: The network, the server or the content is at fault; a part that is good so far is kept.
        InputError: The folder cannot be written.
    """
    known = _locked(folder)
    entries = {}
    try:
        for file in remote.files:
            digest = _fetch_file(file, folder / file.path, file.sha256 or known.get(file.path), tell)
            entries[file.path] = {"url": file.url, "sha256": digest, "pinned": file.sha256 is not None}
        text = json.dumps({"set": remote.name, "licence": remote.licence, "files": entries}, indent=2)
        (folder / LOCK).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"the folder cannot be written: {error.strerror}", file=folder) from error


def _locked(folder: Path) -> Mapping[str, str]:
    """The hashes of an earlier fetch, by path; none where there was none.

    Raises:
        InputError: The lock file is broken.
    """
    path = folder / LOCK
    if not path.is_file():
        return {}
    try:
        files: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {name: str(entry["sha256"]) for name, entry in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "the lock file is broken", file=path, expected="the file as fetching wrote it, or none"
        ) from error


def _fetch_file(file: RemoteFile, target: Path, expected: str | None, tell: Callable[[str], None]) -> str:
    """Bring a file to its place, and give its hash."""
    if expected and target.is_file() and _sha256(target) == expected:
        tell(f"{file.path}: already here")
        return expected
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    _download(file.url, part)
    digest = _sha256(part)
    if expected and digest != expected:
        part.unlink()
        raise FetchFailed(
            f"{file.url}: the content is not the one that was pinned: its sha256 is {digest}, not {expected}; "
            "nothing of it was kept"
        )
    part.replace(target)
    size = f"{target.stat().st_size:,} bytes"
    tell(
        f"{file.path}: {size}, " + ("sha256 as pinned" if file.sha256 else f"sha256 {digest}, on first sight")
    )
    return digest


def _download(url: str, part: Path) -> None:
    """Fetch an address into a part file, from where the part ends; a server that cannot do that gives all again."""
    have = part.stat().st_size if part.is_file() else 0
    try:
        with _opened(url, have) as response, part.open("ab" if response.status == _PARTIAL else "wb") as out:
            start = have if response.status == _PARTIAL else 0
            total = (
                start + int(response.headers["Content-Length"])
                if response.headers["Content-Length"]
                else None
            )
            for chunk in _chunks(response):
                out.write(chunk)
    except urllib.error.HTTPError as error:
        if error.code == _RANGE_BEYOND and have:  # a part as long as the file, or longer
            part.unlink()
            _download(url, part)
            return
        raise FetchFailed(f"{url}: the server answered {error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _unreachable(url, part, getattr(error, "reason", error)) from error
    size = part.stat().st_size
    if total is not None and size != total:
        raise _unreachable(url, part, f"{size:,} of {total:,} bytes came")


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK):
        yield chunk


def _opened(url: str, start: int) -> http.client.HTTPResponse:
    if not url.startswith(("https://", "http://")):
        raise ValueError(url)
    headers = {"User-Agent": f"judgebench/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  # checked above
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310  # likewise
    return response


def _unreachable(url: str, part: Path, reason: object) -> FetchFailed:
    kept = part.stat().st_size if part.is_file() else 0
    later = f"; {kept:,} bytes are kept, and the same command goes on from there" if kept else ""
    return FetchFailed(
        f"{url}: cannot be fetched: {reason}{later}\n"
        "  Is there a network? Without one, copy the set here by other means and give its path in the suite."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
