from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

import pytest

from judgebench.errors import InputError
from judgebench.judges import http


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert http.retry_after(headers) == seconds


@pytest.mark.parametrize(
    "written",
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"],
    ids=["today's", "rfc850", "asctime"],
)
@pytest.mark.parametrize("zone", ["UTC", "XXX-9"])
def test_retry_after_may_be_a_date_in_each_of_the_forms_of_http_wherever_we_are(
    written: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    date = datetime.now(UTC) + timedelta(seconds=30)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        found = http.retry_after({"retry-after": date.strftime(written)})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found is not None
    assert 25 < found <= 31


@pytest.mark.parametrize(
    "date", ["Wed, 32 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT", "2015-10-21", ""]
)
def test_a_date_that_is_none_asks_for_nothing(date: str) -> None:
    assert http.retry_after({"retry-after": date}) is None


def test_a_date_that_has_passed_asks_for_no_wait() -> None:
    assert http.retry_after({"retry-after": formatdate(0, usegmt=True)}) == 0.0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, "rate_limit"),
        (503, "overloaded"),
        (529, "overloaded"),
        (500, "transient"),
        (502, "transient"),
        (408, "transient"),
        (400, "fatal"),
        (401, "fatal"),
        (402, "fatal"),
        (403, "fatal"),
        (404, "fatal"),
        (413, "fatal"),
        (422, "fatal"),
    ],
)
def test_a_status_says_whether_asking_again_can_help(status: int, kind: str) -> None:
    fault = http.status_fault(status, {}, '{"error": {"message": "no"}}', None)
    assert (fault.kind, fault.status, str(fault)) == (kind, status, f"HTTP {status}: no")


def test_a_used_up_quota_is_no_rate_limit() -> None:
    body = '{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    assert http.status_fault(429, {}, body, None).kind == "fatal"


@pytest.mark.parametrize(
    "body", ["<html>\n bad gateway</html>", "[1]", '{"error": "plain"}', '{"detail": 3}', ""]
)
def test_any_error_body_makes_a_message(body: str) -> None:
    assert str(http.status_fault(500, {}, body, None)).startswith("HTTP 500: ")


def test_a_key_is_taken_out_even_where_the_provider_has_masked_it() -> None:
    body = '{"error": {"message": "Incorrect API key provided: sk-abcd****wxyz. Or secret-1234?"}}'
    text = str(http.status_fault(401, {}, body, "secret-1234"))
    assert "sk-abcd" not in text
    assert "secret-1234" not in text


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host",
        "host:8000",
        "http:///v1",
        "http://host:port/v1",
        "http://me:pw@host/v1",
        "http://host/v1?key=1",
    ],
)
def test_an_address_that_is_wrong_or_holds_secrets_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(InputError) as caught:
        http.clean_address(address)
    assert address not in str(caught.value)


def test_a_slash_at_the_end_of_an_address_makes_no_difference() -> None:
    assert http.clean_address("http://host:8000/v1/") == "http://host:8000/v1"


def test_the_provider_itself_is_not_asked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        http.api_key("OPENAI_API_KEY", None)
    assert http.api_key("OPENAI_API_KEY", "http://127.0.0.1:1") == "EMPTY"


def test_a_missing_sdk_is_named_with_the_way_to_install_it() -> None:
    with pytest.raises(InputError, match=r'pip install "judgebench\[no_such_sdk\]"'):
        http.load_sdk("no_such_sdk")


def test_where_the_sdk_lacks_its_aiohttp_transport_its_default_client_is_used() -> None:
    class Sdk:
        @staticmethod
        def DefaultAioHttpClient() -> str:  # noqa: N802  # the SDK's name
            raise RuntimeError("the aiohttp extra is missing")

        @staticmethod
        def DefaultAsyncHttpxClient() -> str:  # noqa: N802  # the SDK's name
            return "default"

    assert http.http_client(Sdk) == "default"
