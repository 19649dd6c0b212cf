"""The figures as bars, in an SVG that follows the reader's light or dark mode and needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from benchmarks.figures import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.figures import Figure

WIDTH: Final = 960
LEFT: Final = 490
RIGHT: Final = 70
ROW: Final = 26
PANEL: Final = 64
BAR: Final = 14

TITLES: Final = {
    Measure.RATE: "Times as fast as the other: longer is better",
    Measure.TIME: "Times the time of what cannot be avoided: nearer to 1 is better",
}

STYLE: Final = """
  .card { fill: #ffffff; stroke: #d5d9e0 }
  text { font: 13px system-ui, sans-serif; fill: #1d2433 }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #596274 }
  .bar { fill: #2f6fdb }
  .spread { stroke: #1d2433; stroke-width: 1.5 }
  .one { stroke: #b3402e; stroke-width: 1.5; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #12161f; stroke: #313848 }
    text { fill: #e6e9f0 }
    .quiet { fill: #a3acbd }
    .bar { fill: #6ea0f5 }
    .spread { stroke: #e6e9f0 }
    .one { stroke: #f08a76 }
  }
"""


def draw(figures: Sequence[Figure]) -> str:
    """Draw the figures that have a label: one panel for each measure, a dashed line at 1."""
    panels = {
        measure: [figure for figure in figures if figure.label and figure.measure is measure]
        for measure in Measure
    }
    height = sum(PANEL + ROW * len(shown) for shown in panels.values() if shown)
    body: list[str] = []
    top = 0
    for measure, shown in panels.items():
        if shown:
            body += _panel(TITLES[measure], shown, top)
            top += PANEL + ROW * len(shown)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<title>Jotpass beside other libraries; the table holds the same figures</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _panel(title: str, figures: Sequence[Figure], top: int) -> Iterator[str]:
    scale = (WIDTH - LEFT - RIGHT) / max(figure.value.high for figure in figures)
    bottom = top + PANEL + ROW * len(figures) - 20
    yield f'<text class="title" x="20" y="{top + 30}">{escape(title)}</text>'
    for number, figure in enumerate(figures):
        yield from _bar(figure, top + 44 + ROW * number, scale)
    one = LEFT + scale
    yield f'<line class="one" x1="{one:.1f}" x2="{one:.1f}" y1="{top + 40}" y2="{bottom}"/>'


def _bar(figure: Figure, top: int, scale: float) -> Iterator[str]:
    middle, value = top + BAR / 2, figure.value
    label, against = escape(figure.label), escape(f"against {figure.peer}")
    yield (
        f'<text x="{LEFT - 12}" y="{middle + 4.5}" text-anchor="end">{label} '
        f'<tspan class="quiet">{against}</tspan></text>'
    )
    width = value.median * scale
    yield f'<rect class="bar" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>'
    low, high = LEFT + value.low * scale, LEFT + value.high * scale
    yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    yield f'<text x="{max(LEFT + width, high) + 8:.1f}" y="{middle + 4.5}">{value.median:.2f}</text>'
