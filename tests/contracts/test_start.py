from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "matplotlib",
    "openai",
    "anthropic",
    "pyarrow",
    "aiohttp",
    "pydantic",
    "statsmodels",
)


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from judgebench.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    for command in (
        "run",
        "plan",
        "analyze",
        "report",
        "compare",
        "gate",
        "import",
        "audit-log",
        "validate",
        "list",
        "doctor",
        "observe",
        "new",
        "check-plugin",
    ):
        assert f"\n  {command}" in done.stdout


def test_a_simulated_run_loads_no_provider() -> None:
    program = (
        "import sys, judgebench.audit\nfrom judgebench.judges.factory import open_judge\nopen_judge('sim/mild')\n"
        "print([name for name in ('openai', 'anthropic', 'vllm', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
