"""``:ZekeContext``, ``:ZekeTest`` and ``:ZekeRefactor``: from the keys to the file, with consent."""

from __future__ import annotations

import subprocess

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, failed, propose, run
from tests.fakes.house import House

ASKING = {"ghostllm": {"auto_approve_read": False}}


def commit(house: House) -> None:
    for arguments in (["add", "-A"], ["commit", "-qm", "Count the totals"]):
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments],
            cwd=house.project,
            check=True,
        )


def prompt(house: House) -> str:
    """What the model was asked last."""
    return str(house.provider.requests[-1]["messages"][-1]["content"])


def shown(nvim: Nvim) -> str:
    """The window with the answer."""
    buffer = nvim.lua("return vim.fn.bufnr('zeke://context/')")
    return "\n".join(nvim.lines(buffer))


def test_a_question_about_the_project(editor: Opener, house: House) -> None:
    (house.project / "README.md").write_text("# Totals of values\n")
    (house.project / ".env").write_text("KEY=sk-secret\n")
    commit(house)
    nvim = editor()
    nvim.command("call append(0, '# unsaved')")
    run(nvim, 'ZekeContext "how are totals made? ANSWER: With a loop."')
    assert done(nvim)["text"] == "With a loop."
    nvim.wait_screen("With a loop.")
    asked = prompt(house)
    for part in ("a.py\napp.py", "Count the totals", "# unsaved", "# Totals of values"):
        assert part in asked
    for part in (".env", "sk-secret"):
        assert part not in asked
    text = shown(nvim)
    assert text.startswith("> **Shown to the model:** 3 file names, the subjects of 1 commit")
    assert "> - app.py (9 lines)" in text
    assert "> - README.md (1 line)" in text
    assert (house.project / "app.py").read_text() == SAMPLE


def test_each_file_passes_the_warden_and_a_no_is_enough(editor: Opener, house: House) -> None:
    (house.project / "README.md").write_text("# Totals\n")
    nvim = editor(settings=ASKING)
    run(nvim, "ZekeContext what is in a.py? ANSWER: Nothing.")
    nvim.wait_screen("read  app.py")
    answer(nvim, "1")
    nvim.wait_screen("read  a.py")
    answer(nvim, "d")
    done(nvim)
    nvim.wait_screen("Nothing.")
    text = shown(nvim)
    assert "> - app.py (8 lines)" in text
    assert "**Shown to the model:** 0 file names, the subjects of 0 commits" in text
    assert "> **Left out:**\n> - 3 file names: reading such a file is denied or has" in text
    assert "> - the commits: reading .git is denied" in text
    assert "> - a.py: You said no." in text
    assert "> - README.md: you were not asked about it" in text
    assert "print(total" in prompt(house)
    assert "def f()" not in prompt(house)


def test_tests_are_looked_at_consented_to_and_written(editor: Opener, house: House) -> None:
    nvim = editor()
    wanted = "```python\\nfrom app import total\\n\\ndef test_it(): assert total([1]) == 1\\n```"
    run(nvim, f"1,5ZekeTest the single value ANSWER: {wanted}")
    text = nvim.wait_screen("def test_it()")
    assert "tests/test_app.py (new)" in text
    assert not (house.project / "tests").exists()
    assert "return result" in prompt(house)
    assert "print(total" not in prompt(house)
    nvim.feed("ga")
    nvim.wait_screen("create  tests/test_app.py")
    assert not (house.project / "tests").exists()
    answer(nvim, "1")
    assert [file["state"] for file in done(nvim)["files"]] == ["written"]
    nvim.wait_screen("Written: tests/test_app.py")
    written = (house.project / "tests" / "test_app.py").read_text()
    assert written == "from app import total\n\ndef test_it(): assert total([1]) == 1\n"


def test_a_test_file_that_is_there_is_not_touched(editor: Opener, house: House) -> None:
    (house.project / "tests").mkdir()
    (house.project / "tests" / "test_app.py").write_text("mine = 1\n")
    nvim = editor()
    run(nvim, "ZekeTest ANSWER: ```python\\nx = 1\\n```")
    nvim.wait_screen("tests/test_app_2.py (new)")
    nvim.wait_screen("tests/test_app.py is there already and stays as it is.")
    nvim.feed("gR")
    assert done(nvim)["rejected"]
    assert [path.name for path in (house.project / "tests").iterdir()] == ["test_app.py"]


def test_tests_of_a_secret_need_a_yes_to_reading(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=sk-secret\n")
    nvim = editor(".env")
    run(nvim, "ZekeTest")
    nvim.wait_screen("read  .env")
    answer(nvim, "d")
    failed(nvim)
    assert house.provider.requests == []


def test_a_refactoring_is_reviewed_like_an_edit(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeRefactor use sum ANSWER: def total(values):\\n    return sum(values)")
    nvim.wait_screen("return sum(values)")
    assert "Refactor: use sum" in prompt(house)
    assert (house.project / "app.py").read_text() == SAMPLE
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert "return sum(values)" in (house.project / "app.py").read_text()
