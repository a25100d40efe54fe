"""Where a text holds what nobody should read: one module a kind, each giving spans. Pure.

A span is where it begins, where it ends, and what it is. Every pattern takes time in proportion
to the text: what may repeat is bounded, or cannot begin in its own middle.
"""
