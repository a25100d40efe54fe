"""The inbox `:ZekeConsents` and the project's file: trusted only as it was seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.broker import FakeBroker
from tests.lua.inbox import (
    Inbox,
    grant,
    state,
)

FILE: dict[str, Any] = {"trust": "untrusted", "hash": "abc", "git": "untracked"}


@pytest.mark.parametrize(("key", "method"), [("t", "consent.trust"), ("x", "consent.reject")])
def test_judging_the_file(inbox: Inbox, broker: FakeBroker, key: str, method: str) -> None:
    inbox.open(**FILE, project=[grant(1, "a.py")])
    inbox.on("a.py")
    inbox.nvim.feed(key)
    assert broker.expect(method)["hash"] == "abc"


def test_a_file_that_changed_meanwhile_is_not_trusted(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(**FILE, project=[grant(1, "a.py")])
    inbox.on("a.py")
    changed = {**FILE, "hash": "def"}
    broker.states["consents"] = state(**changed, project=[grant(1, "a.py"), grant(2, "evil.py")])
    inbox.nvim.feed("t")
    inbox.nvim.wait_screen("The file has just changed: look at its grants")
    assert "evil.py" in inbox.text()
    inbox.nothing_was_sent()


def test_grants_that_were_never_in_sight_are_not_trusted(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(**FILE, project=[grant(n, f"f{n}.py") for n in range(40)])
    inbox.on("the project's file")
    inbox.nvim.feed("t")
    for unread, first in ((32, "f8.py"), (16, "f24.py")):
        inbox.nvim.wait_screen(f"Grants of the file that were not in sight yet: {unread}.")
        inbox.nothing_was_sent()
        assert first in inbox.line()
        inbox.steady()
        inbox.nvim.feed("t")
    assert broker.expect("consent.trust")["hash"] == "abc"


def test_keeping_the_file_out_of_git(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(**FILE)
    inbox.nvim.feed("e")
    broker.expect("consent.exclude")
    inbox.change(**{**FILE, "git": "tracked"})
    inbox.nvim.feed("e")
    inbox.nvim.wait_screen("Git tracks .zeke-consents.json")
    assert not broker.seen("consent.exclude")


def test_what_takes_back_needs_no_moment_in_a_list_that_just_came(
    inbox: Inbox, broker: FakeBroker
) -> None:
    broker.states["consents"] = state(**FILE, project=[grant(1, "a.py")])
    inbox.guard(60_000)
    inbox.nvim.feed(":ZekeConsents<CR>")
    inbox.nvim.wait_screen("a.py")
    inbox.nvim.feed("/a.py<CR>r")
    assert broker.expect("consent.revoke")["ids"] == ["g1"]
    inbox.nvim.feed("t")
    assert broker.expect("consent.trust")["hash"] == "abc"
