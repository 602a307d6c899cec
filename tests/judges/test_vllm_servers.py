"""One judge on several servers: a request always goes to the same one, unless that one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Request
from judgebench.judges.factory import open_judge

MakeRequest = Callable[..., Request]


def asked(server: Any) -> set[str]:
    return {body["messages"][-1]["content"] for body in server.bodies}


def ask_all(one: Any, two: Any, requests: list[Request], times: int = 1) -> list[Any]:
    async def scenario() -> list[Any]:
        async with one.running(), two.running():
            found: list[Any] = []
            async with open_judge("vllm/m", base_url=f"{one.url},{two.url}") as judge:
                for _ in range(times):
                    found += await asyncio.gather(*map(judge.ask, requests), return_exceptions=True)
            return found

    return asyncio.run(scenario())


def test_each_request_goes_to_one_server_and_again_to_the_same(fake: Any, make_request: MakeRequest) -> None:
    one, two = fake(), fake()
    requests = [make_request(str(number)) for number in range(60)]
    ask_all(one, two, requests, times=2)
    assert asked(one) | asked(two) == {str(number) for number in range(60)}
    assert not asked(one) & asked(two)
    assert min(len(asked(one)), len(asked(two))) >= 15


def test_after_a_fault_the_other_server_is_asked(fake: Any, answer: Any, make_request: MakeRequest) -> None:
    one, two = fake(answer(status=503)), fake()
    requests = [make_request(str(number)) for number in range(20)]
    found = ask_all(one, two, requests, times=2)
    failed = [reply for reply in found[:20] if isinstance(reply, JudgeFault)]
    assert 0 < len(failed) < 20
    assert not any(isinstance(reply, JudgeFault) for reply in found[20:])


def test_a_request_that_is_wrong_itself_is_not_tried_elsewhere(
    fake: Any, answer: Any, make_request: MakeRequest
) -> None:
    one, two = fake(answer(status=400)), fake(answer(status=400))
    ask_all(one, two, [make_request("x")], times=3)
    assert sorted([len(one.bodies), len(two.bodies)]) == [0, 3]


def test_the_order_of_the_addresses_does_not_matter_and_one_alone_is_as_before() -> None:
    first = open_judge("vllm/m", base_url="http://b:1/v1,http://a:1").identity
    assert first == open_judge("vllm/m", base_url="http://a:1/v1, http://b:1").identity
    assert first["endpoint"] == ["http://a:1/v1", "http://b:1/v1"]
    assert open_judge("vllm/m", base_url="http://a:1").identity["endpoint"] == "http://a:1/v1"


@pytest.mark.parametrize("addresses", ["http://a:1,http://a:1/v1", "http://a:1,", "http://a:1,b"])
def test_addresses_that_are_none_or_come_twice_are_refused(addresses: str) -> None:
    with pytest.raises(InputError):
        open_judge("vllm/m", base_url=addresses)


def test_the_command_line_takes_addresses_again_and_with_commas(cli: Any) -> None:
    again = cli("doctor", "--judge", "vllm/m", "--base-url", "http://a:1", "--base-url", "http://a:1")
    commas = cli("doctor", "--judge", "vllm/m", "--base-url", "http://a:1,http://a:1")
    assert again.returncode == commas.returncode == 2
    assert "the same address is given twice" in again.stderr
    assert again.stderr == commas.stderr


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("max_model_len=0", "a whole number above 0"),
        ("gpu_memory_utilization=2", "at most 1"),
        ("dtpye=x", "dtype"),
    ],
)
def test_options_of_the_engine_in_this_process_are_checked(option: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        open_judge(f"vllm/m?{option}")


def test_what_makes_another_model_is_in_the_identity_of_the_engine() -> None:
    plain, other = (
        open_judge(f"vllm/m{options}").identity for options in ("", "?quantization=awq&enforce_eager=true")
    )
    assert other == {**plain, "quantization": "awq"}
    assert plain["endpoint"] == "in process"
