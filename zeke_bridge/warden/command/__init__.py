"""What a command is made of and what of it matters, for the person who is asked.

For display and risk only: nothing here allows anything or lowers a verdict. It does not know what
a program really does when it runs; it knows its name and its arguments.
"""

from zeke_bridge.warden.command.effect import Effect
from zeke_bridge.warden.command.known import is_tangled, keep, known
from zeke_bridge.warden.command.lines import command_lines, command_text
from zeke_bridge.warden.command.part import Part, Reading
from zeke_bridge.warden.command.reading import read_command

__all__ = [
    "Effect",
    "Part",
    "Reading",
    "command_lines",
    "command_text",
    "is_tangled",
    "keep",
    "known",
    "read_command",
]
