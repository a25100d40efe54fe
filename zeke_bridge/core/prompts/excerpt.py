"""Code and other text as it stands in a prompt: named, fenced, numbered, cut to a length."""

from __future__ import annotations

from zeke_bridge.model.exchange import Snippet


def about(snippet: Snippet) -> str:
    """What the code is, as a line above it."""
    language = f"{snippet.language} code" if snippet.language else "Code"
    return f"{language} from {snippet.path}:" if snippet.path else f"{language}:"


def fenced(snippet: Snippet) -> str:
    """The code in a Markdown block."""
    return block(snippet.code, snippet.language)


def block(text: str, language: str = "") -> str:
    """``text`` in a Markdown block, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def numbered(snippet: Snippet) -> str:
    """The code with the number of each line in its file."""
    lines = snippet.code.removesuffix("\n").split("\n")
    return "\n".join(f"{number}| {line}" for number, line in enumerate(lines, snippet.start_line))


def last_line(snippet: Snippet) -> int:
    """The number of the snippet's last line in its file."""
    return snippet.start_line + snippet.code.removesuffix("\n").count("\n")


def beginning(text: str, most: int) -> str:
    """The first lines of ``text``, about ``most`` characters, and how many lines are left out."""
    text = text.strip("\n")
    if len(text) <= most:
        return text
    kept = text[:most].rpartition("\n")[0] or text[:most]
    left = text[len(kept) :].strip("\n").count("\n") + 1
    return f"{kept}\n… ({left} more lines)"


def ending(text: str, most: int) -> str:
    """The last lines of ``text``, about ``most`` characters, and how many lines are left out."""
    text = text.strip("\n")
    if len(text) <= most:
        return text
    kept = text[-most:].partition("\n")[2] or text[-most:]
    left = text[: -len(kept)].strip("\n").count("\n") + 1
    return f"… ({left} lines before)\n{kept}"
