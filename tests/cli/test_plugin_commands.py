"""`judgebench new`, `check-plugin` and `list perturbations`: from nothing to a perturbation that can be relied on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from judgebench.perturb import perturbations


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Plugins that a test enters are gone after it."""
    known, modules = dict(perturbations._loaded), set(sys.modules)
    yield
    perturbations._loaded.clear()
    perturbations._loaded.update(known)
    for name in set(sys.modules) - modules:
        if name.startswith("judgebench_plugin_"):
            del sys.modules[name]


def test_a_new_perturbation_works_as_it_is_written(cli: Any, tmp_path: Path) -> None:
    done = cli("new", "perturbation", "hurry_test")
    assert done.returncode == 0
    assert "wrote hurry_test.py" in done.stdout
    assert (tmp_path / "test_hurry_test.py").is_file()
    checked = cli("check-plugin", "hurry_test.py")
    assert checked.returncode == 0
    assert "FAIL" not in checked.stdout
    assert "placebos, each within 10 % of its cue's length" in checked.stdout


@pytest.mark.slow
def test_the_test_of_a_new_perturbation_passes(cli: Any, tmp_path: Path) -> None:
    cli("new", "perturbation", "hurried", "--out", "mine")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine"], cwd=tmp_path, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [("no-name", "cannot name a perturbation"), ("authority", "'authority' is taken")],
)
def test_a_name_that_cannot_be_is_refused(name: str, message: str, cli: Any, tmp_path: Path) -> None:
    done = cli("new", "perturbation", name)
    assert (done.returncode, message in done.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_not_written_over(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "hurry_test.py").write_text("mine")
    done = cli("new", "perturbation", "hurry_test")
    assert done.returncode == 2
    assert "the file is there already" in done.stderr
    assert (tmp_path / "hurry_test.py").read_text() == "mine"


HEAD = """
    import random
    from judgebench.perturb import Check, perturbation
    from judgebench.perturb.cues import insertion_placebo
"""
FAULTS = {
    "determinism": ('text + random.choice("abcdefgh") * 9', "", "differ when made again"),
    "manipulation": ("text", "", "nothing changed"),
    "placebo": (
        'text + " A cue of some length."',
        "p.placebo(lambda text, draw, cue: text + '.')",
        "times as long",
    ),
    "an empty text": ('text + "." + text[0]', "", "IndexError"),
    "applies": ("text + 'x'", "p.applies(lambda text, draw: False)", "to 0 of"),
    "record": ("text + 1", "", "TypeError"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_what_is_wrong_with_a_plugin_fails_the_check_that_looks_for_it(
    check: str, cli: Any, tmp_path: Path
) -> None:
    body, more, message = FAULTS[check]
    declared = '@perturbation("faulty_test", family="invariance", summary="faulty")'
    text = f"{dedent(HEAD)}\n{declared}\ndef p(text, draw):\n    return {body}\n\n{more}\n"
    (tmp_path / "faulty.py").write_text(text)
    done = cli("check-plugin", "faulty.py")
    assert done.returncode == 2
    line = next(line for line in done.stdout.splitlines() if line.split("  ")[1:] and check in line)
    assert line.strip().startswith("FAIL")
    assert message in line


def test_a_check_advises_where_all_items_get_one_sentence_without_placebo(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(
        f"{dedent(HEAD)}\n@perturbation('plain_test', family='invariance', summary='s')\n"
        "def p(text, draw):\n    return text + ' So.'\n"
    )
    done = cli("check-plugin", "plain.py")
    assert done.returncode == 0
    for advice in (
        "a result may hang on one sentence",
        "cannot be told from that of any added text",
        "a paper",
    ):
        assert advice in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check-plugin", "autority"), "did you mean 'authority'"),
        (("check-plugin", "nothing.py"), "no such plugin file"),
        (("check-plugin", "empty.py"), "the file enters no perturbation"),
        (("check-plugin", "broken.py"), "broken.py:1: plugin does not load: ZeroDivisionError"),
    ],
)
def test_a_plugin_that_is_not_there_is_told(
    arguments: tuple[str, ...], message: str, cli: Any, tmp_path: Path
) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    done = cli(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_the_list_tells_family_target_doses_and_papers(cli: Any) -> None:
    lines = cli("list", "perturbations").stdout.splitlines()
    length = lines.index(next(line for line in lines if line.startswith("length ")))
    told = " ".join(lines[length : length + 3])
    for word in ("invariance", "a response (one of the two)", "dose: 1.5, 2", "arXiv:2306.05685"):
        assert word in told
    assert any(line.startswith("fallacy") and "(the better)" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["position", "paraphrase", "fallacy", "length"])
def test_built_in_perturbations_pass_their_own_check(name: str, cli: Any) -> None:
    assert cli("check-plugin", name).returncode == 0
