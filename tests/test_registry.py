"""The registry: names to plugins, with clashes and failures told."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from textwrap import dedent

import pytest

from judgebench import registry
from judgebench.errors import InputError, PluginError
from judgebench.registry import Registry, load_plugin_file


class Tool:
    """What the registry of these tests holds."""


class Hammer(Tool):
    pass


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry[type[Tool]]]:
    """A registry with a built-in, and a folder of modules that can be imported."""
    (tmp_path / "toolbox").mkdir()
    (tmp_path / "toolbox" / "__init__.py").write_text(
        "from test_tools_base import Tool\nclass Saw(Tool): pass\n"
    )
    (tmp_path / "test_tools_base.py").write_text("class Tool: pass\n")
    (tmp_path / "broken_tool.py").write_text("1 / 0\n")
    (tmp_path / "odd_tool.py").write_text("Odd = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    from test_tools_base import Tool as Base  # type: ignore[import-not-found]  # written above

    yield Registry("tools", Base, {"saw": "toolbox:Saw", "broken": "broken_tool:X", "odd": "odd_tool:Odd"})
    for name in ("toolbox", "test_tools_base", "broken_tool", "odd_tool"):
        sys.modules.pop(name, None)


def plug(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str]) -> None:
    points = [EntryPoint(name, value, "judgebench.tools") for name, value in named]
    monkeypatch.setattr(
        registry, "entry_points", lambda group: EntryPoints(p for p in points if p.group == group)
    )


def test_names_are_listed_without_loading_anything(tools: Registry[type[Tool]]) -> None:
    assert tools.names() == list(tools) == ["broken", "odd", "saw"]
    assert "saw" in tools
    assert "toolbox" not in sys.modules


def test_a_plugin_is_loaded_when_it_is_asked_for(tools: Registry[type[Tool]]) -> None:
    assert tools.get("saw").__name__ == "Saw"
    assert tools.get("saw") is tools.get("saw")


def test_an_unknown_name_is_told_with_all_names_and_the_nearest(tools: Registry[type[Tool]]) -> None:
    with pytest.raises(PluginError, match="unknown name 'swa' among the tools") as caught:
        tools.get("swa")
    assert caught.value.expected == "one of broken, odd, saw"
    assert caught.value.suggestion == "saw"
    assert "swa" not in tools


def test_a_plugin_that_fails_to_load_is_an_error(tools: Registry[type[Tool]]) -> None:
    with pytest.raises(PluginError, match=r"'broken_tool:X' does not load: ZeroDivisionError"):
        tools.get("broken")


def test_a_plugin_of_another_kind_is_an_error(tools: Registry[type[Tool]]) -> None:
    with pytest.raises(PluginError, match="'odd' among the tools is a int"):
        tools.get("odd")
    with pytest.raises(PluginError, match="'mine' among the tools is a type"):
        tools.add("mine", int, module="mine")  # type: ignore[arg-type]  # the wrong kind is the point


def test_an_installed_plugin_is_found_by_its_entry_point(
    tools: Registry[type[Tool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, ("mine", "toolbox:Saw"), ("gone", "toolbox:Nothing"))
    assert {"mine", "gone"} <= set(tools.names())
    assert tools.get("mine").__name__ == "Saw"
    with pytest.raises(PluginError, match="'toolbox:Nothing' does not load: AttributeError"):
        tools.get("gone")


@pytest.mark.parametrize("names", [[("saw", "other:Saw")], [("new", "one:X"), ("new", "two:X")]])
def test_two_plugins_of_one_name_are_an_error(
    names: list[tuple[str, str]], tools: Registry[type[Tool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, *names)
    with pytest.raises(PluginError, match=f"two plugins are called '{names[0][0]}'"):
        tools.names()


def test_a_name_that_is_taken_is_refused_but_its_own_package_may_fill_it(
    tools: Registry[type[Tool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, ("plane", "their_package:plane"))
    saw = tools.get("saw")
    for name in ("saw", "broken", "plane"):
        with pytest.raises(PluginError, match=f"the name '{name}' is taken"):
            tools.add(name, saw, module="somebody.else")
    tools.add("plane", saw, module="their_package.tools.plane")
    assert tools.get("plane") is saw
    with pytest.raises(PluginError, match="'plane' is taken"):
        tools.add("plane", saw, module="their_package")


def test_a_class_is_entered_by_a_decorator_and_stays_what_it_is(tools: Registry[type[Tool]]) -> None:
    base = tools._base

    @tools.register("file")
    class File(base):  # type: ignore[misc, valid-type]  # the base is made by the fixture
        pass

    assert tools.get("file") is File
    with pytest.raises(PluginError, match="'file' is taken"):
        tools.register("file")(File)
    with pytest.raises(PluginError, match="'mine' among the tools"):
        tools.register("mine")(int)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), "utf-8")
    return path


def test_a_plugin_file_runs_once(tmp_path: Path) -> None:
    path = written(
        tmp_path / "once.py",
        f"""\
        from pathlib import Path
        log = Path({str(tmp_path / "log")!r})
        log.write_text(log.read_text() + "ran" if log.exists() else "ran")
    """,
    )
    load_plugin_file(path)
    load_plugin_file(path.parent / ".." / path.parent.name / "once.py")
    assert (tmp_path / "log").read_text() == "ran"


def test_files_whose_paths_look_alike_are_two_plugins(tmp_path: Path) -> None:
    for path in (tmp_path / "a_b" / "c.py", tmp_path / "a" / "b_c.py"):
        load_plugin_file(written(path, f"open({str(path) + '.ran'!r}, 'w').close()\n"))
        assert Path(f"{path}.ran").exists()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\n1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("def f():\n    raise KeyError('k')\n\nf()\n", 2, "KeyError: 'k'"),
        ("x = 1\ndef f(: pass\n", 2, "SyntaxError"),
        ("import no_such_module_anywhere\n", 1, "ModuleNotFoundError"),
        ("import sys\n\nsys.exit(3)\n", 3, "SystemExit: 3"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
    ],
)
def test_a_plugin_file_that_fails_is_told_with_file_and_line(
    text: str, line: int, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "plugin.py", text)
    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            load_plugin_file(path)
        assert message in caught.value.message
        assert (caught.value.file, caught.value.line) == (path, line)


def test_a_missing_file_and_one_that_is_no_python_file_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such plugin file"):
        load_plugin_file(tmp_path / "nothing.py")
    with pytest.raises(PluginError, match="not a Python file"):
        load_plugin_file(written(tmp_path / "plugin.txt", "x = 1\n"))
