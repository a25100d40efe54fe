"""GhostWarden's prompt before a real broker: what it shows, who sees it, and what denies."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SAMPLE, Opener, Scripts
from tests.e2e.loop import Stopwatch, never_stalls
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, propose, run
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

ASKING = {"ghostllm": {"auto_approve_read": False}}
READY = "Esc denies"
WAITS = "To answer:"
STATUSLINE = "vim.o.statusline = \"%{%v:lua.require'zeke'.statusline()%}\""


@pytest.fixture
def nvim(editor: Opener) -> Nvim:
    """Asks before anything is read."""
    return editor(settings=ASKING)


def connect(nvim: Nvim) -> None:
    """Have Neovim connected to the broker, and a key typed since."""
    run(nvim, "ZekeStatus")
    nvim.wait_screen("editors:")
    nvim.feed("q")
    nvim.wait_gone("editors:")


def audited(house: House) -> list[dict[str, Any]]:
    """All verdicts so far, and their chain holds."""
    assert house.zeke("warden", "audit", "--verify").returncode == 0
    lines = (house.state / "audit.jsonl").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["kind"] == "verdict"]


def files(house: House, count: int) -> list[Path]:
    made = [house.project / f"f{number:03}.txt" for number in range(count)]
    for path in made:
        path.write_text("x\n")
    return made


@pytest.mark.parametrize(
    "keys",
    ["<Esc>", "d", ":q<CR>", "<C-w>c", ":bwipeout!<CR>", "<C-w>p:only<CR>", ":tabnew|tabonly<CR>q"],
)
def test_what_denies(nvim: Nvim, house: House, keys: str) -> None:
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)
    if keys.startswith(":tabnew"):
        # It follows to the new tab page, and is no answer; closing that page is one.
        nvim.feed(":tabnew<CR>")
        nvim.wait_screen(WAITS)
        keys = ":tabclose<CR>"
    nvim.feed(keys)
    name, data = nvim.wait_any("ZekeTaskFailed", "ZekeTaskDone")
    assert (name, data["code"]) in {("ZekeTaskFailed", "denied"), ("ZekeTaskFailed", "cancelled")}
    nvim.wait_gone("[1] Allow once")
    house.zeke("broker", "stop")
    (last,) = audited(house)
    assert (last["verdict"], last["target"]) == ("deny", "app.py")
    assert last["step"] in ({"person", "withdrawn"} if "only" in keys else {"person"})
    assert house.provider.requests == []


@pytest.mark.parametrize("how", ["quit", "kill"])
def test_a_neovim_that_goes_denies(nvim: Nvim, house: House, script: Scripts, how: str) -> None:
    connect(nvim)
    asker = script()
    asker.explain(house.project / "app.py", house.project / "a.py")
    nvim.wait_screen(WAITS)
    if how == "quit":
        nvim.quit()
    else:
        os.kill(nvim.pid, signal.SIGKILL)
    for _ in ("app.py", "a.py"):
        assert asker.until("task.failed", "task.done")["code"] == "denied"
    verdicts = audited(house)
    assert [line["verdict"] for line in verdicts] == ["deny", "deny"]
    assert {line["step"] for line in verdicts} <= {"gone", "person", "no_person"}
    assert house.provider.requests == []


def test_a_killed_neovim_whose_own_question_it_was(nvim: Nvim, house: House) -> None:
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)
    os.kill(nvim.pid, signal.SIGKILL)
    assert house.zeke("broker", "stop").returncode == 0
    assert not [line for line in audited(house) if line["verdict"] == "allow"]
    assert house.provider.requests == []


def test_a_killed_broker_says_so(nvim: Nvim, house: House, script: Scripts) -> None:
    connect(nvim)
    script().explain(house.project / "app.py")
    nvim.wait_screen(WAITS)
    house.kill()
    nvim.wait_screen("The broker stopped while it asked: nothing was allowed.")
    assert "[1] Allow once" not in nvim.screen.text


def test_two_at_once_in_their_order(nvim: Nvim, house: House) -> None:
    house.provider.release()
    run(nvim, "ZekeExplain")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.wait_screen(READY)
    nvim.feed("<C-w>p:edit a.py<CR>")
    nvim.wait_for("vim.fn.expand('%:t') == 'a.py'")
    run(nvim, "ZekeExplain")
    nvim.wait_screen("GhostWarden ─ 1 of 2")
    assert "read  app.py" in nvim.screen.text
    assert "a.py" not in nvim.screen.text.split("GhostWarden")[1].replace("app.py", "")
    run(nvim, "Zeke prompt")
    nvim.wait_screen(READY)
    nvim.feed("1")
    nvim.wait_screen("read  a.py")
    nvim.wait_screen("GhostWarden ─ 2 of 2")
    answer(nvim, "d")
    ended = [nvim.wait_any("ZekeTaskDone", "ZekeTaskFailed") for _ in "12"]
    assert {name for name, _ in ended} == {"ZekeTaskDone", "ZekeTaskFailed"}
    last = audited(house)[-1]
    assert (last["verdict"], last["target"]) == ("deny", "a.py")


def test_keys_typed_ahead_of_the_question(nvim: Nvim, house: House) -> None:
    nvim.feed(":ZekeExplain<CR>1111dd<Esc>")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.feed("1<Esc>")
    nvim.settle()
    assert house.provider.requests == []
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    done(nvim)


def test_it_goes_to_the_neovim_that_asked(editor: Opener) -> None:
    one, two = editor(settings=ASKING), editor(settings=ASKING)
    connect(two)
    run(one, "ZekeExplain")
    one.wait_screen(READY)
    two.settle()
    assert "GhostWarden" not in two.screen.text
    answer(one, "1")
    done(one)


def test_a_script_asks_in_the_neovim_of_the_project_used_last(
    editor: Opener, house: House, script: Scripts
) -> None:
    elsewhere = house.base / "elsewhere"
    elsewhere.mkdir()
    one, two, other = editor(), editor(), editor(cwd=elsewhere)
    for nvim in (two, one, other):
        connect(nvim)
    asker = script()
    asker.explain(house.project / "app.py")
    one.wait_screen(WAITS)
    for nvim in (two, other):
        nvim.settle()
        assert "GhostWarden" not in nvim.screen.text
    run(one, "Zeke prompt")
    answer(one, "1")
    asker.until("task.done", id="app.py")


def test_three_hundred_requests_in_a_second(editor: Opener, house: House, script: Scripts) -> None:
    nvim = editor(init=STATUSLINE)
    connect(nvim)
    askers = [script() for _ in range(10)]
    wanted = files(house, 300)
    nvim.feed("Go")
    slowest = 0.0
    with never_stalls(nvim):
        for turn, asker in enumerate(askers):
            asker.explain(*wanted[turn * 30 : turn * 30 + 30])
            watch = Stopwatch(nvim)
            nvim.feed("k")
            nvim.wait_screen("k" * (turn + 1))
            slowest = max(slowest, watch.seconds())
        for asker in askers:
            for _ in range(22 if asker is askers[0] else 30):
                ended = asker.until("task.failed")
                assert ended["code"] == "busy", ended
    assert slowest < 0.5
    nvim.feed("<Esc>")
    nvim.wait_screen("zeke: 8 waiting")
    nvim.wait_screen("GhostWarden ─ 1 of 8")
    assert nvim.lines()[-1] == "k" * 10
    assert house.provider.requests == []


SPOOFED = {
    "bidi": "x\u202egnp.py",
    "zero width": "sa\u200bfe.py",
    "combining": "e" + "\u0301" * 60 + ".py",
    "wide": "日本語" * 25 + ".py",
    "ours": "[1] Allow once  [2] Session.py",
    "long": "/".join(["a-long-name-for-a-directory"] * 12) + "/the-end.py",
}


@pytest.mark.parametrize("path", SPOOFED.values(), ids=SPOOFED.keys())
def test_a_spoofed_path(editor: Opener, house: House, path: str) -> None:
    nvim = editor()
    content = "\x1b[2J\r Risk: Low\u2028\u202e\n [1] Allow once  [2] Session\n"
    house.provider.script.append(json.dumps({"files": [{"path": path, "content": content}]}))
    run(nvim, "ZekeCreate something")
    name, data = nvim.wait_any("ZekeReviewOpened", "ZekeTaskFailed")
    if name == "ZekeTaskFailed":
        assert "path" in data["message"] or "name" in data["message"], data
        return
    nvim.feed("ga")
    nvim.wait_screen(lambda screen: READY in screen.text or "denied" in screen.text)
    prompt = nvim.screen.text.partition("GhostWarden ─")[2]
    if prompt:
        for bad in "\u202e\u200b\x1b\u2028\r":
            assert bad not in prompt
        assert prompt.count("\n│ Risk: ") == 1
        assert prompt.count("\n│ [1] Allow once") == 1
        assert "\u0301" * 3 not in prompt
        answer(nvim, "d")
    done(nvim)
    assert not (house.project / path).exists()


def test_a_spoofed_change(editor: Opener, house: House) -> None:
    nvim = editor()
    forged = "\n Risk: Low\n [1] Allow once\n\x1b[31m zeke wants to\u202e\n read  README.md\n"
    house.provider.script.append(json.dumps({"replacement": forged}))
    run(nvim, "1,5ZekeEdit x")
    name, _ = nvim.wait_any("ZekeTaskPatch", "ZekeTaskFailed")
    if name == "ZekeTaskFailed":
        propose(nvim, "1,5ZekeEdit x")
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
    accept(nvim)
    nvim.wait_screen(READY)
    prompt = nvim.screen.text.partition("GhostWarden ─")[2]
    assert prompt.count("\n│ Risk: ") == 1
    assert prompt.count("\n│ [1] Allow once") == 1
    assert "\x1b" not in prompt
    answer(nvim, "d")
    assert (house.project / "app.py").read_text() == SAMPLE
