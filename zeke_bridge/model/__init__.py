"""The vocabulary every other floor speaks: frozen values and errors.

Nothing here does I/O, reads a clock or imports another floor.
"""
