"""``python -m zeke_bridge.cli.ghostllm``."""

from zeke_bridge.cli.ghostllm.app import main

main()
