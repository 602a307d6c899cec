from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from judgebench.errors import InputError
from judgebench.report.model import Audit
from judgebench.report.write import write_reports


def names(written: tuple[Path, ...], root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in written}


def test_it_writes_the_page_the_tables_and_the_figures(simulated: Audit, tmp_path: Path) -> None:
    written = write_reports(tmp_path / "new", [simulated])
    assert names(written, tmp_path / "new") == {
        "report.html",
        "effects.csv",
        "tables/effects.tex",
        "tables/beside.tex",
        "tables/position.tex",
        "tables/accuracy.tex",
        "tables/doses.tex",
        "tables/methods.txt",
        "tables/methods.tex",
        "tables/references.bib",
        "figures/forest.pdf",
        "figures/forest.png",
        "figures/doses.pdf",
        "figures/doses.png",
        "figures/position.pdf",
        "figures/position.png",
    }
    assert all(path.stat().st_size > 200 for path in written)


@pytest.mark.slow
def test_writing_again_replaces_what_was_there_with_the_same(
    make_audit: Callable[..., Audit], build: SimpleNamespace, tmp_path: Path
) -> None:
    audit = make_audit(rows=[build.row("authority", "target_preference", 0.1, 0.0, 0.2)])
    first = {path: path.read_bytes() for path in write_reports(tmp_path, [audit])}
    assert first == {path: path.read_bytes() for path in write_reports(tmp_path, [audit])}


def test_what_has_no_data_is_not_written(
    make_audit: Callable[..., Audit], build: SimpleNamespace, tmp_path: Path
) -> None:
    one = make_audit(rows=[build.row("authority", "target_preference", 0.1, 0.0, 0.2)])
    found = names(write_reports(tmp_path, [one]), tmp_path)
    assert found == {
        "report.html",
        "effects.csv",
        "tables/effects.tex",
        "tables/methods.txt",
        "tables/methods.tex",
        "tables/references.bib",
        "figures/forest.pdf",
        "figures/forest.png",
    }


def test_nothing_to_report_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to report"):
        write_reports(tmp_path, [])
    assert not list(tmp_path.iterdir())
