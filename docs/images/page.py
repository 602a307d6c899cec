"""The pictures of the HTML page: `python docs/images/page.py` (needs Chromium, its driver, Selenium and Pillow)."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from judgebench.audit import audit_of, run
from judgebench.report.html import render_html

HERE: Final = Path(__file__).parent
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--hide-scrollbars",
)


def main() -> None:
    """Write `html-report.png`, `html-trials.png`, `html-report-narrow.png` and `html-report-dark.png`."""
    with tempfile.TemporaryDirectory() as folder:
        audited = run(HERE.parent.parent / "suites" / "quickstart.yaml", out=Path(folder) / "run")
        page = Path(folder) / "report.html"
        page.write_text(render_html([audit_of(audited)]), encoding="utf-8")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            _picture(driver, page.as_uri(), "html-report", 1400, 1250)
            _picture(driver, page.as_uri(), "html-report-narrow", 400, 1250)
            _picture(driver, page.as_uri(), "html-report-dark", 1400, 1250, dark=True)
            _picture(driver, page.as_uri(), "html-trials", 1400, 1000, trials=True)
        finally:
            driver.quit()


def _picture(
    driver: Any, page: str, name: str, width: int, height: int, *, dark: bool = False, trials: bool = False
) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    colours = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [colours]})
    driver.get(page)
    if trials:
        _open_trials(driver)
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
    image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    image.quantize(160, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


def _open_trials(driver: Any) -> None:
    driver.find_element(By.CSS_SELECTOR, "details.trials > summary").click()
    first = (By.CSS_SELECTOR, ".item > summary")
    WebDriverWait(driver, 20).until(lambda d: d.find_elements(*first))
    driver.find_element(*first).click()
    WebDriverWait(driver, 20).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".item article"))
    driver.execute_script("document.querySelector('.card').scrollIntoView()")


if __name__ == "__main__":
    main()
