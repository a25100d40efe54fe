"""What the core writes down: usage, log lines, and requests when the user wants that."""
