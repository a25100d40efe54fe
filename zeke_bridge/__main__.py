"""``python -m zeke_bridge`` is the ``zeke`` command."""

from __future__ import annotations

from zeke_bridge.cli.zeke import main

if __name__ == "__main__":
    main()
