"""Nothing that could answer: no key, no server, no local model. And the way out of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, failed, run
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider

KEY = "sk-of-the-person"


@pytest.fixture
def bare() -> Iterator[House]:
    """A house in which there is no model at all."""
    with make_house() as found:
        (found.project / "app.py").write_text(SAMPLE)
        yield found


@pytest.fixture
def nvim(bare: House, open_in: Opener) -> Nvim:
    return open_in(bare, "app.py")


def test_every_command_says_so_in_a_sentence_with_the_remedy(nvim: Nvim, bare: House) -> None:
    for command in (
        "ZekeExplain",
        "1,5ZekeEdit improve it",
        "ZekeAnalyze",
        "ZekeCreate a test",
        "ZekeChat hello",
    ):
        run(nvim, command)
        said = failed(nvim)
        assert "There is no model" in said
        assert "zeke model install" in said
        assert ":ZekeAuth" in said
        assert said.count(".") == 1, said
    assert (bare.project / "app.py").read_text() == SAMPLE
    assert "Traceback" not in (bare.state / "broker.log").read_text()


def test_a_model_by_name_is_not_there_either(nvim: Nvim) -> None:
    run(nvim, "ZekeSetModel openai:gpt-4.1-mini")
    nvim.wait_screen("openai:gpt-4.1-mini is not in the list of models")
    nvim.wait_screen("y goes on.")
    nvim.feed("y")
    nvim.wait_screen("The model is now openai:gpt-4.1-mini.")
    run(nvim, "ZekeExplain")
    assert ":ZekeAuth" in failed(nvim)


def test_status_and_health_say_it(nvim: Nvim) -> None:
    run(nvim, "ZekeStatus")
    nvim.wait_screen("embedded")
    nvim.wait_for("vim.fn.search([[Local model: ❌ not installed]], 'nw') > 0")
    nvim.feed("q")
    nvim.command("checkhealth zeke")
    report = "\n".join(nvim.lines())
    assert "zeke model install" in report
    assert ":ZekeAuth" in report


def test_doctor_says_it_and_fails(bare: House) -> None:
    done_ = bare.zeke("doctor")
    assert done_.returncode == 1
    assert "zeke model install" in done_.stdout
    assert "Traceback" not in done_.stdout + done_.stderr


def test_a_key_makes_the_next_command_work(open_in: Opener) -> None:
    with FakeProvider(key=KEY) as provider, make_house(None) as bare:
        bare.environment["OPENAI_BASE_URL"] = provider.base_url
        (bare.project / "app.py").write_text(SAMPLE)
        nvim = open_in(bare, "app.py")
        run(nvim, "ZekeExplain")
        failed(nvim)
        run(nvim, "ZekeAuth openai")
        nvim.wait_screen("Key for OpenAI")
        nvim.feed(f"{KEY}<CR>")
        nvim.wait_screen("The key for OpenAI is in")
        assert KEY not in nvim.screen.text
        run(nvim, "ZekeExplain")
        assert done(nvim)["provider"] == "openai"
        [kept] = [path for path in (bare.base / "ghostllm").iterdir() if KEY in path.read_text()]
        assert kept.stat().st_mode & 0o077 == 0
        assert KEY not in (bare.state / "broker.log").read_text()


def test_a_wrong_key_is_a_sentence(open_in: Opener) -> None:
    with FakeProvider(key=KEY) as provider, make_house(None) as bare:
        bare.environment["OPENAI_BASE_URL"] = provider.base_url
        bare.environment["OPENAI_API_KEY"] = "sk-wrong-0123456789"
        (bare.project / "app.py").write_text(SAMPLE)
        nvim = open_in(bare, "app.py", settings={"default_model": "openai:echo"})
        run(nvim, "ZekeExplain")
        said = failed(nvim)
        assert "key" in said
        assert "sk-wrong-0123456789" not in said
