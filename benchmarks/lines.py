"""Panels of lines in an SVG that follows the reader's light or dark mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH: Final = 960
LEFT: Final = 90
RIGHT: Final = 210
PLOT: Final = 170
PANEL: Final = 260
TICKS: Final = 4
STEPS: Final = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)

STYLE: Final = """
  .card { fill: #ffffff; stroke: #d5d9e0 }
  text { font: 13px system-ui, sans-serif; fill: #1d2433 }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #596274 }
  .grid { stroke: #e5e8ee }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .c0 { stroke: #2f6fdb } .c1 { stroke: #b3402e } .c2 { stroke: #2e8a57 } .c3 { stroke: #8a5bc7 }
  .t0 { fill: #2f6fdb } .t1 { fill: #b3402e } .t2 { fill: #2e8a57 } .t3 { fill: #8a5bc7 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #12161f; stroke: #313848 }
    text { fill: #e6e9f0 }
    .quiet { fill: #a3acbd }
    .grid { stroke: #262c3a }
    .c0 { stroke: #6ea0f5 } .c1 { stroke: #f08a76 } .c2 { stroke: #6cc794 } .c3 { stroke: #b992ec }
    .t0 { fill: #6ea0f5 } .t1 { fill: #f08a76 } .t2 { fill: #6cc794 } .t3 { fill: #b992ec }
  }
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram: its height begins at zero.

    Attributes:
        title: What is shown, and in which unit.
        along: What lies along the bottom, and in which unit.
        lines: The points of each line, by its name.
    """

    title: str
    along: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def draw(title: str, panels: Sequence[Panel]) -> str:
    """Draw the panels one below the other."""
    shown = [panel for panel in panels if any(panel.lines.values())]
    height = PANEL * len(shown) + 10
    body = [line for number, panel in enumerate(shown) for line in _panel(panel, PANEL * number)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _panel(panel: Panel, top: int) -> Iterator[str]:
    points = [point for line in panel.lines.values() for point in line]
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    ceiling = _round_up(max(y for _, y in points))
    base = top + 50 + PLOT
    width = WIDTH - LEFT - RIGHT

    def place(x: float, y: float) -> str:
        along = (x - low) / ((high - low) or 1)
        return f"{LEFT + along * width:.1f},{base - y / ceiling * PLOT:.1f}"

    yield f'<text class="title" x="20" y="{top + 30}">{escape(panel.title)}</text>'
    for tick in range(TICKS + 1):
        value, y = ceiling * tick / TICKS, base - PLOT * tick / TICKS
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}</text>'
    yield f'<text class="quiet" x="{LEFT}" y="{base + 20}">{_number(low)}</text>'
    yield f'<text class="quiet" x="{LEFT + width}" y="{base + 20}" text-anchor="end">{_number(high)}</text>'
    middle, along = LEFT + width / 2, escape(panel.along)
    yield f'<text class="quiet" x="{middle}" y="{base + 20}" text-anchor="middle">{along}</text>'
    for number, (name, line) in enumerate(panel.lines.items()):
        colour, height = number % 4, top + 62 + 20 * number
        path = " ".join(place(x, y) for x, y in line)
        yield f'<polyline class="line c{colour}" points="{path}"/>'
        yield f'<text class="t{colour}" x="{LEFT + width + 16}" y="{height}">{escape(name)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _round_up(value: float) -> float:
    """The next number of one or two digits that divides well."""
    if value <= 0:
        return 1.0
    magnitude = 1.0
    while magnitude * 10 <= value:
        magnitude *= 10
    while magnitude > value:
        magnitude /= 10
    return next(step * magnitude for step in STEPS if step * magnitude >= value)
