from __future__ import annotations

from itertools import count, takewhile

from hypothesis import given
from hypothesis import strategies as st

from judgebench.judges.base import Request, Sampling, Subject
from judgebench.protocols.messages import Message, OutputContract
from judgebench.run.sharing import Distinct, Prefixes

CONTRACT = OutputContract("pairwise", ("A", "B", "C"))


def common(one: str, two: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


def request(item: str, text: str) -> Request:
    return Request("k", (Message("user", text),), Sampling(), CONTRACT, 0, Subject(item, "a", "ab"))


@given(st.lists(st.integers(0, 50)))
def test_distinct_keys_are_counted_exactly(numbers: list[int]) -> None:
    distinct = Distinct()
    new = [distinct.add(f"{number:064x}"[::-1]) for number in numbers]
    assert len(distinct) == len(set(numbers)) == sum(new)


def test_a_key_that_comes_again_much_later_is_counted_once_all_the_same() -> None:
    distinct = Distinct()
    keys = [f"{number:016x}{0:048x}" for number in range(10_000)]
    for key in (*keys, keys[0]):
        distinct.add(key)
    assert len(distinct) == 10_000


@given(st.lists(st.text("ab", max_size=6)))
def test_shared_is_the_longest_beginning_that_an_earlier_prompt_of_the_item_has(prompts: list[str]) -> None:
    prefixes = Prefixes()
    expected = 0
    for number, prompt in zip(count(), prompts, strict=False):
        expected += max((common(prompt, other) for other in prompts[:number]), default=0)
        prefixes.add(request("i1", prompt))
    assert prefixes.shared == expected


def test_the_instruction_is_shared_across_items() -> None:
    prefixes = Prefixes()
    for item, text in (("i1", "Judge. One"), ("i1", "Judge. Other"), ("i2", "Judge. Two")):
        prefixes.add(request(item, text))
    assert prefixes.shared == len("Judge. O") + len("Judge. ")
