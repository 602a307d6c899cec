import base64
import json
import random
import zlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from judgebench.report.model import Example, Sample, Showing
from judgebench.report.packing import Packed, _pieces, pack, room_for

PLENTY = 10**6


def unpacked(packed: Packed) -> list[dict[str, Any]]:
    text = zlib.decompress(base64.b64decode(packed.data)).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def example(item: str, kind: str = "same", prompt: str = "p", reply: str | None = "r") -> Example:
    return Example(item, kind, (Showing("control", "ab", prompt, reply, "a"),))


def sample(*examples: Example) -> Sample:
    totals: dict[str, int] = {}
    for one in examples:
        totals[one.kind] = totals.get(one.kind, 0) + 10
    return Sample("authority", "pairwise", "none", tuple(totals.items()), examples)


def noise(seed: int) -> str:
    return random.Random(seed).randbytes(4000).hex()


def test_everything_is_there_where_it_fits() -> None:
    packed = pack(sample(example("1", "turned"), example("2", "turned"), example("3")), PLENTY)
    assert {one["item"] for one in unpacked(packed)} == {"1", "2", "3"}
    assert packed.kinds == (("turned", 2, 20), ("same", 1, 10))
    assert (packed.shown, packed.total) == (3, 30)


def test_where_room_is_short_each_kind_comes_before_a_second_of_any() -> None:
    turned = [example(str(n), "turned", noise(n)) for n in range(5)]
    packed = pack(sample(*turned, example("last", "same", noise(9))), 14_000)
    assert [one["item"] for one in unpacked(packed)] == ["0", "last"]
    assert packed.kinds == (("turned", 1, 50), ("same", 1, 10))
    assert len(packed.data) <= 14_000


def test_an_example_that_does_not_fit_makes_place_for_one_that_does() -> None:
    packed = pack(sample(example("large", "turned", noise(1)), example("small")), 1000)
    assert [one["item"] for one in unpacked(packed)] == ["small"]
    assert packed.kinds == (("turned", 0, 10), ("same", 1, 10))


def test_nothing_fits_and_it_is_still_a_stream() -> None:
    assert unpacked(pack(sample(example("1", prompt=noise(1))), 10)) == []


def test_the_room_of_a_page_is_bounded_whatever_it_holds() -> None:
    assert room_for(10, 1) == 120_000
    assert room_for(30, 30) * 30 <= 3_600_000
    assert room_for(0, 1) > 0


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    (one,) = unpacked(pack(sample(example("i", prompt="p" * 30_000, reply="r" * 25_000)), PLENTY))
    assert (one["showings"][0]["cut"], one["showings"][0]["reply_cut"]) == (10_000, 5_000)
    assert len(one["showings"][0]["reply"]) == 20_000


def test_spans_may_overlap_or_leave_the_text() -> None:
    assert list(_pieces("abcdef", ((4, 99), (1, 3), (2, 4)))) == ["a", "bc", "", "d", "", "ef", ""]
    assert list(_pieces("ab", ())) == ["ab"]


@given(st.text(), st.text() | st.none(), st.text(min_size=1))
def test_any_text_arrives_with_what_is_hidden_made_visible(prompt: str, reply: str | None, item: str) -> None:
    (one,) = unpacked(pack(sample(example(item, prompt=prompt, reply=reply)), PLENTY))
    shown = one["showings"][0]
    assert (shown["reply"] is None) == (reply is None)
    for text in (*shown["prompt"], shown["reply"] or "", one["item"]):
        assert not set(text) & set("\x00\x1b\r\u202e\u2066\ud800")
