from __future__ import annotations

from zeke_bridge.broker.agents.seen import MOST_TEXTS, Seen


def test_a_text_is_known_by_where_its_file_is() -> None:
    seen = Seen()
    seen.keep("/p/./b/../a.py", "one")
    assert seen.text("/p/a.py") == "one"
    seen.forget("/p//a.py")
    seen.forget("/p/a.py")
    assert seen.text("/p/a.py") is None


def test_of_too_many_the_oldest_are_forgotten() -> None:
    seen = Seen()
    for number in range(MOST_TEXTS):
        seen.keep(f"/{number}", "x")
    seen.keep("/0", "y")
    seen.keep("/more", "z")
    assert [seen.text(path) for path in ("/0", "/1", "/2", "/more")] == ["y", None, "x", "z"]
