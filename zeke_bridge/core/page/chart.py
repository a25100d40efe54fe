"""Bar charts as geometry: where bars, lines and labels stand, in percent. Pure.

Percent, so that a chart is as wide as there is room while its letters stay as large as they are.
The template draws it. Does not know what the figures are about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_THICK = 0.68
# What is more than nothing can be seen.
_LEAST = 1.5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 3
# A limit far above all bars would flatten them.
_REACH = 2.5


@dataclass(frozen=True, slots=True)
class Point:
    """One figure: what it belongs to, how it is written, and how it looks (``bad``, ``soft``)."""

    label: str
    value: float
    said: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in percent of the plot, ``y`` from above. ``title`` says its figure.

    ``left`` and ``wide`` are where the pointer finds it.
    """

    x: float
    y: float
    width: float
    height: float
    left: float
    wide: float
    look: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the plot, in percent from above."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: ``ticks`` from above down to nothing, evenly spaced; ``limit`` if in sight."""

    bars: tuple[Bar, ...]
    ticks: tuple[Line, ...]
    limit: Line | None = None


def bars(
    points: Sequence[Point], spell: Callable[[float], str], limit: float | None = None
) -> Chart:
    """A chart of ``points``, left to right. ``spell`` writes a figure for the axis.

    ``limit`` is drawn when the highest bar is not far below it.
    """
    values = [_sound(point.value) for point in points]
    most = max(values, default=0.0)
    shown = limit if limit is not None and 0 < limit <= most * _REACH else None
    scale = _scale(max(most, shown or 0.0))
    top = scale[-1]
    pitch = 100 / max(1, len(points))
    drawn = tuple(
        _bar(at * pitch, pitch, value / top, point)
        for at, (point, value) in enumerate(zip(points, values, strict=True))
    )
    ticks = tuple(Line(100 - value / top * 100, spell(value)) for value in reversed(scale))
    return Chart(drawn, ticks, Line(100 - shown / top * 100, spell(shown)) if shown else None)


def _bar(left: float, pitch: float, share: float, point: Point) -> Bar:
    height = max(_LEAST, share * 100) if share > 0 else 0.0
    return Bar(
        x=left + pitch * (1 - _THICK) / 2,
        y=100 - height,
        width=pitch * _THICK,
        height=height,
        left=left,
        wide=pitch,
        look=point.look,
        title=f"{point.label}: {point.said}",
    )


def _scale(most: float) -> list[float]:
    """Round numbers from 0 to at least ``most``, at equal distances."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * step for step in _STEPS if unit * step >= rough * (1 - 1e-9))
    return [step * number for number in range(max(1, math.ceil(most / step - 1e-9)) + 1)]


def _sound(value: float) -> float:
    """``value``, or nothing when it cannot be drawn."""
    return value if math.isfinite(value) and 1e-12 < value < 1e15 else 0.0
