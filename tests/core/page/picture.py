"""Draws ``docs/dashboard.png``: ``python -m tests.core.page.picture``."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC
from pathlib import Path

from tests.fakes import figures
from tests.fakes.chromium import Chromium, chromium
from zeke_bridge.core.page import sheet
from zeke_bridge.core.page.view import view

PICTURE = Path(__file__).parents[3] / "docs" / "dashboard.png"


def main() -> None:
    """Draw the upper part of the page of a usual core."""
    program = chromium()
    if program is None:
        sys.exit("Chromium is not installed here (Debian: apt-get install chromium)")
    page = view(figures.usual(), "", figures.NOW, UTC)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "page.html"
        file.write_text(sheet.html(page, address="http://127.0.0.1:8080", refresh=10))
        browser = Chromium(program, Path(directory) / "profile")
        try:
            PICTURE.write_bytes(browser.look(file.as_uri(), height=1180).png)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
