"""Agents: who proposes actions. What they want done is judged and done elsewhere (``Effects``)."""
