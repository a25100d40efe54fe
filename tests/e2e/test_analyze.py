"""``:ZekeAnalyze``: findings where they belong, and one upstream call for what is asked together."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, connected, done, failed, run, says
from tests.fakes.house import House

KINDS = ("quality", "security", "performance")
DIAGNOSTICS = """return vim.tbl_map(function(d)
  return { d.lnum + 1, d.severity, d.source, d.message } end, vim.diagnostic.get(0))"""


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def quickfix(nvim: Nvim) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nvim.lua("return vim.fn.getqflist()")
    return found


def findings(**by_kind: Any) -> str:
    """An answer for one command that asks for these kinds, in their order of being asked."""
    return json.dumps({"results": by_kind})


def test_findings_become_diagnostics_and_a_quickfix_list(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "2,4ZekeAnalyze security")
    ended = done(nvim)
    assert ended["findings"][0]["kind"] == "security"
    assert ended["findings"][0]["text"] == "result = 0"
    text = nvim.wait_screen("Found 1 thing in app.py (security 1).")
    [[line, severity, source, message]] = nvim.lua(DIAGNOSTICS)
    assert (line, severity, source) == (2, 2, "zeke security")
    assert message == "A message of the fake.\nA suggestion of the fake."
    [entry] = quickfix(nvim)
    assert (entry["lnum"], entry["type"]) == (2, "W")
    assert "security: A message of the fake." in entry["text"]
    assert "warning  app.py:2  A message of the fake." in text
    # The cursor stays with the code.
    assert nvim.lua("return vim.fn.expand('%:t')") == "app.py"


def test_three_commands_are_one_upstream_call(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    before = len(house.provider.requests)
    with house.still():  # However slowly they are typed, they are asked together.
        for kind in KINDS:
            run(nvim, f"ZekeAnalyze {kind}")
        nvim.wait_for("require('zeke.tasks').count() == 3")
    ends = [done(nvim) for _ in KINDS]
    assert len({end["call"] for end in ends}) == 1
    assert len(house.provider.requests) == before + 1
    assert {kind for end in ends for kind in end["kinds"]} == set(KINDS)
    assert sorted(source for _, _, source, _ in nvim.lua(DIAGNOSTICS)) == sorted(
        f"zeke {kind}" for kind in KINDS
    )
    assert len(quickfix(nvim)) == 3


def test_without_a_kind_it_is_all_of_them_at_once(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeAnalyze")
    assert set(done(nvim)["kinds"]) == set(KINDS)
    assert len(house.provider.requests) == 1
    assert len(quickfix(nvim)) == 3


def test_what_is_asked_while_a_prompt_waits_goes_along(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=1\n")
    nvim = editor(".env")
    run(nvim, f"ZekeAnalyze {KINDS[0]}")
    nvim.wait_screen("Esc denies")
    nvim.feed("<C-w>p")
    for kind in KINDS[1:]:
        run(nvim, f"ZekeAnalyze {kind}")
    nvim.wait_for("require('zeke.tasks').count() == 3")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    assert house.provider.requests == []
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    assert len({done(nvim)["call"] for _ in KINDS}) == 1
    assert len(house.provider.requests) == 1


def test_a_missing_part_is_asked_again_alone(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:missing-part"})
    run(nvim, "ZekeAnalyze quality security")
    assert set(done(nvim)["kinds"]) == {"quality", "security"}
    assert len(house.provider.requests) == 2
    assert len(nvim.lua(DIAGNOSTICS)) == 2


def test_cancelling_takes_it_out(editor: Opener, house: House) -> None:
    nvim = connected(editor())
    with house.still():
        run(nvim, "ZekeAnalyze quality")
        run(nvim, "ZekeAnalyze security")
        run(nvim, "ZekeCancel 1")
        nvim.wait_screen("Cancelled: 1.")
    name, data = nvim.wait_any("ZekeTaskDone", "ZekeTaskFailed")
    if name == "ZekeTaskFailed":
        assert data["code"] == "cancelled"
        data = done(nvim)
    assert data["kinds"] == ["security"]
    [request] = house.provider.requests
    assert "quality" not in str(request["messages"][-1])


def test_nonsense_twice_is_a_sentence(editor: Opener, house: House) -> None:
    nvim = editor()
    house.provider.script.extend(["It looks fine to me!", "It really does!"])
    run(nvim, "ZekeAnalyze quality")
    failed(nvim)
    assert len(house.provider.requests) == 2
    assert nvim.lua(DIAGNOSTICS) == []


def test_an_unknown_kind_names_the_nearest(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeAnalyze sekurity")
    nvim.wait_screen("did you mean security?")
    assert house.provider.requests == []
    complete = "vim.fn.getcompletion('ZekeAnalyze ', 'cmdline')"
    assert nvim.lua(f"return {complete}") == [*KINDS, "changed"]


def git(project: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *words],
        cwd=project,
        check=True,
        capture_output=True,
        timeout=30,
    )


def test_the_changed_files_of_the_project_and_no_others(editor: Opener, house: House) -> None:
    for name in ("same.py", "other.py", ".env"):
        (house.project / name).write_text("value = 1\n")
    committed(house.project)
    (house.project / "other.py").write_text("value = eval(input())\n")
    (house.project / ".env").write_text("KEY=very-secret\n")
    nvim = editor()
    nvim.feed("Go# not saved<Esc>")
    run(nvim, "w")
    run(nvim, "ZekeAnalyze changed security")
    done(nvim)
    done(nvim)
    nvim.wait_screen("Found 2 things in 2 files (security 2).")
    sent = json.dumps([request["messages"] for request in house.provider.requests])
    assert "eval(input())" in sent
    assert "# not saved" in sent
    assert "very-secret" not in sent
    assert "same.py" not in sent
    text = nvim.wait_screen("2 findings in 2 files")
    assert "app.py:" in text
    assert "other.py:" in text
    assert nvim.lua("return vim.fn.bufloaded('other.py')") == 0
    run(nvim, "ZekeFindings")
    nvim.lua("vim.fn.search('other.py')")
    nvim.feed("<CR>")
    nvim.wait_screen("value = eval(input())")


def committed(project: Path) -> None:
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "All of it")


def test_new_files_are_looked_at_and_what_is_left_out_is_said(editor: Opener, house: House) -> None:
    committed(house.project)
    (house.project / "fresh.py").write_text("value = eval(input())\n")
    (house.project / ".env").write_text("KEY=very-secret\n")
    (house.project / "link.py").symlink_to("app.py")
    nvim = editor()
    run(nvim, "ZekeAnalyze changed security")
    done(nvim)
    says(nvim, "2 left out (secrets, links, other projects).")
    nvim.wait_screen("Found 1 thing in fresh.py (security 1).")
    sent = json.dumps([request["messages"] for request in house.provider.requests])
    assert "eval(input())" in sent
    assert "very-secret" not in sent


def test_eleven_files_and_all_kinds(editor: Opener, house: House) -> None:
    committed(house.project)
    for number in range(11):
        (house.project / f"n{number:02}.py").write_text(f"value = {number}\n")
    nvim = editor()
    run(nvim, "ZekeAnalyze changed")
    for _ in range(11):
        done(nvim)
    says(nvim, "Found 33 things in 11 files (quality 11, security 11, performance 11).")
    assert 3 <= len(house.provider.requests) <= 6
    # Opening one of them changes nothing of it.
    run(nvim, "edit n05.py")
    run(nvim, "ZekeFindings")
    assert "changed since" not in nvim.wait_screen("33 findings in 11 files")
    nvim.feed("r")
    nvim.wait_screen("Nothing has changed since it was looked at")


def test_without_git_there_is_a_sentence(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeAnalyze changed")
    says(
        nvim,
        "This is no git repository with a commit: what changed is not known. `:ZekeAnalyze` "
        "alone looks at the file you are in.",
    )
