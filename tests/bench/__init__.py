"""``make bench``: what Zeke costs, measured side by side in one run; not a test."""
