"""A proposal on the text that is really there, whatever that has become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.broker.review.accepted import accepted
from zeke_bridge.broker.review.base import NOTHING, Base, of_buffer, of_content
from zeke_bridge.broker.review.draft import (
    CHANGED,
    NOTHING_FITS,
    Carried,
    Draft,
    Patched,
    Whole,
    carried,
    known,
    onto,
    whole,
)
from zeke_bridge.broker.review.settled import Settled
from zeke_bridge.model.action import ASSISTANT, Op
from zeke_bridge.model.errors import PatchError
from zeke_bridge.model.task import Buffer
from zeke_bridge.warden.prompt import MAX_LINES, MAX_SHOWN
from zeke_bridge.workspace.patch import Hunk, Patch, apply

LINES = st.lists(st.sampled_from(["a", "b", "", "c"]), max_size=8)
FIVE = of_content(b"1\n2\n3\n4\n5\n")
ROOT = "/p"


def drafted(content: str, base: Base = FIVE) -> Draft:
    return whole(Whole("a.py", content), base)


def test_a_new_file_is_one_hunk() -> None:
    draft = drafted("a\nb\n", NOTHING)
    assert (draft.kind, draft.patch.hunks) == ("create", (Hunk(1, (), ("a", "b")),))
    choice = accepted(draft, None, ROOT, ASSISTANT)
    assert choice.content == b"a\nb\n"
    assert choice.action is not None
    assert (choice.action.op, choice.action.base_sha256) == (Op.CREATE, "")
    assert choice.action.diff == ("+a", "+b")


def test_of_a_long_new_file_the_prompt_has_all_that_it_has_room_for() -> None:
    choice = accepted(drafted("a\n" * 1000, NOTHING), None, ROOT, ASSISTANT)
    assert choice.action is not None
    assert (choice.action.diff, choice.action.unshown) == (("+a",) * 1000, 0)
    for content, room in (("a\n" * (MAX_LINES + 7), MAX_LINES), (f"{'a' * MAX_SHOWN}\n" * 3, 1)):
        action = accepted(drafted(content, NOTHING), None, ROOT, ASSISTANT).action
        assert action is not None
        assert (len(action.diff), action.unshown) == (room, action.added - room)


def test_a_long_change_is_in_the_action_with_all_its_lines() -> None:
    old = of_content("".join(f"{at}\n" for at in range(3000)).encode())
    new = "".join(f"x{at}\n" for at in range(3000))
    action = accepted(drafted(new, old), None, ROOT, ASSISTANT).action
    assert action is not None
    assert len(action.diff) == 1 + action.added + action.removed == 6001
    assert {line[0] for line in action.diff} == set("@-+")


def test_a_file_that_is_there_is_changed_where_it_differs() -> None:
    draft = drafted("1\nx\n3\n4\ny\n")
    assert draft.kind == "change"
    assert [hunk.start_line for hunk in draft.patch.hunks] == [2, 5]
    choice = accepted(draft, [2], ROOT, ASSISTANT)
    assert choice.content == b"1\n2\n3\n4\ny\n"
    assert choice.action is not None
    assert (choice.action.op, choice.action.base_sha256) == (Op.WRITE, FIVE.digest)
    assert (choice.action.added, choice.action.removed) == (1, 1)
    assert choice.action.diff[0] == "@@ -2,4 +2,4 @@"


def test_the_line_ends_of_the_file_stay() -> None:
    draft = drafted("a\r\nx\r\n", of_content(b"a\r\nb\r\n"))
    assert [hunk.start_line for hunk in draft.patch.hunks] == [2]
    assert accepted(draft, None, ROOT, ASSISTANT).content == b"a\r\nx\r\n"


def test_in_a_file_of_several_line_ends_each_stays() -> None:
    draft = drafted("a\nb\nkeep\nd\n", of_content(b"a\r\nb\nkeep\r\nc\n"))
    assert draft.patch.hunks == (Hunk(4, ("c",), ("d",)),)
    assert accepted(draft, None, ROOT, ASSISTANT).content == b"a\r\nb\nkeep\r\nd\n"


@pytest.mark.parametrize(
    ("there", "text"),
    [
        (b"a", "a\n"),
        (b"a\n", "a"),
        (b"a\r\n", "a\n"),
        (b"a\r\nb\n", "a\nb\n"),
    ],
)
def test_line_ends_alone_are_not_changed_and_not_said_to_be(there: bytes, text: str) -> None:
    base = of_content(there)
    with pytest.raises(PatchError, match="stay as the file has them"):
        whole(Whole("a.py", text, exact=True), base)
    # Code from an answer says nothing of how the file is to end.
    assert drafted(text, base).patch.hunks == ()
    assert whole(Whole("a.py", there.decode(), exact=True), base).patch.hunks == ()


def test_the_same_text_has_no_hunk() -> None:
    assert drafted("1\n2\n3\n4\n5\n").patch.hunks == ()


def test_a_buffer_without_a_file_needs_no_action() -> None:
    draft = known(Patched("", of_buffer(Buffer("a")), Patch((Hunk(1, ("a",), ("b",)),))))
    assert accepted(draft, None, ROOT, ASSISTANT).action is None


@pytest.mark.parametrize("numbers", [[0], [3], [1, 9], [-1]])
def test_a_hunk_that_is_not_there_is_refused(numbers: list[int]) -> None:
    with pytest.raises(PatchError, match="no such hunk"):
        accepted(drafted("1\nx\n3\n4\ny\n"), numbers, ROOT, ASSISTANT)


def test_a_text_that_changed_gets_the_same_change() -> None:
    now = of_buffer(Buffer("0\n1\n2\n3\n4\n5", changedtick=9))
    moved = onto(drafted("1\nx\n3\n4\ny\n"), now)
    assert [hunk.start_line for hunk in moved.patch.hunks] == [3, 6]
    assert (moved.base, moved.note) == (now, CHANGED)


def test_hunks_that_do_not_fit_are_left_out_and_counted() -> None:
    now = of_buffer(Buffer("1\nmine\n3\n4\n5"))
    moved = onto(drafted("1\nx\n3\n4\ny\n"), now)
    assert [hunk.new for hunk in moved.patch.hunks] == [("y",)]
    assert moved.note == (
        "The text changed meanwhile; this is the new diff, and 1 of 2 changes does not fit any "
        "more."
    )
    assert moved.conflicts == (Hunk(2, ("2",), ("x",)),)


def test_what_fits_nothing_now_comes_back_with_the_text() -> None:
    draft = drafted("1\nx\n3\n4\ny\n")
    lost = onto(draft, of_buffer(Buffer("all of it mine")))
    assert (lost.patch.hunks, lost.conflicts, lost.note) == ((), draft.patch.hunks, NOTHING_FITS)
    assert not lost.empty
    half = onto(lost, of_buffer(Buffer("1\nmine\n3\n4\n5")))
    assert ([hunk.new for hunk in half.patch.hunks], len(half.conflicts)) == ([("y",)], 1)
    back = onto(half, of_buffer(Buffer("1\n2\n3\n4\n5", changedtick=9)))
    assert (back.patch, back.conflicts) == (draft.patch, ())


def test_a_patch_for_a_text_that_was_seen_earlier() -> None:
    patch = Patch((Hunk(5, ("5",), ("y",)),))
    now = of_buffer(Buffer("mine\n1\n2\n3\n4\n5", changedtick=2))
    draft = carried(Carried("a", FIVE, patch, now), now)
    assert draft.patch.hunks == (Hunk(6, ("5",), ("y",)),)
    new = Carried("a", NOTHING, Patch((Hunk(1, (), ("x",)),)))
    assert carried(new, NOTHING).kind == "create"
    assert carried(new, of_content(b"")).patch.hunks == (Hunk(1, ("",), ("x",)),)
    with pytest.raises(PatchError, match="made by somebody else"):
        carried(new, FIVE)


def test_a_file_that_came_or_went_meanwhile() -> None:
    gone = onto(drafted("1\nx\n"), NOTHING)
    assert (gone.kind, gone.patch.hunks) == ("create", (Hunk(1, (), ("1", "x")),))
    came = onto(drafted("1\nx\n", NOTHING), of_content(b"1\n2\n"))
    assert (came.kind, came.patch.hunks) == ("change", (Hunk(2, ("2",), ("x",)),))
    with pytest.raises(PatchError, match="not there any more"):
        onto(known(Patched("a", FIVE, Patch((Hunk(1, ("1",), ("x",)),)))), NOTHING)


@given(LINES, LINES, st.booleans(), st.data())
def test_any_choice_of_hunks_is_what_is_written_and_told(
    old: list[str], new: list[str], crlf: bool, data: st.DataObject
) -> None:
    eol = "\r\n" if crlf else "\n"
    base = of_content("".join(line + eol for line in old).encode())
    draft = drafted("".join(line + "\n" for line in new), base)
    total = len(draft.patch.hunks)
    if not total:
        return
    numbers = data.draw(st.sets(st.integers(1, total), min_size=1))
    choice = accepted(draft, sorted(numbers, reverse=True), ROOT, ASSISTANT)
    expected = apply(base.lines, [draft.patch.hunks[number - 1] for number in sorted(numbers)])
    assert choice.content == base.encode(expected)
    if len(numbers) == total:
        assert tuple(expected) == draft.wanted
    one = Settled(1, 1, "/p/a.py", "a.py", "written", base, draft.patch, choice.numbers)
    # What is told as rejected, put on what is told as accepted, is the proposal.
    assert set(one.accepted.hunks) | set(one.rejected.hunks) == set(draft.patch.hunks)
    assert len(one.accepted.hunks) + len(one.rejected.hunks) == total
    assert apply(base.lines, one.accepted.hunks) == expected


@given(LINES, LINES, LINES)
def test_no_way_through_other_texts_loses_a_hunk(
    old: list[str], new: list[str], other: list[str]
) -> None:
    base = of_buffer(Buffer("\n".join(old)))
    draft = whole(Whole("a", "\n".join(new) + "\n"), base)
    there = onto(draft, of_buffer(Buffer("\n".join(other))))
    assert len(there.patch.hunks) + len(there.conflicts) == len(draft.patch.hunks)
    back = onto(there, base)
    assert (back.patch, back.conflicts) == (draft.patch, ())
