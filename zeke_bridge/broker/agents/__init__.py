"""Agents as the broker has them: their sessions with an editor, and their hands on the machine."""
