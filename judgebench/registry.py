"""Names to plugins: the built-in ones, those of installed packages, and those of `--plugin` files.

An entry is either an object or a `module:attribute` string that is imported when it is first asked for, so
that listing names costs nothing. A name that is taken twice, and a plugin that fails to load, are errors.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

from judgebench.errors import InputError, PluginError, nearest

T = TypeVar("T")
P = TypeVar("P")


class Registry(Generic[T]):
    """The plugins of one kind, by name.

    Args:
        kind: What it holds, in the plural (`perturbations`); also the entry-point group `judgebench.<kind>`.
        base: The class that every plugin of this kind must be an instance or subclass of.
        builtin: Name to `module:attribute`, for what the package itself brings.
    """

    def __init__(self, kind: str, base: type, builtin: dict[str, str]) -> None:
        self.kind = kind
        self._base = base
        self._lazy: dict[str, str] = dict(builtin)
        self._loaded: dict[str, T] = {}
        self._entry_points: dict[str, EntryPoint] | None = None

    def _installed(self) -> dict[str, EntryPoint]:
        """Entry points of installed packages, read once; a clash with a name that is taken is an error."""
        if self._entry_points is None:
            found: dict[str, EntryPoint] = {}
            for point in entry_points(group=f"judgebench.{self.kind}"):
                if point.name in found or point.name in self._lazy:
                    raise PluginError(
                        f"two plugins are called {point.name!r} among the {self.kind}: {point.value} and "
                        f"{found[point.name].value if point.name in found else self._lazy[point.name]}"
                    )
                found[point.name] = point
            self._entry_points = found
        return self._entry_points

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self._lazy, *self._loaded, *self._installed()})

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self._lazy or name in self._loaded or name in self._installed()

    def add(self, name: str, plugin: T, *, module: str) -> None:
        """Enter a plugin under a name.

        Args:
            name: Its name.
            plugin: The plugin.
            module: The module that defines it; the package that announced this name, by an entry point or as
                a built-in, takes its place without a clash.

        Raises:
            PluginError: The name is taken, or the plugin is not of the registry's kind.
        """
        announced = self._lazy.get(name) or (
            self._installed()[name].value if name in self._installed() else None
        )
        if name in self._loaded or (announced and _package(announced) != _package(module)):
            raise PluginError(
                f"the name {name!r} is taken among the {self.kind}", expected="a name of its own"
            )
        self._loaded[name] = self._checked(name, plugin)

    def register(self, name: str) -> Callable[[P], P]:
        """Decorator: enter a class of this kind under a name.

        Raises:
            PluginError: As `add`.
        """

        def enter(plugin: P) -> P:
            self.add(name, cast("T", plugin), module=str(getattr(plugin, "__module__", "")))
            return plugin

        return enter

    def get(self, name: str) -> T:
        """The plugin of that name, loaded if need be.

        Raises:
            PluginError: There is none, or it fails to load; the nearest name is suggested.
        """
        if name not in self._loaded:
            if name in self._lazy:
                self._loaded[name] = self._checked(name, _load(self._lazy[name]))
            elif name in self._installed():
                self._loaded[name] = self._checked(name, _load(self._installed()[name].value))
            else:
                raise self.unknown(name)
        return self._loaded[name]

    def unknown(self, name: str) -> PluginError:
        """The error for a name that is not here."""
        return PluginError(
            f"unknown name {name!r} among the {self.kind}",
            expected=f"one of {', '.join(self.names())}",
            suggestion=nearest(name, self.names()),
        )

    def _checked(self, name: str, plugin: object) -> T:
        fits = issubclass(plugin, self._base) if isinstance(plugin, type) else isinstance(plugin, self._base)
        if not fits:
            raise PluginError(
                f"plugin {name!r} among the {self.kind} is a {type(plugin).__name__}",
                expected=f"a {self._base.__module__}.{self._base.__name__}",
            )
        return plugin  # type: ignore[return-value]  # the check above is what T means


def _package(target: str) -> str:
    """The top-level package of a module or of a `module:attribute` string."""
    return target.partition(":")[0].partition(".")[0]


def _load(target: str) -> object:
    """The object that a `module:attribute` string names."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise PluginError(f"plugin {target!r} does not load: {type(error).__name__}: {error}") from error


_PLUGIN_MODULES: Final = "judgebench_plugin_"


def load_plugin_file(path: Path) -> None:
    """Run a `--plugin` file once, so that its decorators enter what they define.

    Raises:
        InputError: The file does not exist.
        PluginError: It fails to load; the error holds the file and the line.
    """
    if not path.is_file():
        raise InputError("no such plugin file", file=path)
    digest = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    name = f"{_PLUGIN_MODULES}{path.stem}_{digest}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError("not a Python file", file=path, expected="a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _plugin_fault(path, error) from error


def _plugin_fault(path: Path, error: BaseException) -> PluginError:
    line = _line_in(error, path)
    if isinstance(error, InputError):
        return PluginError(
            error.message, file=path, line=line, expected=error.expected, suggestion=error.suggestion
        )
    return PluginError(f"plugin does not load: {type(error).__name__}: {error}", file=path, line=line)


def _line_in(error: BaseException, path: Path) -> int | None:
    """The last line of `path` that the error passed through, or that cannot be parsed."""
    own = path.resolve()
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == own:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == own:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
