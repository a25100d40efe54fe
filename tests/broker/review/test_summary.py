"""What a model is told: every reason, whatever there is room for."""

from __future__ import annotations

from dataclasses import replace
from typing import cast, get_args

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.broker.review.base import of_content
from zeke_bridge.broker.review.settled import Settled, State
from zeke_bridge.broker.review.summary import instruction, request, told
from zeke_bridge.workspace.patch import Hunk, Patch

BASE = of_content(b"1\n2\n3\n")
PATCH = Patch((Hunk(1, ("1",), ("x",)), Hunk(3, ("3",), ("y", "z"))))


def settled(
    state: State = "written",
    taken: tuple[int, ...] = (1,),
    reason: str = "",
    *,
    name: str = "a.py",
    patch: Patch = PATCH,
    message: str = "",
) -> Settled:
    return Settled(1, 1, f"/p/{name}", name, state, BASE, patch, taken, message, reason)


def test_a_part_that_was_taken() -> None:
    assert told([settled(reason="keep the 3")]) == (
        "a.py: 1 of 2 changes were accepted and are in the text now.\n"
        "Not taken:\n    @@ line 3 @@\n    -3\n    +y\n    +z\n"
        "Taken:\n    @@ line 1 @@\n    -1\n    +x\n"
        "The reason: keep the 3"
    )


def test_each_end_has_its_words() -> None:
    def said(state: State, taken: tuple[int, ...] = (), message: str = "") -> str:
        return told([settled(state, taken, message=message)]).split("\n")[0]

    assert said("written", (1, 2)) == "a.py: all of it was accepted and is in the text now."
    assert said("applied", (2,)) == "a.py: 1 of 2 changes were accepted and are in the text now."
    assert said("rejected") == "a.py: all of it was rejected."
    assert said("denied", message="You said no.") == "a.py: this was not allowed. You said no."
    assert said("failed", message="Full.") == "a.py: this could not be done. Full."
    assert said("same") == "a.py: it had exactly this text already."


def test_what_did_not_fit_is_said_to_be_the_text_s_doing() -> None:
    one = replace(settled(taken=(1, 2)), conflicts=(Hunk(9, ("9",), ("nine",)),))
    assert told([one]).split("\n")[:4] == [
        "a.py: 2 of 3 changes were accepted and are in the text now.",
        "Not taken, because the text there has changed since:",
        "    @@ line 9 @@",
        "    -9",
    ]


def test_several_files_stand_apart() -> None:
    text = told([settled(name="a.py"), settled("rejected", (), "no", name="b.py")])
    assert "\n\nb.py: all of it was rejected.\n" in text


def test_what_has_no_room_is_counted() -> None:
    patch = Patch((Hunk(1, (), tuple("x" * 20 for _ in range(100))),))
    text = told([settled("rejected", (), "too long", patch=patch)], 200)
    assert "more lines\nThe reason: too long" in text
    assert len(text) < 300
    assert "@@" not in told([settled("rejected", (), "no")], 0)


def test_the_story_begins_with_the_wish_and_ends_with_what_to_do() -> None:
    rounds = [[settled("rejected", (), "first why")], [settled("rejected", (), "second why")]]
    text = instruction("Sort it.", rounds, 20_000)
    assert text.startswith("Sort it.\n\nYour proposal for this was looked at.")
    assert text.index("first why") < text.index("Your proposal number 2") < text.index("second why")
    assert text.endswith("do not repeat what was rejected.")
    assert instruction("", rounds, 20_000).startswith("Your proposal for this")


def test_in_a_conversation_the_wish_is_not_repeated() -> None:
    assert request([settled(reason="no")]).startswith("Your proposal was looked at.\n\na.py:")


REASONS = st.text(max_size=60)
FILES = st.lists(
    st.builds(
        settled,
        st.sampled_from([cast("State", state) for state in get_args(State)]),
        st.sampled_from([(), (1,), (2,), (1, 2)]),
        REASONS,
        message=st.sampled_from(["", "A sentence."]),
    ),
    max_size=4,
)


@given(FILES, st.integers(-10, 500))
def test_no_reason_is_lost(files: list[Settled], room: int) -> None:
    for text in (told(files, room), request(files, room)):
        assert all(one.reason in text for one in files)


@given(st.lists(FILES, max_size=4), st.integers(0, 2000))
def test_no_reason_of_any_round_is_lost(rounds: list[list[Settled]], most: int) -> None:
    text = instruction("Wish.", rounds, most)
    assert all(one.reason in text for files in rounds for one in files)
    bare = len(instruction("Wish.", rounds, 0))
    assert len(text) <= max(most, bare)
