"""Long texts cut to what a model is given: both ends, and a count of what is left out. Pure."""

from __future__ import annotations


def cut(text: str, most: int) -> str:
    """``text``, or its head and its tail of together about ``most`` characters, in whole lines.

    The head gets a third: how something began matters less than how it ended.
    """
    if len(text) <= most:
        return text
    head = text[: most // 3]
    tail = text[len(text) - (most - most // 3) :]
    head = head[: head.rfind("\n") + 1] or head
    after = tail.find("\n") + 1
    tail = tail[after:] if after < len(tail) else tail
    left = text[len(head) : len(text) - len(tail)]
    lines = left.count("\n")
    what = f"{lines} lines, {len(left)} characters" if lines else f"{len(left)} characters"
    return f"{head.rstrip()}\n… ({what} left out) …\n{tail}"
