from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import figures
from zeke_bridge.core.page import sheet
from zeke_bridge.core.page.view import view
from zeke_bridge.model.stats import (
    CostStats,
    DayCost,
    ModelCost,
    ProviderCost,
    ProviderStats,
    RouteTaken,
    Stats,
)

ADDRESS = "http://127.0.0.1:8080"
NASTY = ("<script>", "</style>", "'", '"', "&", "-->", "{{", "{%", "]]>", "javascript:", "\u202e")
TEXT = st.lists(st.sampled_from(NASTY) | st.text(max_size=6), max_size=6).map("".join)


def html(stats: Stats, problem: str = "", address: str = ADDRESS, refresh: int = 10) -> str:
    page = view(stats, problem, figures.NOW, UTC)
    return sheet.html(page, address=address, refresh=refresh)


class Shape(HTMLParser):
    """Which elements with which attributes there are, and the text of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, frozenset[str]]] = []
        self.words: list[str] = []
        self.others: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, frozenset(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)


def stats_of(word: str) -> Stats:
    return Stats(
        replace(figures.usual().requests),
        costs=CostStats(
            by_provider=(ProviderCost(word, 1.0, 1.0, 3),),
            by_model=(ModelCost(word, 1.0, 3, 1.0),),
            by_day=(DayCost(word, 1.0, 3),),
        ),
        providers=(
            ProviderStats(word, f"ill {word}", True, 1.0, 1.0, 3),
            ProviderStats(word, "no key"),
        ),
        routes=(
            RouteTaken(figures.NOW, word, word, f"m{word}", word, f"e{word}", 1.0, 0.1, False),
        ),
    )


PLAIN = Shape(html(stats_of("plain"), "plain"))


@given(TEXT)
def test_nothing_from_outside_becomes_html(word: str) -> None:
    text = html(stats_of(word), f"p{word}", address=f"http://{word}")
    shape = Shape(text)
    assert shape.elements == PLAIN.elements
    assert shape.others == []
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text.split("</style>", 1)[1]
    )


def test_no_element_can_run_or_load_anything() -> None:
    for tag, attributes in PLAIN.elements:
        assert tag not in {"script", "iframe", "object", "embed", "img", "form", "base", "audio"}
        assert not {name for name in attributes if name.startswith("on")}
        assert "style" not in attributes
        assert "src" not in attributes
    text = html(figures.usual())
    assert re.findall(r'(?:href|content)="([^"]*)"', text) == [
        "width=device-width, initial-scale=1",
        "light dark",
        "10",
        "data:,",
        "/?refresh=0",
    ]
    assert "url(" not in text
    assert "@import" not in text


def test_the_policy_allows_our_style_and_nothing_else() -> None:
    style = re.findall(r"<style>(.*?)</style>", html(figures.usual()), re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in sheet.policy().split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_it_comes_anew_unless_it_is_told_not_to() -> None:
    live, still = html(figures.usual()), html(figures.usual(), refresh=0)
    assert '<meta http-equiv="refresh" content="10">' in live
    assert "Stop refreshing" in live
    assert "http-equiv" not in still
    assert "Look again" in still


def test_a_core_that_was_asked_nothing_says_how_to_ask() -> None:
    text = " ".join(Shape(html(Stats())).words)
    assert f"curl {ADDRESS}/v1/chat/completions" in text
    assert "None is set up yet" in text
    assert "Routes taken" not in text
    assert "Cost per day" not in text


def test_a_core_that_shows_no_page_does_not_load_the_templates() -> None:
    code = "import sys, zeke_bridge.core.assemble; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_odd_figures_do_not_break_it() -> None:
    text = html(figures.odd()).split("</style>", 1)[1]
    assert "nan%" not in text
    assert "inf%" not in text


def test_every_table_has_a_caption_and_every_drawing_a_name() -> None:
    text = html(figures.crowd(), "wrong")
    assert text.count("<table") == text.count("<caption") == 7
    for drawing in re.findall(r"<svg[^>]*>", text):
        assert "aria-labelledby=" in drawing or 'aria-hidden="true"' in drawing
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    named = {
        name for group in re.findall(r'aria-labelledby="([^"]*)"', text) for name in group.split()
    }
    assert named <= set(ids)
