"""The command lines: zeke and ghostllm."""
