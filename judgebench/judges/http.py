"""What providers over HTTP share: addresses, keys, headers, and what a status says about asking again."""

from __future__ import annotations

import importlib
import json
import os
import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from judgebench.errors import InputError
from judgebench.judges.base import FaultKind, JudgeFault

NO_KEY: Final = "EMPTY"
"""What is sent in place of a key to a server that wants none."""

_KEPT: Final = frozenset(
    {
        "x-request-id",
        "request-id",
        "openai-processing-ms",
        *(
            f"x-ratelimit-{part}-{kind}"
            for kind in ("requests", "tokens")
            for part in ("limit", "remaining", "reset")
        ),
        *(
            f"anthropic-ratelimit-{kind}-{part}"
            for kind in ("requests", "tokens")
            for part in ("limit", "remaining", "reset")
        ),
    }
)
_KEY_LIKE: Final = re.compile(r"\bsk-[\w*.\-]{4,}")
_MESSAGE_LENGTH: Final = 300
_TRY_AGAIN: Final = frozenset({408, 409, 425})


def clean_address(base_url: str) -> str:
    """An address without a slash at its end.

    Raises:
        InputError: It is not http(s), or it holds a user, a password, a query or a fragment, any of which may
            be secret.
    """
    try:
        parts = urlsplit(base_url.strip())
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError as error:
        raise InputError(
            "the base URL is not an address", expected="for example http://127.0.0.1:8000/v1"
        ) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            "the base URL is not an http(s) address", expected="for example http://127.0.0.1:8000/v1"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            "the base URL holds more than scheme, host and path",
            expected="keys in the environment, so that they never reach a file",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def api_key(variable: str, base_url: str | None) -> str:
    """The key in an environment variable; a stand-in where a server of the user's own needs none.

    Raises:
        InputError: The provider itself is asked and the variable is empty.
    """
    key = os.environ.get(variable, "").strip()
    if key:
        return key
    if base_url is None:
        raise InputError(
            f"no API key: the environment variable {variable} is not set", expected=f"export {variable}=..."
        )
    return NO_KEY


def load_sdk(name: str, *, extra: str | None = None, otherwise: str = "") -> Any:
    """Import a provider's SDK, which only its own judge needs.

    Args:
        name: The package.
        extra: The extra of ours that brings it, where that has another name.
        otherwise: What the user can do instead of installing it.

    Raises:
        InputError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise InputError(
            f"the {name} package is not installed",
            expected=f'pip install "judgebench[{extra or name}]"{otherwise}',
        ) from error


def http_client(sdk: Any) -> Any:
    """The SDK's client on aiohttp, which takes a third less CPU; its default one where that is missing."""
    try:
        return sdk.DefaultAioHttpClient()
    except (AttributeError, RuntimeError):
        return sdk.DefaultAsyncHttpxClient()


def spared(body: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an SDK for a body, with the messages past its types: it spends a fifth of its CPU on them."""
    return {**body, "messages": (), "extra_body": {"messages": body["messages"]}}


def scrub(text: str, key: str | None) -> str:
    """The text with the key, and whatever looks like one, taken out."""
    if key and key != NO_KEY:
        text = text.replace(key, "[key]")
    return _KEY_LIKE.sub("[key]", text)


def kept_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The few response headers that are worth storing."""
    return MappingProxyType({low: said for name, said in headers.items() if (low := name.lower()) in _KEPT})


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            value = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if 0 <= value < float("inf"):
            return value
    try:
        date = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    # dates of HTTP are in GMT, also in the old form that does not say so
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time.time())


def status_fault(status: int, headers: Mapping[str, str], body: str, key: str | None) -> JudgeFault:
    """What an HTTP status other than 2xx says about asking again."""
    code, message = _error_of(body)
    kind: FaultKind
    if status == 429:
        kind = "fatal" if code == "insufficient_quota" else "rate_limit"
    elif status in {503, 529}:
        kind = "overloaded"
    elif status >= 500 or status in _TRY_AGAIN:
        kind = "transient"
    else:
        kind = "fatal"
    text = scrub(f"HTTP {status}: {message}"[:_MESSAGE_LENGTH], key)
    return JudgeFault(kind, text, status=status, retry_after=retry_after(headers))


def _error_of(body: str) -> tuple[str, str]:
    """Code and message of an error body, which providers nest in various ways."""
    try:
        found = json.loads(body)
    except ValueError:
        return "", " ".join(body.split())
    error = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(error, dict):
        return "", str(error)
    return str(error.get("code") or error.get("type") or ""), str(error.get("message") or error)


def sdk_fault(sdk: Any, error: Exception, key: str | None) -> JudgeFault:
    """The fault that an exception of a provider's SDK stands for (the two SDKs name theirs alike)."""
    if isinstance(error, sdk.APIStatusError):
        return status_fault(error.status_code, error.response.headers, error.response.text, key)
    text = scrub(f"{type(error).__name__}: {error}"[:_MESSAGE_LENGTH], key)
    if isinstance(error, sdk.APITimeoutError) and not _broke_off(error):
        return JudgeFault("timeout", text)
    if isinstance(error, sdk.APIConnectionError):
        return JudgeFault("transient", text)
    return JudgeFault("malformed", text)


def _broke_off(error: BaseException) -> bool:
    """Whether a closed connection lies behind an error: over aiohttp the SDKs report that as a time-out."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionError | aiohttp.ServerDisconnectedError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
