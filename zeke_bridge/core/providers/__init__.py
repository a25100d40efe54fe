"""Where models are: one small Protocol, and what implements it."""
