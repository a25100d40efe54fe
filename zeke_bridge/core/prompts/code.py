"""Explaining one snippet, rewriting it, and writing tests for it."""

from __future__ import annotations

from zeke_bridge.core.prompts.excerpt import about, fenced
from zeke_bridge.core.prompts.frameworks import framework, import_line, language_of
from zeke_bridge.core.prompts.prompt import Prompt, turns
from zeke_bridge.model.exchange import CodeAsk

WHOLE_LINES = 150
"""Up to this many lines a rewrite is asked for in whole, above it as SEARCH/REPLACE blocks."""

_WRONG = "Name anything surprising or wrong."
_BLOCK_FORM = """<<<<<<< SEARCH
lines that are in the code now
=======
lines that replace them
>>>>>>> REPLACE"""


def explain(ask: CodeAsk) -> Prompt:
    """Ask what the code does, or ``instruction`` about it."""
    system = "You explain code to programmers. Answer in Markdown."
    code = f"{about(ask.snippet)}\n{fenced(ask.snippet)}\n\n"
    plain = "Explain what this code does and how. Be brief."
    asked = ask.instruction.strip()
    # A small model that is told to look for something wrong finds it everywhere.
    small = turns(system, code + (asked or plain))
    options = {"temperature": 0.2, "max_tokens": 1024, "messages": list(small)}
    return Prompt(turns(system, code + (asked or f"{plain} {_WRONG}")), options)


def refactor(ask: CodeAsk) -> Prompt:
    """Ask for the code rewritten as ``instruction`` says."""
    lines = ask.snippet.code.count("\n") + 1
    if lines <= WHOLE_LINES:
        system = (
            "You rewrite code. Answer with the complete rewritten code in one fenced block "
            "and nothing else. Keep the indentation and what need not change."
        )
    else:
        system = (
            "You change code. Answer only with one or more blocks of this form and nothing "
            f"else:\n{_BLOCK_FORM}\nCopy the SEARCH lines exactly from the code."
        )
    user = f"{about(ask.snippet)}\n{fenced(ask.snippet)}\n\nChange it: {ask.instruction.strip()}"
    # A rewrite needs about as many tokens as the code has, and some room.
    room = 512 + len(ask.snippet.code)
    return Prompt(turns(system, user), {"temperature": 0.0, "max_tokens": room})


def test(ask: CodeAsk) -> Prompt:
    """Ask for the tests of the code; ``instruction`` says more about them."""
    snippet = ask.snippet
    language = language_of(snippet.language, snippet.path)
    known = framework(language, snippet.path)
    first = import_line(language, snippet.path, snippet.code)
    wish = [f"Use {known}."] if known else []
    if first and known == "pytest":
        first = f"import pytest\n{first}"
    wish += [f"Begin with this:\n{first}\n"] if first else []
    wish += [ask.instruction.strip()] if ask.instruction.strip() else []
    code = f"{about(snippet)}\n{fenced(snippet)}\n\n"
    system = (
        "You write tests for code. Answer with one complete test file in one fenced block and "
        "nothing else. Import what is tested; do not repeat its code. Each test checks one "
        "thing: the usual case, the edge cases, the errors."
    )
    asked = turns(system, code + " ".join(["Write tests for this code.", *wish]))
    # More than a few are the same few again.
    few = "Write at most four short tests for this code. The first line imports it."
    system = "You write tests. Answer with code only, in one fenced block."
    small = turns(system, code + " ".join([few, *wish]))
    return Prompt(asked, {"temperature": 0.0, "max_tokens": 1024, "messages": list(small)})
