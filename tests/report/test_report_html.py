import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from judgebench.report.html import render_html
from judgebench.report.model import Audit

VOID = {"meta", "input", "link", "img", "br", "hr", "base"}


class Page(HTMLParser):
    """Elements with their attributes and text; raises where a tag closes another's."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def packed(self) -> list[dict[str, Any]]:
        """The examples that the page holds compressed."""
        texts = [data for tag, data in self.text if tag == "script"]
        streams = [base64.b64decode(text) for text in texts if '"use strict"' not in text]
        lines = [line for stream in streams for line in zlib.decompress(stream).decode().splitlines()]
        return [json.loads(line) for line in lines]

    def words(self) -> str:
        return " ".join(data for tag, data in self.text if tag not in ("script", "style"))


@pytest.fixture(scope="module")
def pages(audit: Audit, simulated: Audit, hostile: Audit, three: list[Audit]) -> dict[str, str]:
    """Each audit's page, rendered once."""
    audits = {"audit": [audit], "simulated": [simulated], "hostile": [hostile], "three": three}
    return {name: render_html(own) for name, own in audits.items()}


@pytest.fixture
def page(pages: dict[str, str]) -> Page:
    return Page(pages["simulated"])


@pytest.mark.parametrize("which", ["audit", "simulated", "hostile", "three"])
def test_it_parses_and_loads_nothing(which: str, pages: dict[str, str]) -> None:
    text = pages[which]
    page = Page(text)
    assert page.open == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {
        tag for tag, _ in page.elements
    }
    for _, attributes in page.elements:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
                assert value
                assert value.startswith("#")
    assert not re.search(r"url\((?!#)|@import", text)


def test_the_policy_allows_the_pages_own_script_alone(pages: dict[str, str]) -> None:
    text = pages["simulated"]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policies = [
        m["content"] for m in Page(text).all("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    (policy,) = policies
    assert policy
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")


def test_hostile_text_makes_no_element(pages: dict[str, str]) -> None:
    text = pages["hostile"]
    page = Page(text)
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in Page(pages["audit"]).elements}
    assert [script.get("type") for script in page.all("script")] == ["text/plain", None]
    assert "\\u202e\\x1b[31m" in page.packed()[0]["showings"][0]["reply"]
    assert page.words().count("<script>alert(1)</script>") > 5
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_every_id_is_its_own_and_every_reference_finds_one(pages: dict[str, str]) -> None:
    page = Page(pages["three"])
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = [
        a[key] for _, a in page.elements for key in ("aria-labelledby", "for", "data-table") if key in a
    ]
    wanted += [(a.get("href") or "")[1:] for tag, a in page.elements if tag == "a"]
    assert set(wanted) <= set(ids)


def test_it_can_be_read_without_eyes_and_mouse(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(head.get("scope") in ("col", "row") for head in page.all("th"))
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert [i for i in page.all("main") if i.get("id") == "main"]
    drawn = [image for image in page.all("svg") if image.get("aria-hidden") != "true"]
    assert len(drawn) == 2
    assert all(image.get("role") == "img" and image.get("aria-label") for image in drawn)
    assert [data for tag, data in page.text if tag == "title"] == ["Judge audit: core"]


def test_it_says_what_was_found_and_shows_what_stands_beside(page: Page) -> None:
    words = page.words()
    assert (
        "Being shown first helps a response win (+8.2 points, 95 % interval [+5.1, +11.3]): biased." in words
    )
    for part in (
        "Noise floor, %",
        "4.1",
        "Net of placebo",
        "toward 12.1\naway 3.2",
        "Agreement with gold",
        "3 min 20 s",
    ):
        assert part in words
    assert (
        words.index("\N{MINUS SIGN}55.1 points")
        < words.index("+8.2 points")
        < words.index("do not settle it")
    )


def test_a_simulated_judge_is_announced_and_a_real_one_is_not(page: Page, pages: dict[str, str]) -> None:
    assert "Simulated judge." in page.words()
    assert "+6.5 ✓" in page.words()
    assert "+4.6 ✗" in page.words()
    real = Page(pages["audit"]).words()
    assert "Simulated" not in real
    assert "Truth" not in real


def test_judges_stand_side_by_side(pages: dict[str, str]) -> None:
    page = Page(pages["three"])
    assert "Side by side" in page.words()
    assert len([image for image in page.all("svg") if image.get("role") == "img"]) == 2 + 2 + 2 + 1


def test_the_trials_show_prompt_reply_and_verdict_with_the_change_apart(page: Page) -> None:
    turned, unread = page.packed()
    assert [(one["arm"], one["order"], one["verdict"]) for one in turned["showings"][:3]] == [
        ("control", "ab", "a"),
        ("treatment", "ab", "b"),
        ("treatment", "ba", "tie"),
    ]
    assert turned["showings"][0]["prompt"][1] == "It is 4."
    assert (turned["target"], turned["gold"]) == ("b", "a")
    assert unread["showings"][0]["reply"] is None


def test_the_trials_say_how_many_of_how_many_they_are(page: Page) -> None:
    words = page.words()
    assert "2 of 32 items" in words
    assert "1 of 31 “moved toward the changed response” and 1 of 1 “without a verdict”." in words


def test_a_card_says_what_the_effect_means_with_placebo_and_noise_beside_it(page: Page) -> None:
    (card,) = [a for a in page.all("li") if a.get("id") == "judge-1-bias-3"]
    assert (card["data-decision"], card["data-family"]) == ("biased", "Invariance")
    words = page.words()
    meaning = "Of 100 comparisons, the changed response wins about 6 more than without the change"
    assert f"{meaning} (from 3 more to 9 more)." in words
    own = words[words.index(meaning) :]
    for name in ("Placebo", "Net of placebo", "Flips, %", "Noise floor, %", "Flips beyond noise"):
        assert name in own[: own.index("The trials behind it")]


def test_the_tallies_count_the_decisions(page: Page) -> None:
    said = re.sub(r"\s+", " ", page.words())
    assert "In short 4 ● biased 1 ◆ detectable, negligible 2 ▽ inconclusive 1 ○ equivalent 81.4 %" in said


def test_the_page_stays_small_and_is_the_same_each_time(audit: Audit, pages: dict[str, str]) -> None:
    assert len(pages["audit"]) < 150_000
    assert render_html([audit]) == pages["audit"]


def test_an_audit_without_effects_has_a_page(audit: Audit) -> None:
    page = Page(render_html([Audit(audit.effects.iloc[:0])]))
    assert "The audit holds no effects." in page.words()
    assert page.all("svg") == []


def test_the_trials_of_the_positive_control_stand_under_the_instrument(audit: Audit) -> None:
    behind = "The trials behind the positive control"
    control = replace(audit.samples[0], perturbation="positive_control")
    page = render_html([replace(audit, samples=(control,))])
    assert page.index("How far this judge") < page.index(behind) < page.index("Effects in points")
