"""The sample project: a small git repository, made fresh each time."""

from __future__ import annotations

import subprocess
from pathlib import Path

FILES = {
    "README.md": """\
# Orders

A sample project for trying Zeke. Break it as you like.
""",
    "orders/total.py": """\
def total(prices, discount):
    result = 0
    for p in prices:
        result = result + p
    return result - result * discount / 100


def cheapest(prices):
    best = prices[0]
    for p in prices:
        if p < best:
            best = p
    return best
""",
    "orders/load.py": """\
import os


def load(path):
    text = open(path).read()
    return eval(text)


def backup(name):
    os.system("cp data/" + name + " /backup")


def find(orders, wanted):
    found = []
    for order in orders:
        for name in wanted:
            if order["name"] == name and order not in found:
                found.append(order)
    return found
""",
    "lua/greet.lua": """\
local M = {}

function M.greet(name)
  if name == nil then
    name = "you"
  end
  return "Hello, " .. name
end

return M
""",
}


# Ten small files and their test, for an agent that changes them all.
UNITS = ("box", "crate", "dozen", "gram", "gross", "kilo", "litre", "pair", "pallet", "piece")
FILES |= {
    f"units/{name}.py": f"def {name}(count):\n    return count * {number + 1}\n"
    for number, name in enumerate(UNITS)
}
FILES["test_units.py"] = """\
import importlib
import unittest


class TestUnits(unittest.TestCase):
    def test_one_of_each(self):
        names = "NAMES".split()
        for number, name in enumerate(names):
            unit = getattr(importlib.import_module(f"units.{name}"), name)
            self.assertEqual(unit(2), 2 * (number + 1))
""".replace("NAMES", " ".join(UNITS))


def make_sample(directory: Path) -> Path:
    """Write the project into ``directory`` (made if missing), commit it, and return its path."""
    for name, text in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    identity = ["-c", "user.name=Zeke demo", "-c", "user.email=demo@example.org"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        [*identity, "commit", "--quiet", "--no-gpg-sign", "-m", "The sample project"],
    ):
        subprocess.run(["git", *command], cwd=directory, check=True, timeout=30)
    return directory
