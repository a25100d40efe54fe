"""The screen of a Neovim as text, kept from its ``ext_linegrid`` redraw events.

Format: ``:help ui-linegrid``. Without ``ext_multigrid`` Neovim composes floats into the one grid,
so what stands here is what a person sees.
"""

from __future__ import annotations

from typing import Any


class Screen:
    """A grid of cells, the highlight of each, and the cursor."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cursor = (0, 0)
        self.mode = "normal"
        self.flushes = 0
        self._cells = [[" "] * columns for _ in range(rows)]
        self._ids = [[0] * columns for _ in range(rows)]
        self._shown, self._shown_ids = self._cells, self._ids
        self._groups: dict[int, set[str]] = {}

    def redraw(self, batch: list[Any]) -> bool:
        """Take one ``redraw`` notification; True when it ended with a whole screen."""
        flushed = False
        for name, *calls in batch:
            handler = getattr(self, f"_on_{name}", None)
            for arguments in calls:
                if handler is not None:
                    handler(*arguments)
            flushed = flushed or name == "flush"
        if flushed:
            # Only a flushed screen is one that a person sees.
            self.flushes += 1
            self._shown = [row.copy() for row in self._cells]
            self._shown_ids = [row.copy() for row in self._ids]
        return flushed

    @property
    def lines(self) -> list[str]:
        """Each row, without spaces at its end."""
        return ["".join(row).rstrip() for row in self._shown]

    @property
    def text(self) -> str:
        """All rows."""
        return "\n".join(self.lines)

    def row_of(self, needle: str) -> int:
        """The first row (from 0) that holds ``needle``; -1 when none does."""
        return next((row for row, line in enumerate(self.lines) if needle in line), -1)

    def groups_at(self, needle: str) -> set[str]:
        """The highlight groups under the first character of the first ``needle``."""
        row = self.row_of(needle)
        column = "".join(self._shown[row]).index(needle)
        return self._groups.get(self._shown_ids[row][column], set())

    def _on_grid_resize(self, _grid: int, width: int, height: int) -> None:
        self.columns, self.rows = width, height
        self._cells = [[" "] * width for _ in range(height)]
        self._ids = [[0] * width for _ in range(height)]

    def _on_grid_clear(self, _grid: int) -> None:
        self._on_grid_resize(1, self.columns, self.rows)

    def _on_grid_cursor_goto(self, _grid: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _on_mode_change(self, name: str, _index: int) -> None:
        self.mode = name

    def _on_hl_attr_define(self, number: int, _rgb: Any, _cterm: Any, info: list[Any]) -> None:
        self._groups[number] = {part[key] for part in info for key in part if key.endswith("_name")}

    def _on_grid_line(self, _grid: int, row: int, column: int, cells: list[Any], *_: Any) -> None:
        current = 0
        for cell in cells:
            text, *rest = cell
            current = rest[0] if rest else current
            for _repeat in range(rest[1] if len(rest) > 1 else 1):
                # A wide character fills its second cell with an empty text.
                self._cells[row][column] = text
                self._ids[row][column] = current
                column += 1

    def _on_grid_scroll(
        self, _grid: int, top: int, bottom: int, left: int, right: int, rows: int, *_: Any
    ) -> None:
        targets = range(top, bottom - rows) if rows > 0 else range(bottom - 1, top - rows - 1, -1)
        for target in targets:
            for grid in (self._cells, self._ids):
                grid[target][left:right] = grid[target + rows][left:right]
