"""The suites on public sets: what they hold once the set is fetched, and what they say without it."""

from pathlib import Path

import pytest

from judgebench.items import cache
from judgebench.suite import load_suite
from judgebench.suite.trials import count_trials

SUITES = {"evalbiasbench": ("evalbiasbench", 80, 320), "llmbar": ("llmbar", 419, 1676)}


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", SUITES)
def test_without_the_set_a_suite_says_how_to_get_it(name: str, cli, root: Path, own_cache: Path) -> None:
    done = cli("run", root / "suites" / f"{name}.yaml")
    assert done.returncode == 2
    assert f"the set '{name}' has no path and was not fetched" in done.stderr
    assert f"`judgebench data fetch {name}`" in done.stderr


@pytest.mark.parametrize("name", SUITES)
def test_with_the_set_a_suite_holds_what_its_header_says(
    name: str, data: Path, root: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher's own files stand in for fetched ones."""
    folder, items, trials = SUITES[name]
    monkeypatch.setattr(cache, "is_fetched", lambda found: found == name)
    (own_cache / name).symlink_to(data / folder, target_is_directory=True)
    path = root / "suites" / f"{name}.yaml"
    suite = load_suite(path)
    assert (len(suite.items), count_trials(suite)) == (items, trials)
    shown = f"{trials:,}".replace(",", " ")
    assert f"{items} items, {shown} trials" in path.read_text()
