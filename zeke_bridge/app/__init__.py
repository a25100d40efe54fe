"""The composition root: the only floor that sees every other.

Everything that the broker's use cases know as a Protocol is made and handed in here. What is slow
to import (HTTP, the routing core) is imported by the functions that need it, because an editor
waits for the broker's first answer.
"""
