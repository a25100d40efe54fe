from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.prompts.excerpt import beginning, block, ending

LINES = "one\ntwo\nthree\nfour"


def test_whole_lines_are_kept_and_the_rest_is_counted() -> None:
    assert beginning(LINES, 9) == "one\ntwo\n… (2 more lines)"
    assert ending(LINES, 11) == "… (2 lines before)\nthree\nfour"
    assert beginning(LINES, 100) == ending(LINES, 100) == LINES


@given(st.text(max_size=200), st.integers(1, 50))
def test_it_is_never_much_longer(text: str, most: int) -> None:
    assert len(beginning(text, most)) <= most + 30
    assert len(ending(text, most)) <= most + 30


@given(st.text(st.sampled_from("`a\n"), max_size=30))
def test_a_block_ends_where_it_should(text: str) -> None:
    fence = block(text).partition("\n")[0]
    assert fence not in text
    assert block(text) == f"{fence}\n{text}\n{fence}"
