from __future__ import annotations

import pytest

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import encode


@pytest.mark.parametrize(
    ("lines", "options", "content"),
    [
        (["a", "é"], {}, b"a\n\xc3\xa9\n"),
        (["a", "b"], {"final_eol": False}, b"a\nb"),
        (["a", "b"], {"eol": "\r\n"}, b"a\r\nb\r\n"),
        (["a", "b"], {"eol": "\r", "final_eol": False}, b"a\rb"),
        (["a"], {"bom": True}, b"\xef\xbb\xbfa\n"),
        (["a", ""], {}, b"a\n\n"),
        (["", ""], {}, b"\n\n"),
        ([], {}, b""),
        ([""], {}, b""),
        ([""], {"bom": True}, b"\xef\xbb\xbf"),
    ],
)
def test_bytes_of_a_file(lines: list[str], options: dict[str, bool], content: bytes) -> None:
    assert encode(lines, **options) == content  # type: ignore[arg-type]


def test_what_no_file_can_hold() -> None:
    with pytest.raises(PatchError, match="UTF-8"):
        encode(["\udc80"])
