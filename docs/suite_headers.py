"""Write into the header of every shipped suite what it asks and finds, as `judgebench plan` says.

python docs/suite_headers.py
"""

from __future__ import annotations

import re
from pathlib import Path

from judgebench.analysis.planning import rough_effect
from judgebench.audit import make_plan
from judgebench.suite import load_suite

SUITES = Path(__file__).parent.parent / "suites"
LINES = re.compile(r"^# Costs:.*\n# Finds:.*\n", re.MULTILINE)


def header(path: Path) -> str:
    """The two lines about costs and effects."""
    suite = load_suite(path)
    planned = make_plan(suite, "sim/null")
    items, trials, requests = (
        f"{n:,}".replace(",", " ") for n in (planned.items, planned.trials, planned.requests)
    )
    return (
        f"# Costs:    {items} items, {trials} trials; {requests} requests to an API judge.\n"
        f"# Finds:    effects of {rough_effect(suite) * 100:.0f} points with 80 % power "
        "(`judgebench plan` says so per bias).\n"
    )


def with_header(path: Path) -> str:
    """The suite file with the header that it should have."""
    return LINES.sub(header(path).replace("\\", r"\\"), path.read_text(encoding="utf-8"), count=1)


def shipped() -> list[Path]:
    """The suites whose items come with the package."""
    return [
        path for path in sorted(SUITES.glob("*.yaml")) if "source: bank" in path.read_text(encoding="utf-8")
    ]


if __name__ == "__main__":
    for path in shipped():
        path.write_text(with_header(path), encoding="utf-8")
        print(path.name)  # noqa: T201  # a script
