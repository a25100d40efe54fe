"""GhostWarden: the pure policy. Values in, values out; no I/O, no clock."""
