"""Suite files that are wrong: told by file, line and column, with the nearest name, and in no other way."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judgebench.errors import InputError
from judgebench.suite import load_suite

ITEMS = '{"id": "1", "prompt": "p", "response_a": "a", "response_b": "b"}\n'
HEAD = "suite: s\nitems:\n  - {source: file, path: items.jsonl}\n"
PERTURBATIONS = "perturbations: [position]\n"
GOOD = f"""{HEAD}description: a suite
seed: 7
judge: sim/mild
protocols: [pairwise]
orders: both
repeats: 2
perturbations:
  - position
  - length: {{dose: [1.5, 2.0]}}
  - authority: {{targets: both, placebo: false}}
mitigations: [none, system_prompt]
sampling: {{temperature: 0.0, max_tokens: 64}}
analysis: {{margin: 0.1, cluster: item}}
"""
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))

BROKEN: dict[str, tuple[str, int, int, str, str | None, str | None]] = {
    # name: (text, line, column, part of the message, part of what was expected, suggestion)
    "empty file": ("", 1, 1, "the file is empty", "a suite", None),
    "comment only": ("# nothing\n", 1, 1, "the file is empty", "a suite", None),
    "a list": ("- a\n- b\n", 1, 1, "holds no keys", "a mapping", None),
    "a word": ("suite", 1, 1, "holds no keys", "a mapping", None),
    "unknown key": (f"{HEAD}{PERTURBATIONS}colour: red\n", 5, 1, "unknown key 'colour'", "sampling", None),
    "misspelt key": (f"{HEAD}pertubations: [x]\n", 4, 1, "'pertubations'", "items", "perturbations"),
    "misspelt nested key": (
        f"{HEAD}{PERTURBATIONS}analysis:\n  margn: 0.1\n",
        6,
        3,
        "unknown key 'margn'",
        "cluster",
        "margin",
    ),
    "confirmatory, misspelt": (
        f"{HEAD}perturbations: [position, length, positive_control]\nanalysis: {{confirmatory: [length, postion]}}\n",
        5,
        35,
        "unknown perturbation 'postion'",
        "each once of position, length@1.5, length, length@2",
        "position",
    ),
    "confirmatory, not held to a margin": (
        f"{HEAD}perturbations: [position, positive_control]\nanalysis: {{confirmatory: [positive_control]}}\n",
        5,
        27,
        "is of the family 'discrimination', which is not held to a margin",
        "each once of position",
        None,
    ),
    "confirmatory, twice": (
        f"{HEAD}{PERTURBATIONS}analysis: {{confirmatory: [position, position]}}\n",
        5,
        37,
        "'position' comes twice among the confirmatory",
        "each once",
        None,
    ),
    "confirmatory, a word": (
        f"{HEAD}{PERTURBATIONS}analysis: {{confirmatory: al}}\n",
        5,
        12,
        "'confirmatory' is text 'al'",
        "one of all",
        "all",
    ),
    "confirmatory, a number": (
        f"{HEAD}{PERTURBATIONS}analysis: {{confirmatory: 3}}\n",
        5,
        12,
        "'confirmatory' is the number '3'",
        "a list",
        None,
    ),
    "duplicate key": (
        f"{HEAD}{PERTURBATIONS}seed: 1\nseed: 2\n",
        6,
        1,
        "'seed' comes twice; first in line 5",
        "once",
        None,
    ),
    "nested duplicate key": (
        f"{HEAD}{PERTURBATIONS}sampling: {{seed: 1, seed: 2}}\n",
        5,
        21,
        "'seed' comes",
        "once",
        None,
    ),
    "missing suite": (
        f"items:\n  - {{source: bank}}\n{PERTURBATIONS}",
        1,
        1,
        "'suite' is missing",
        "required",
        None,
    ),
    "missing items": (f"suite: s\n{PERTURBATIONS}", 1, 1, "'items' is missing", "required", None),
    "missing perturbations": (HEAD, 1, 1, "'perturbations' is missing", "required", None),
    "text for a number": (
        f"{HEAD}{PERTURBATIONS}seed: seven\n",
        5,
        1,
        "'seed' is text 'seven'",
        "a whole number",
        None,
    ),
    "fraction for a whole number": (
        f"{HEAD}{PERTURBATIONS}seed: 1.5\n",
        5,
        1,
        "the number '1.5'",
        "whole number",
        None,
    ),
    "true for a number": (
        f"{HEAD}{PERTURBATIONS}repeats: true\n",
        5,
        1,
        "the truth value 'True'",
        "whole",
        None,
    ),
    "yes for true": (
        f"{HEAD}perturbations:\n  - authority: {{placebo: yes}}\n",
        5,
        17,
        "'placebo' is text 'yes'",
        "true or false",
        None,
    ),
    "number for text": (
        f"suite: 2024\nitems: [{{source: bank}}]\n{PERTURBATIONS}",
        1,
        1,
        "the number '2024'",
        "text",
        None,
    ),
    "odd suite name": (
        f"suite: a/b\nitems: [{{source: bank}}]\n{PERTURBATIONS}",
        1,
        1,
        "text 'a/b'",
        "letters",
        None,
    ),
    "nothing for a number": (
        f"{HEAD}{PERTURBATIONS}repeats:\n",
        5,
        1,
        "'repeats' is empty",
        "a whole number",
        None,
    ),
    "repeats 0": (
        f"{HEAD}{PERTURBATIONS}repeats: 0\n",
        5,
        1,
        "'repeats' is the number '0'",
        "or equal to 1",
        None,
    ),
    "limit 0": (
        f"suite: s\nitems:\n  - {{source: bank, limit: 0}}\n{PERTURBATIONS}",
        3,
        20,
        "'limit' is the number '0'",
        "or equal to 1",
        None,
    ),
    "negative margin": (
        f"{HEAD}{PERTURBATIONS}analysis: {{margin: -1}}\n",
        5,
        12,
        "'-1'",
        "greater than 0",
        None,
    ),
    "not a number": (
        f"{HEAD}{PERTURBATIONS}analysis: {{margin: .nan}}\n",
        5,
        12,
        "text '.nan'",
        "a number",
        None,
    ),
    "beyond numbers": (
        f"{HEAD}{PERTURBATIONS}analysis: {{margin: 1e999}}\n",
        5,
        12,
        "'1e999' cannot be read",
        None,
        None,
    ),
    "number of too many digits": (
        f"{HEAD}{PERTURBATIONS}seed: {'9' * 5000}\n",
        5,
        1,
        "cannot be read as int",
        None,
        None,
    ),
    "misspelt literal": (
        f"{HEAD}{PERTURBATIONS}orders: bth\n",
        5,
        1,
        "'orders' is text 'bth'",
        "both, ab, ba",
        "both",
    ),
    "empty literal": (f"{HEAD}{PERTURBATIONS}orders:\n", 5, 1, "'orders' is empty", "both, ab, ba", None),
    "misspelt nested literal": (
        f"{HEAD}{PERTURBATIONS}analysis: {{cluster: itm}}\n",
        5,
        12,
        "'cluster' is text 'itm'",
        "item, source",
        "item",
    ),
    "list for a mapping": (
        f"{HEAD}{PERTURBATIONS}analysis: [0.1]\n",
        5,
        1,
        "'analysis' is a list of 1",
        "a mapping",
        None,
    ),
    "mapping for a list": (
        f"{HEAD}perturbations: {{length: {{}}}}\n",
        4,
        1,
        "is a mapping of 1",
        "a list",
        None,
    ),
    "word for a list": (f"{HEAD}perturbations: length\n", 4, 1, "is text 'length'", "a list", None),
    "empty perturbations": (
        f"{HEAD}perturbations: []\n",
        4,
        1,
        "'perturbations' is a list of 0",
        "at least 1",
        None,
    ),
    "empty items": (
        f"suite: s\nitems: []\n{PERTURBATIONS}",
        2,
        1,
        "'items' is a list of 0",
        "at least 1",
        None,
    ),
    "misspelt perturbation": (
        f"{HEAD}perturbations:\n  - position\n  - autority\n",
        6,
        5,
        "unknown perturbation 'autority'",
        "authority",
        "authority",
    ),
    "misspelt perturbation with options": (
        f"{HEAD}perturbations:\n  - lenght: {{dose: 2.0}}\n",
        5,
        5,
        "unknown perturbation 'lenght'",
        "length",
        "length",
    ),
    "misspelt option": (
        f"{HEAD}perturbations:\n  - length: {{does: [2.0]}}\n",
        5,
        14,
        "unknown key 'does'",
        "dose",
        "dose",
    ),
    "misspelt choice of an option": (
        f"{HEAD}perturbations:\n  - superficial_reflection: {{where: insid}}\n",
        5,
        30,
        "'where' is text 'insid'",
        "before, inside",
        "inside",
    ),
    "misspelt target": (
        f"{HEAD}perturbations:\n  - length: {{targets: bth}}\n",
        5,
        14,
        "'bth'",
        "better",
        "both",
    ),
    "option of a perturbation without": (
        f"{HEAD}perturbations:\n  - position: {{targets: both}}\n",
        5,
        16,
        "unknown key 'targets'",
        None,
        None,
    ),
    "placebo where there is none": (
        f"{HEAD}perturbations:\n  - length: {{placebo: true}}\n",
        5,
        14,
        "'placebo'",
        "dose",
        None,
    ),
    "dose of text": (
        f"{HEAD}perturbations:\n  - length: {{dose: [big]}}\n",
        5,
        14,
        "'dose' is text 'big'",
        "a number",
        None,
    ),
    "dose out of range": (
        f"{HEAD}perturbations:\n  - length: {{dose: 0.0}}\n",
        5,
        14,
        "'0.0'",
        "greater than 0",
        None,
    ),
    "no dose": (
        f"{HEAD}perturbations:\n  - length: {{dose: []}}\n",
        5,
        14,
        "a list of 0",
        "at least one dose",
        None,
    ),
    "empty dose": (
        f"{HEAD}perturbations:\n  - length: {{dose: }}\n",
        5,
        14,
        "'dose' is empty",
        "a number",
        None,
    ),
    "dose twice": (
        f"{HEAD}perturbations:\n  - length: {{dose: [2, 2.0]}}\n",
        5,
        5,
        "'length@2' comes twice",
        "once",
        None,
    ),
    "perturbation twice": (
        f"{HEAD}perturbations: [position, position]\n",
        4,
        27,
        "'position' comes twice",
        "once",
        None,
    ),
    "options in a list": (
        f"{HEAD}perturbations:\n  - length: [2.0]\n",
        5,
        5,
        "'length' is a list of 1",
        "a mapping",
        None,
    ),
    "two names in one entry": (
        f"{HEAD}perturbations:\n  - length:\n    position:\n",
        5,
        5,
        "is a mapping of 2",
        "at most 1",
        None,
    ),
    "number for a perturbation": (f"{HEAD}perturbations: [7]\n", 4, 17, "the number '7'", "a mapping", None),
    "protocol twice": (
        f"{HEAD}{PERTURBATIONS}protocols: [pairwise, pairwise]\n",
        5,
        23,
        "comes twice",
        "once",
        None,
    ),
    "orders ab with position": (
        f"{HEAD}{PERTURBATIONS}orders: ab\n",
        5,
        1,
        "position bias needs both",
        "both",
        None,
    ),
    "better without gold": (
        f"{HEAD}perturbations:\n  - length: {{targets: better}}\n",
        5,
        5,
        "no item has gold",
        "gold",
        None,
    ),
    "one source as cluster": (
        f"{HEAD}{PERTURBATIONS}analysis: {{cluster: source}}\n",
        5,
        12,
        "one source",
        "two",
        None,
    ),
    "misspelt source": (
        f"suite: s\nitems:\n  - {{source: bnk}}\n{PERTURBATIONS}",
        3,
        6,
        "unknown item source 'bnk'",
        "bank",
        "bank",
    ),
    "source as a word": (f"suite: s\nitems: [bank]\n{PERTURBATIONS}", 2, 9, "text 'bank'", "a mapping", None),
    "misspelt key of a source": (
        f"suite: s\nitems:\n  - {{source: file, pth: items.jsonl}}\n{PERTURBATIONS}",
        3,
        20,
        "unknown key 'pth'",
        "path",
        "path",
    ),
    "missing path": (
        f"suite: s\nitems:\n  - {{source: file}}\n{PERTURBATIONS}",
        3,
        5,
        "'path' is missing",
        "required",
        None,
    ),
    "number for a path": (
        f"suite: s\nitems:\n  - {{source: file, path: 5}}\n{PERTURBATIONS}",
        3,
        20,
        "number '5'",
        "text",
        None,
    ),
    "missing file": (
        f"suite: s\nitems:\n  - {{source: file, path: item.jsonl}}\n{PERTURBATIONS}",
        3,
        20,
        "no such item file",
        None,
        "items.jsonl",
    ),
    "folder for a file": (
        f"suite: s\nitems: [{{source: file, path: .}}]\n{PERTURBATIONS}",
        2,
        24,
        "format",
        ".csv",
        None,
    ),
    "impossible file name": (
        f'suite: s\nitems: [{{source: file, path: "a\\0.csv"}}]\n{PERTURBATIONS}',
        2,
        24,
        "cannot be read",
        None,
        None,
    ),
    "misspelt category": (
        f"suite: s\nitems:\n  - {{source: bank, categories: [cod]}}\n{PERTURBATIONS}",
        3,
        5,
        "no category 'cod'",
        "code",
        "code",
    ),
    "word for categories": (
        f"suite: s\nitems:\n  - {{source: bank, categories: code}}\n{PERTURBATIONS}",
        3,
        20,
        "'categories' is text 'code'",
        "a list",
        None,
    ),
    "number among categories": (
        f"suite: s\nitems:\n  - {{source: bank, categories: [code, 5]}}\n{PERTURBATIONS}",
        3,
        20,
        "the number '5'",
        "text",
        None,
    ),
    "same items twice": (
        f"suite: s\nitems:\n  - {{source: bank}}\n  - {{source: bank}}\n{PERTURBATIONS}",
        4,
        5,
        "comes from two sources",
        "unique",
        None,
    ),
    "tag that would run code": (
        f"{HEAD}{PERTURBATIONS}judge: !!python/object/apply:os.getcwd []\n",
        5,
        1,
        "python",
        "executed",
        None,
    ),
    "tag of its own": (
        f"{HEAD}{PERTURBATIONS}judge: !mine x\n",
        5,
        1,
        "the tag '!mine'",
        "plain values",
        None,
    ),
    "tag that does not fit": (
        f"{HEAD}{PERTURBATIONS}seed: !!int x\n",
        5,
        1,
        "'x' cannot be read as int",
        None,
        None,
    ),
    "merge key": (
        f"{HEAD}{PERTURBATIONS}sampling: {{<<: {{seed: 1}}}}\n",
        5,
        12,
        "merge keys",
        "written out",
        None,
    ),
    "list as a key": (f"{HEAD}{PERTURBATIONS}? [a]\n: 1\n", 5, 3, "not plain text", "plain text", None),
    "tab as indentation": (
        f"suite: s\nitems:\n\t- {{source: bank}}\n{PERTURBATIONS}",
        3,
        1,
        "not YAML",
        None,
        None,
    ),
    "bracket not closed": (f"{HEAD}perturbations: [position\n", 5, 1, "not YAML", None, None),
    "two documents": (f"{HEAD}{PERTURBATIONS}---\na: 1\n", 5, 1, "not YAML", None, None),
    "control character": (f"{HEAD}{PERTURBATIONS}judge: a\x07b\n", 5, 9, "the character U+0007", None, None),
    "escape beyond Unicode": ('suite: "\\U99999999"\n', 1, 1, "not YAML", None, None),
    "lone surrogate": (f'{HEAD}{PERTURBATIONS}judge: "\\ud83d"\n', 5, 1, "surrogate", "text", None),
    "alias bomb": (BOMB, 1, 10, "too many values", "at most", None),
    "alias of itself": ("suite: &a [*a, *a]\n", 1, 8, "nested too deeply", "50", None),
    "unknown alias": ("suite: *a\n", 1, 8, "not YAML", None, None),
    "deep nesting": ("[\n" * 2_000, 1, 1, "nested too deeply", "50", None),
}


def write(folder: Path, text: str | bytes) -> Path:
    (folder / "items.jsonl").write_text(ITEMS, "utf-8")
    path = folder / "suite.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_suite_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    text, line, column, message, expected, suggestion = BROKEN[name]
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_suite(path)
    error = caught.value
    assert message in error.message
    assert (str(error.file), error.line, error.column) == (str(path), line, column)
    assert (expected or "") in (error.expected or "")
    assert error.suggestion == suggestion
    assert error.exit_status == 2


def test_a_missing_suite_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(InputError, match="no such suite file") as caught:
        load_suite(tmp_path / "siute.yaml")
    assert caught.value.suggestion == "suite.yaml"
    with pytest.raises(InputError, match="cannot be read"):
        load_suite(tmp_path)


def test_a_suite_that_is_not_utf_8_is_told_by_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not UTF-8: byte 0xff") as caught:
        load_suite(write(tmp_path, b"suite: s\n# \xc3\xa9 \xff\n"))
    assert (caught.value.line, caught.value.column) == (2, 5)


def test_a_fault_in_an_item_file_is_told_with_that_file(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    (tmp_path / "items.jsonl").write_text(ITEMS + ITEMS, "utf-8")
    with pytest.raises(InputError, match="comes twice") as caught:
        load_suite(path)
    assert (caught.value.file, caught.value.line) == (tmp_path / "items.jsonl", 2)


def test_a_limit_below_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the limit is 0"):
        load_suite(write(tmp_path, GOOD), limit=0)


FUZZ = settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def loads_or_is_told(path: Path) -> None:
    """Any exception but an InputError fails the test by itself."""
    try:
        told = load_suite(path).hash
    except InputError as error:
        told = error.message
    assert told


@FUZZ
@given(st.text(max_size=80) | st.text(st.sampled_from(list("ab:-[]{}&*!|>'\"#?,% \n\t0.\\")), max_size=40))
def test_any_text_loads_or_is_an_input_error(tmp_path: Path, text: str) -> None:
    loads_or_is_told(write(tmp_path, text.encode("utf-8", "surrogatepass")))


FRAGMENTS = st.sampled_from(
    [
        "null",
        "[]",
        "{}",
        "-1",
        "0",
        "1e9",
        ".inf",
        "&a ",
        "*a",
        "!!int ",
        "- ",
        ": ",
        "\n",
        "  ",
        "'",
        '"',
        "?",
        "~",
        "\0",
        "<<: ",
        "é",
    ]
)


@FUZZ
@given(st.integers(0, len(GOOD)), st.integers(0, 12), FRAGMENTS | st.text(max_size=4))
def test_any_mutation_of_a_good_suite_loads_or_is_an_input_error(
    tmp_path: Path, start: int, removed: int, inserted: str
) -> None:
    mutated = GOOD[:start] + inserted + GOOD[start + removed :]
    loads_or_is_told(write(tmp_path, mutated.encode("utf-8", "surrogatepass")))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["length", "bank"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["dose", "source", "length"]), inner, max_size=2)
    ),
    max_leaves=5,
)
KEYS = [
    "suite",
    "seed",
    "items",
    "protocols",
    "orders",
    "repeats",
    "perturbations",
    "mitigations",
    "sampling",
    "analysis",
]


@FUZZ
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_of_a_key_loads_or_is_an_input_error(tmp_path: Path, key: str, value: object) -> None:
    import yaml

    whole = {
        "suite": "s",
        "items": [{"source": "file", "path": "items.jsonl"}],
        "perturbations": ["position"],
    }
    loads_or_is_told(write(tmp_path, yaml.safe_dump(whole | {key: value})))
