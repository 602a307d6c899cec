"""The page in a real browser: a headless Chromium, by keyboard, in both colours, wide and narrow.

`JUDGEBENCH_AXE` names axe-core's script (`npm install axe-core`); without it that one test is skipped.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from judgebench.report.html import render_html
from judgebench.report.model import Audit

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402  # skipped above where there is no Selenium
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="no Chromium here (apt-get install chromium chromium-driver)"
    ),
]
EVIL = "<img src=x onerror='window.ran = true'><svg onload='window.ran = true'></svg>\x00\u202e"
TIMES = "\N{MULTIPLICATION SIGN}"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMED = {"button", "combobox", "checkbox", "DisclosureTriangle", "link", "searchbox", "textbox", "image"}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def files(
    simulated: Audit,
    hostile: Audit,
    three: list[Audit],
    make_audit: Callable[..., Audit],
    build: SimpleNamespace,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    names = {"suite": EVIL, "protocol": "pairwise", "mitigation": "none", "decision": "biased"}
    position = build.row("position", "first_preference", 0.08, 0.05, 0.11, **names)
    evil = make_audit(EVIL, [position], text=EVIL, description=EVIL, served_model=EVIL)
    pages = {"simulated": [simulated], "hostile": [hostile], "evil": [evil], "three": three}
    for name, audits in pages.items():
        (folder / f"{name}.html").write_text(render_html(audits), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.fixture
def page(chromium: Any, files: dict[str, Path]) -> Iterator[Any]:
    """Open a page: `page(name, width=..., dark=...)`; the driver comes back with an empty log."""

    def load(name: str, *, width: int = 1400, dark: bool = False) -> Any:
        chromium.get_log("performance")
        chromium.get_log("browser")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        colours = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", colours)
        chromium.get(files[name].as_uri())
        return chromium

    yield load
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def press(driver: Any, *keys: str) -> None:
    webdriver.ActionChains(driver).send_keys(*keys).perform()


def tab_to(driver: Any, element: Any) -> None:
    """Reach an element with the tabulator alone."""
    for _ in range(400):
        press(driver, Keys.TAB)
        if driver.switch_to.active_element == element:
            return
    raise AssertionError(f"the tabulator does not reach {element.tag_name} {element.text!r}")


def open_trials(driver: Any) -> Any:
    """Open the first trials and their first item by keyboard, and give the trials back."""
    trials = driver.find_element(By.CSS_SELECTOR, "details.trials")
    tab_to(driver, trials.find_element(By.TAG_NAME, "summary"))
    press(driver, Keys.ENTER)
    first = (By.CSS_SELECTOR, "details.trials .item > summary")
    WebDriverWait(driver, 20).until(lambda d: d.find_elements(*first))
    tab_to(driver, driver.find_element(*first))
    press(driver, Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".item article"))
    return trials


def sent(driver: Any) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if not url.startswith("chrome")]


@pytest.mark.parametrize("name", ["simulated", "hostile", "three"])
def test_it_asks_for_nothing_but_itself_and_reports_no_error(
    name: str, page: Any, files: dict[str, Path]
) -> None:
    driver = page(name)
    open_trials(driver)
    assert sent(driver) == [files[name].as_uri()]
    assert driver.get_log("browser") == []


@pytest.mark.parametrize("name", ["hostile", "evil"])
def test_what_others_wrote_stays_text_and_runs_nothing(name: str, page: Any) -> None:
    driver = page(name)
    driver.execute_script("window.alert = () => { window.ran = true; }")
    trials = open_trials(driver)
    wrote = {
        "hostile": "<script>alert(1)</script></details>\\u202e\\x1b[31m",
        "evil": EVIL.replace("\0", "\\x00").replace("\u202e", "\\u202e"),
    }[name]
    assert wrote in trials.find_element(By.CSS_SELECTOR, "article pre").get_property("textContent")
    assert wrote in trials.find_element(By.CSS_SELECTOR, ".item > summary").get_property("textContent")
    assert driver.execute_script("return window.ran") is None
    made = driver.execute_script(
        "return [...document.querySelectorAll('main script, img, iframe, svg[onload], main a')].map((e) => e.type)"
    )
    assert made == ["text/plain"]
    hidden = driver.execute_script("return document.documentElement.textContent.match(/[\u202a-\u202e\0]/)")
    assert hidden is None


def test_the_names_of_judge_and_suite_stay_text(page: Any) -> None:
    driver = page("evil")
    shown = EVIL.replace("\0", "\\x00").replace("\u202e", "\\u202e")
    facts = driver.find_element(By.CSS_SELECTOR, "main").get_property("textContent")
    assert facts.count(shown) >= 4
    assert "<img" in driver.title
    assert "<img" in driver.find_element(By.TAG_NAME, "h1").text


def test_the_skip_link_comes_first_and_leads_to_the_findings(page: Any) -> None:
    driver = page("simulated")
    press(driver, Keys.TAB)
    link = driver.switch_to.active_element
    assert link.text == "Skip to the findings"
    assert link.rect["x"] >= 0
    press(driver, Keys.ENTER)
    assert driver.switch_to.active_element.tag_name == "main"


def test_a_table_is_sorted_by_keyboard_and_says_so(page: Any) -> None:
    driver = page("simulated")
    table = driver.find_element(By.ID, "judge-1-effects")
    head = table.find_elements(By.TAG_NAME, "th")[1]
    tab_to(driver, head.find_element(By.TAG_NAME, "button"))
    shown = []
    for direction in ("ascending", "descending"):
        press(driver, Keys.ENTER)
        assert head.get_attribute("aria-sort") == direction
        cells = table.find_elements(By.CSS_SELECTOR, "tbody td:nth-child(2)")
        shown.append([float(c.text.split("\n")[0].replace("\N{MINUS SIGN}", "-")) for c in cells])
    assert shown[0] == sorted(shown[0]) != shown[1] == sorted(shown[1], reverse=True)


def test_a_table_is_filtered_by_keyboard_and_says_how_many_are_left(page: Any) -> None:
    driver = page("simulated")
    box = driver.find_element(By.ID, "judge-1-effects-filter")
    tab_to(driver, box)
    press(driver, "length")
    rows = driver.find_elements(By.CSS_SELECTOR, "#judge-1-effects tbody tr")
    assert [row.text.split("\n")[0] for row in rows if row.is_displayed()] == [
        f"Length {TIMES}1.5",
        f"Length {TIMES}2",
    ]
    assert box.find_element(By.XPATH, "following-sibling::output").text == "2 of 8 rows"


def test_cards_are_filtered_and_sorted_by_keyboard(page: Any) -> None:
    driver = page("simulated")

    def names() -> list[str]:
        return [h.text for h in driver.find_elements(By.CSS_SELECTOR, ".card h4") if h.is_displayed()]

    words, decision, _, order = driver.find_elements(By.CSS_SELECTOR, ".tools input, .tools select")
    assert names()[:2] == ["Fallacy", f"Length {TIMES}2"]
    tab_to(driver, decision)
    press(driver, "inc")
    assert sorted(names()) == [f"Length {TIMES}1.5", "Superficial reflection"]
    assert driver.find_element(By.CSS_SELECTOR, ".tools output").text == "2 of 8 biases"
    press(driver, Keys.HOME)
    tab_to(driver, order)
    press(driver, "name")
    assert names() == sorted(names())
    assert len(names()) == 8
    words.send_keys("author")
    assert names() == ["Authority"]


def test_the_trials_open_by_keyboard_with_the_change_marked(page: Any) -> None:
    driver = page("simulated")
    trials = open_trials(driver)
    heads = [head.text for head in trials.find_elements(By.TAG_NAME, "h5")]
    assert heads == [
        "Control, A first: a",
        "Treatment, A first: b",
        "Control, B first: error",
        "Treatment, B first: tie",
    ]
    assert {mark.text for mark in trials.find_elements(By.CSS_SELECTOR, "pre mark")} == {"It is 4."}
    assert "The first is right." in trials.text
    assert "No reply." in trials.text


def test_the_trials_are_filtered_by_what_came_of_them_and_by_their_words(page: Any) -> None:
    driver = page("simulated")
    trials = open_trials(driver)
    words, kind = trials.find_elements(By.CSS_SELECTOR, ".items input, .items select")
    told = trials.find_element(By.CSS_SELECTOR, ".items output")
    kind.send_keys("without")
    assert [i.text.split()[0] for i in trials.find_elements(By.CLASS_NAME, "item") if i.is_displayed()] == [
        "item-2"
    ]
    assert told.text == "1 of 2 items"
    kind.send_keys(Keys.HOME)
    words.send_keys("IS RIGHT")
    assert told.text == "1 of 2 items"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_it_fits_its_window(page: Any, width: int, dark: bool) -> None:
    driver = page("three", width=width, dark=dark)
    open_trials(driver)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


def paper(driver: Any) -> str:
    return str(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))


def test_the_colours_follow_the_system_until_the_reader_chooses(page: Any) -> None:
    light, dark = "rgb(255, 255, 255)", "rgb(22, 24, 27)"
    driver = page("simulated", dark=True)
    assert paper(driver) == dark
    tab_to(driver, driver.find_element(By.ID, "colours"))
    press(driver, "light")
    assert paper(driver) == light
    driver = page("simulated")
    assert paper(driver) == light
    driver.find_element(By.ID, "colours").send_keys("dark")
    assert paper(driver) == dark


def test_print_leaves_the_controls_out_and_is_light(page: Any) -> None:
    driver = page("simulated", dark=True)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    for away in (".tools", "nav", ".filter", "details.trials"):
        assert not driver.find_element(By.CSS_SELECTOR, away).is_displayed()
    assert all(card.is_displayed() for card in driver.find_elements(By.CLASS_NAME, "card"))
    assert paper(driver) == "rgb(255, 255, 255)"
    assert driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]


def test_every_control_has_a_name_and_headings_nest(page: Any) -> None:
    driver = page("three")
    open_trials(driver)
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    seen = [node for node in nodes if not node["ignored"]]
    named = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in seen]
    assert {"main", "banner", "navigation"} <= {role for role, _ in named}
    assert [role for role, name in named if role in NAMED and not name.strip()] == []
    headings = driver.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4, h5, h6")
    levels = [int(heading.tag_name[1]) for heading in headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tables = [name for role, name in named if role == "table"]
    assert tables
    assert all(tables)
    assert {"columnheader", "rowheader"} <= {role for role, _ in named}


@pytest.mark.skipif("JUDGEBENCH_AXE" not in os.environ, reason="JUDGEBENCH_AXE names no axe-core script")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing(page: Any, width: int, dark: bool) -> None:
    driver = page("three", width=width, dark=dark)
    open_trials(driver)
    for closed in driver.find_elements(By.CSS_SELECTOR, "details:not([open])"):
        driver.execute_script("arguments[0].open = true", closed)
    driver.execute_script(Path(os.environ["JUDGEBENCH_AXE"]).read_text(encoding="utf-8"))
    found = driver.execute_async_script(
        "axe.run().then((found) => arguments[arguments.length - 1](found.violations))"
    )
    assert [(v["id"], [node["html"][:200] for node in v["nodes"]][:3]) for v in found] == []
