from hypothesis import given
from hypothesis import strategies as st

from judgebench.report.differences import changed_spans


def marked(before: str, after: str) -> list[str]:
    return [after[start:end] for start, end in changed_spans(before, after)]


def test_an_insertion_is_one_span_of_whole_words() -> None:
    assert marked("It is 4. The end.", "It is 4. This is so. The end.") == ["This is so."]


def test_an_insertion_that_repeats_its_surroundings_begins_with_its_own_word() -> None:
    assert marked("[A]\n\n[B]", "[A]\n\nSource: a book.\n\n[B]") == ["Source: a book."]


def test_a_rewritten_part_is_marked_and_the_rest_is_not() -> None:
    before = "Which is better?\n[A] It is four of them, I am sure.\n[End]"
    after = "Which is better?\n[A] Nobody can say.\n[End]"
    assert marked(before, after) == ["Nobody can say."]


def test_two_distant_changes_are_two_spans() -> None:
    before = "one two three four five six seven eight nine"
    after = "ONE two three four five six seven eight NINE"
    assert marked(before, after) == ["ONE", "NINE"]


def test_words_between_two_near_changes_are_marked_with_them() -> None:
    assert marked("a b c d", "X b Y d") == ["X b Y"]


def test_what_was_only_taken_away_and_what_is_the_same_have_no_span() -> None:
    assert marked("one two three", "one three") == []
    assert marked("same", "same") == []
    assert marked("", "") == []


def test_very_long_texts_are_marked_as_a_whole() -> None:
    before, after = " ".join(["old"] * 1100), " ".join(["new"] * 1100)
    assert marked(before, after) == [after]


words = st.lists(st.sampled_from(["a", "b", "new", "\n\n", "ü😀", "it is", " "]), max_size=14).map(" ".join)


@given(words, words)
def test_spans_are_in_order_apart_and_within_the_text_and_begin_and_end_with_words(
    before: str, after: str
) -> None:
    spans = changed_spans(before, after)
    ends = [0, *[place for span in spans for place in span], len(after)]
    assert ends == sorted(ends)
    assert all(after[start:end] and after[start:end] == after[start:end].strip() for start, end in spans)


@given(words, words, words)
def test_an_inserted_text_is_marked_whole(head: str, new: str, tail: str) -> None:
    spans = changed_spans(head + tail, head + new + tail)
    assert len(spans) <= 1
    assert sum(end - start for start, end in spans) <= len(new)
