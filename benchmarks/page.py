"""The HTML page of runs of growing size: processor time, the page's size, and how soon it opens in Chromium.

Each page is made by `judgebench report` in a process of its own from a run of a simulated judge on copies of the bank's
items, each with a word of its own. Times are told beside those of the analysis of the same run, as a ratio.

Usage: python benchmarks/page.py [--judgments 1000 10000 100000] [--keep DIR] > benchmarks/page.md
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from markdown_page import machine, table

import judgebench
from judgebench.items.bank import read_bank

HEAD = ("judgments", "page, s", "page, CPU s", "page / analysis", "MB", "opens, ms", "first trials, ms")
PAGE = """# The HTML page of a long run

`python benchmarks/page.py`: runs of a simulated judge on copies of the built-in items. `page` is what the whole
command `judgebench report DIR --format html` takes, by the clock and by the processor, and beside it stands the ratio
of its processor time to that of `judgebench analyze` on the same run. `opens` is what Chromium takes to load the page,
`first trials` what it then takes from a click to the list of the trials behind a bias.

{table}

{machine}
"""
CUES = ("authority", "bandwagon", "distraction", "superficial_reflection")
TRIALS = (
    2 * (2 + 2 * 2 + 2 * 2 * len(CUES)) + 2
)  # an item's: orders x (controls, doses, cues and placebos), control


def items(count: int) -> Iterator[dict[str, Any]]:
    """Copies of the bank's items, each with a word of its own in the request."""
    bank = read_bank()
    for number in range(count):
        one = bank[number % len(bank)]
        word = f"\n(Copy {number:05d})"
        shown = {"prompt": one.prompt + word, "response_a": one.response_a, "response_b": one.response_b}
        yield {"id": f"{one.id}-{number:05d}", "gold": one.gold, "category": one.category, **shown}


def suite(folder: Path, judgments: int) -> Path:
    """A suite of about so many judgments."""
    rows = [json.dumps(row) for row in items(max(judgments // TRIALS, 10))]
    (folder / "items.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cues = "".join(f"  - {cue}: {{targets: both}}\n" for cue in CUES)
    text = (
        "suite: page\nseed: 7\nitems:\n  - {source: file, path: items.jsonl}\nperturbations:\n  - position\n"
        f"  - length: {{dose: [1.5, 2.0], targets: both}}\n{cues}  - positive_control\n"
    )
    (folder / "page.yaml").write_text(text, encoding="utf-8")
    return folder / "page.yaml"


def seconds(*command: str) -> tuple[float, float]:
    """What `judgebench` takes by the clock, and what it and its children take of the processor."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "judgebench", *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used


def opened(page: Path) -> tuple[str, str]:
    """Milliseconds until the page is loaded, and until the first trials are on it; empty without Chromium."""
    browser, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver_path and find_spec("selenium")):
        return "", ""
    from selenium import webdriver
    from selenium.webdriver.common.by import By

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    with tempfile.TemporaryDirectory() as profile:
        for flag in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
        try:
            driver.get(page.resolve().as_uri())
            loaded = driver.execute_script(
                "const n = performance.getEntriesByType('navigation')[0]; return n.loadEventEnd"
            )
            start = time.perf_counter()
            driver.find_element(By.CSS_SELECTOR, "details.trials > summary").click()
            while not driver.find_elements(By.CSS_SELECTOR, ".item > summary"):
                time.sleep(0.005)
            return f"{loaded:.0f}", f"{1000 * (time.perf_counter() - start):.0f}"
        finally:
            driver.quit()


def measured(judgments: int, folder: Path) -> list[str]:
    """A row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "run" / "effects.json").is_file():
        judgebench.run(suite(folder, judgments), judge="sim/mild", out=folder / "run")
    _, analysis = seconds("analyze", str(folder / "run"))
    page = folder / "report.html"
    clock, report = seconds("report", str(folder / "run"), "--format", "html", "--out", str(page))
    trials = judgebench.load(folder / "run").manifest["counts"]["trials"]
    size = page.stat().st_size / 1e6
    taken = (f"{clock:.1f}", f"{report:.1f}", f"{report / analysis:.2f}")
    return [f"{trials:,}", *taken, f"{size:.2f}", *opened(page)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--judgments", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path, help="keep the runs here, and use those that are there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(n, (arguments.keep or Path(folder)) / str(n)) for n in arguments.judgments]
    print(PAGE.format(table=table(HEAD, rows), machine=machine()))


if __name__ == "__main__":
    main()
