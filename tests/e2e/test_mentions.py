"""What is mentioned in a chat, from the typed ``@`` to what the provider is sent."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done, run
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def asked(house: House) -> str:
    """The last question as the provider got it."""
    content = house.provider.requests[-1]["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def commit(house: House) -> None:
    person = ("-c", "user.name=n", "-c", "user.email=n@example.com")
    for arguments in (("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", *person, *arguments], cwd=house.project, check=True, timeout=20)


def context(nvim: Nvim) -> list[tuple[str, str]]:
    """What became of each mention of the turn that goes on."""
    parts = nvim.wait_event("ZekeTaskContext")["parts"]
    return [(part["label"], part["state"]) for part in parts]


def test_files_buffers_selections_and_diffs(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=1\n")
    commit(house)
    (house.project / ".env").write_text("KEY=2\n")
    (house.project / "a.py").write_text("def f():\n    return 2\n")
    nvim = editor()
    nvim.feed("2GVj<Esc>")
    nvim.command("call setline(1, 'def unsaved(values):')")
    run(nvim, "ZekeChat @selection, @file:a.py, @buffer and @diff? ANSWER: Seen.")
    assert context(nvim) == [
        ("@selection", "sent"),
        ("@file:a.py", "sent"),
        ("@buffer", "sent"),
        ("@diff", "sent"),
    ]
    done(nvim)
    nvim.wait_screen("Seen.")
    said = asked(house)
    assert "The selection of app.py, lines 2-3 (@selection):\n```python\n    result = 0" in said
    assert "The file a.py (@file:a.py):\n```python\ndef f():\n    return 2\n```" in said
    assert "The buffer app.py (@buffer):\n```python\ndef unsaved(values):" in said
    assert "-    return 1\n+    return 2\n```" in said
    assert "KEY" not in said
    assert said.endswith("@selection, @file:a.py, @buffer and @diff? ANSWER: Seen.")


def test_a_secret_in_a_buffer_is_asked_about(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=1\n")
    nvim = editor(".env")
    nvim.command("call setline(1, 'KEY=unsaved')")
    run(nvim, "ZekeChat what is in @buffer? ANSWER: Who knows.")
    nvim.wait_event("ZekeConsentAsked")
    answer(nvim, "<Esc>")
    assert context(nvim) == [("@buffer", "denied")]
    done(nvim)
    nvim.wait_screen("Who knows.")
    assert "KEY" not in str(house.provider.requests)
    assert "(@buffer): not shown to you." in asked(house)


def test_names_are_completed_and_secrets_are_not(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=1\n")
    (house.project / "app_two.py").write_text("x = 1\n")
    nvim = editor()
    nvim.command("set completeopt=menu,menuone,noselect")
    run(nvim, "ZekeChat")
    nvim.wait_screen("## You")
    nvim.feed("isee @file:<C-x><C-o>")
    text = nvim.wait_screen("app_two.py")
    assert ".env" not in text
    nvim.feed("<C-e>app_<C-x><C-o><C-n><C-y>")
    nvim.wait_screen("see @file:app_two.py")
