"""``make fuzz``: what comes from outside, thrown at what reads it, for a bounded time."""
