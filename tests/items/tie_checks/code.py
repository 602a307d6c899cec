"""Checks of the code ties: both programs are run on the same cases."""

from bank_checks.code import code_block, groups_passed
from bank_checks.reading import Check


def passes(*claims: str) -> Check:
    def check(prompt: str, response: str) -> bool:
        return groups_passed(code_block(response, "python"), list(claims)) == 1

    return check


CHECKS = {
    "code-tie-001": passes(
        "balanced('')",
        "balanced('f(a[0]) { return {x: (1)}; }')",
        "not balanced('(]')",
        "not balanced('([)]')",
        "not balanced(')')",
        "not balanced('((')",
    ),
    "code-tie-002": passes(
        "rle('aaabcc') == [('a', 3), ('b', 1), ('c', 2)]",
        "rle('') == []",
        "rle('aba') == [(c, 1) for c in 'aba']",
    ),
    "code-tie-003": passes(
        "second_largest([3, 1, 3, 2]) == 2",
        "second_largest([5, 5]) is None",
        "second_largest([]) is None",
        "second_largest([-4, -9]) == -9",
        "second_largest([0, 1]) == 0",
    ),
    "code-tie-004": passes(
        "flatten([1, [2, [3, []]], 4]) == [1, 2, 3, 4]",
        "flatten([]) == flatten([[], [[]]]) == []",
        "flatten([[[['a']], 'bc'], 'd']) == ['a', 'bc', 'd']",
    ),
    "code-tie-005": passes(
        "[y for y in range(1890, 2110) if is_leap(y)] == [y for y in range(1890, 2110) "
        "if __import__('calendar').isleap(y)]",
    ),
    "code-tie-006": passes(
        "caesar('Dig at the X!', 3) == 'Glj dw wkh A!'",
        "caesar(caesar('Zebra, yes?', 7), -7) == 'Zebra, yes?'",
        "caesar('abc', 26) == 'abc'",
        "caesar('a', -27) == 'z'",
        "caesar('4 é', 5) == '4 é'",
    ),
    "code-tie-007": passes(
        "chunks([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]",
        "chunks([], 3) == []",
        "chunks([1, 2], 5) == [[1, 2]]",
        "(lambda xs: (chunks(xs, 1), xs))([7, 8]) == ([[7], [8]], [7, 8])",
    ),
    "code-tie-008": passes(
        "[roman(n) for n in (1, 4, 9, 14, 40, 90, 400, 944, 2024, 3999)] == "
        "'I IV IX XIV XL XC CD CMXLIV MMXXIV MMMCMXCIX'.split()",
        "len({roman(n) for n in range(1, 4000)}) == 3999",
    ),
}
