"""`judgebench template` prints what a user is to copy."""

from pathlib import Path

import pytest

from judgebench.protocols.template import read_template, template_names, template_text
from tests.conftest import Cli


@pytest.mark.parametrize("name", ["pairwise", "rubric"])
def test_the_template_that_is_printed_can_be_read_again(name: str, cli: Cli, tmp_path: Path) -> None:
    done = cli("template", name)
    assert done.returncode == 0
    assert done.stdout == template_text(name)
    (tmp_path / "mine.yaml").write_text(done.stdout)
    assert set(read_template(tmp_path / "mine.yaml").wordings) >= {"plain"}


def test_names_are_listed_and_a_wrong_one_is_told(cli: Cli) -> None:
    assert cli("template").stdout.split() == list(template_names())
    done = cli("template", "pairwize")
    assert done.returncode == 2
    assert "did you mean 'pairwise'?" in done.stderr
