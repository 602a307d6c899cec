import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from judgebench import stats

INNER = {
    "bootstrap": {"cluster_codes", "cluster_totals"},
    "clustered": {"mean_variance"},
    "bounds": {"bounds_between"},
    "ct": {"ScoreInputs", "downward", "inputs_of_means", "report", "score_inputs", "upward"},
    "logit": {"full_rank"},
    "proportions": {"Sample", "wilson_of"},
    "simultaneous": {"effect_correlation", "jointly"},
    "tango": {"check_counts", "tango_limits", "tango_score", "tango_upper"},
}
"""Parts that estimators share; not for users."""

MODULES = [m.name for m in pkgutil.iter_modules(stats.__path__) if not m.name.startswith("_")]


def defined_in(module: str) -> set[str]:
    home = importlib.import_module(f"judgebench.stats.{module}")
    return {
        name
        for name, thing in vars(home).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == home.__name__
    }


@pytest.mark.parametrize("name", stats.__all__)
def test_every_name_resolves_to_what_it_says(name: str) -> None:
    found = getattr(stats, name)
    assert name in dir(stats)
    if name != "Decision":  # an alias of a Literal has neither
        assert found.__name__ == name
        assert found.__doc__


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_and_result_is_exported_under_one_name(module: str) -> None:
    inner = INNER.get(module, set())
    assert inner <= defined_in(module)
    assert defined_in(module) - inner <= set(stats.__all__)
    assert not inner & set(stats.__all__)


def test_names_are_unique() -> None:
    assert sorted(set(stats.__all__)) == sorted(stats.__all__)
    homes = [name for module in MODULES for name in defined_in(module) - INNER.get(module, set())]
    assert len(homes) == len(set(homes))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fit_logti'"):
        stats.fit_logti  # noqa: B018  # what is tested is the access itself


def test_importing_stays_light() -> None:
    # a package in the place of judgebench's own, which loads more than its statistics
    script = f"""
import sys, types
sys.modules["judgebench"] = package = types.ModuleType("judgebench")
package.__path__ = [{str(Path(stats.__path__[0]).parent)!r}]
import judgebench.stats
print({{"judgebench.stats", "scipy.stats", "statsmodels", "pandas", "matplotlib"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'judgebench.stats'}"


def test_type_checkers_see_what_loads_later() -> None:
    source = ast.parse(Path(str(stats.__file__)).read_text(encoding="utf-8"))
    guarded = next(node for node in source.body if isinstance(node, ast.If))
    seen = {
        statement.module: tuple(alias.name for alias in statement.names)
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
    }
    assert seen == {f"judgebench.stats.{module}": names for module, names in stats._LATER.items()}
