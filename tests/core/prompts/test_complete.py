from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.prompts.complete import CURSOR, chat, middle, one_line
from zeke_bridge.model.exchange import Audience, CompleteAsk

LINES = "".join(f"line {number}\n" for number in range(5000))


def ask(prefix: str, suffix: str = "\n", **more: object) -> CompleteAsk:
    return CompleteAsk(Audience(), prefix, suffix, **more)


def test_a_chat_shows_the_cursor_between_both_sides() -> None:
    body = chat(ask("a = ", "\nb", path="a.py", language="python"), small=False)
    said = body["messages"][-1]["content"]
    assert f"```python\na = {CURSOR}\nb\n```" in said
    assert "of a.py" in said
    assert "temperature" not in body
    assert chat(ask("a"), small=True)["temperature"] == 0.0
    assert "end of that line" in chat(ask("f(", ")\n"), small=True)["messages"][-1]["content"]


def test_a_filling_has_both_sides_and_stops_with_its_line() -> None:
    body = middle(ask("f(", ")\n", max_tokens=5), small=True)
    assert (body["prompt"], body["suffix"], body["max_tokens"]) == ("f(", ")\n", 5)
    assert body["stop"] == ["\n"]
    assert "stop" not in middle(ask("f()"), small=True)
    assert one_line(" )\n")
    assert not one_line("  \n)")


def test_what_is_far_away_is_left_out_line_by_line() -> None:
    body = middle(ask(LINES + "x = ", "\n" + LINES), small=False)
    assert body["prompt"].startswith("line ")
    assert body["prompt"].endswith("line 4999\nx = ")
    assert len(body["prompt"]) <= 8_000
    assert body["suffix"].startswith("\nline 0\n")
    assert body["suffix"].endswith("\n")
    assert len(body["suffix"]) <= 2_000
    assert len(middle(ask(LINES), small=True)["prompt"]) <= 640


def test_the_beginning_stays_while_somebody_types() -> None:
    typed = "x = some_function(with_arguments)\n"
    starts = {
        middle(ask(LINES + typed[:count]), small=True)["prompt"][:20] for count in range(len(typed))
    }
    assert len(starts) <= 2


@given(st.text(st.sampled_from("ab\n"), max_size=3000), st.text(max_size=20), st.booleans())
def test_what_is_shown_is_the_end_and_the_beginning(prefix: str, suffix: str, small: bool) -> None:
    body = middle(ask(prefix, suffix), small=small)
    assert prefix.endswith(body["prompt"])
    assert bool(body["prompt"]) == bool(prefix)
    assert suffix.startswith(body["suffix"])


def test_an_alternative_is_another_question_and_always_the_same_one() -> None:
    first, second = (ask("a = ", alternative=number) for number in (0, 1))
    for body in (middle, chat):
        bodies = [body(one, small=True) for one in (first, second, second)]
        assert bodies[0] != bodies[1] == bodies[2]
        assert bodies[0]["temperature"] == 0.0 < bodies[1]["temperature"]
        assert (bodies[0].get("seed"), bodies[1]["seed"]) == (None, 1)
    assert middle(ask("a", alternative=99), small=True)["temperature"] == 1.0
    plain, other = (chat(one, small=False) for one in (first, second))
    assert "choice 2" in other["messages"][-1]["content"]
    assert "choice" not in plain["messages"][-1]["content"]
    # Not every large model takes them.
    assert not {"temperature", "seed"} & other.keys()
