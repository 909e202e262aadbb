"""A map sheet on A4 or A3, upright or across: title, map at a round scale, legend with areas, scale bar, north arrow, notes.

Everything is set in millimetres of an A4 sheet; A3 is the same sheet larger by the root of two, with a scale of its own.
"""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .cartography import Box, bar_length, fit, round_scale
from .content import ReportContent
from .fonts import families
from .ground import Ground
from .legend import Column, draw_headline, draw_legend, draw_notes, draw_scale, draw_symbols
from .painting import Picture
from .panel import Pens, draw_panel
from .style import style
from .wording import map_title

MM = 1 / 25.4
POINT = 0.3528
"""Millimetres of a typographic point."""


@dataclass(frozen=True)
class Layout:
    """A sheet at A4 size [mm]: its width and height, the map's frame (left, bottom, width, height), the columns beside or below."""

    width: float
    height: float
    frame: Box
    columns: tuple[tuple[float, float, float], ...]
    """Left edge, top and width of each column of legend, scale and notes."""


ACROSS = Layout(297, 210, (15, 14, 200, 172), ((222, 186, 65),))
UPRIGHT = Layout(210, 297, (15, 94, 184, 184), ((15, 84, 62), (84, 84, 50), (141, 84, 58)))


def layout_for(view: Box) -> Layout:
    """The layout that shows `view` larger."""
    width, height = view[2] - view[0], view[3] - view[1]
    return max((UPRIGHT, ACROSS), key=lambda sheet: min(sheet.frame[2] / width, sheet.frame[3] / height))


def draw_sheet(
    content: ReportContent,
    ground: Ground,
    picture: Picture,
    size: str = "A4",
    *,
    accessible: bool = False,
    raw: bool = False,
) -> Figure:
    """A whole sheet of size A3 or A4."""
    layout = layout_for(ground.view)
    k = math.sqrt(2) if size == "A3" else 1.0
    figure = Figure(figsize=(layout.width * k * MM, layout.height * k * MM), facecolor="white")
    paper = figure.add_axes((0, 0, 1, 1), zorder=2)
    paper.set(xlim=(0, layout.width), ylim=(0, layout.height))
    paper.axis("off")
    paper.patch.set_alpha(0)
    scale = _draw_map(figure, content, ground, picture, layout, k, raw)
    _draw_title(paper, content, layout, k)
    _draw_columns(paper, content, ground, layout, scale, k, accessible)
    if content.synthetic:
        _draw_synthetic(paper, layout, k)
    return figure


def _draw_map(
    figure: Figure, content: ReportContent, ground: Ground, picture: Picture, layout: Layout, k: float, raw: bool
) -> int:
    left, bottom, width, height = layout.frame
    metres = (width * k / 1000, height * k / 1000)
    scale = max(
        round_scale(ground.view[2] - ground.view[0], metres[0]), round_scale(ground.view[3] - ground.view[1], metres[1])
    )
    rectangle = (left / layout.width, bottom / layout.height, width / layout.width, height / layout.height)
    ax = figure.add_axes(rectangle, zorder=1)
    pens = Pens(size=7.2 * k, width=k, metres_per_point=POINT / 1000 * scale)
    draw_panel(ax, content, ground, picture, fit(ground.view, *metres, scale), pens, raw=raw)
    return scale


def _draw_title(paper: Axes, content: ReportContent, layout: Layout, k: float) -> None:
    zh, en = map_title(content)
    left = layout.frame[0]
    top = layout.height - 15.5
    paper.text(
        left,
        top,
        zh,
        size=18 * k,
        family=families(serif=True),
        color=style().page["ink"],
        va="baseline",
        parse_math=False,
    )
    right = layout.columns[-1][0] + layout.columns[-1][2]
    paper.text(
        right,
        top,
        en,
        size=8.5 * k,
        family=families(),
        color=style().page["quiet"],
        ha="right",
        va="baseline",
        parse_math=False,
    )
    paper.plot([left, right], [top - 3.2] * 2, color=style().page["ink"], linewidth=0.6 * k, solid_capstyle="butt")


def _draw_columns(
    paper: Axes, content: ReportContent, ground: Ground, layout: Layout, scale: int, k: float, accessible: bool
) -> None:
    bar = bar_length(0.5 * layout.frame[2] / 1000 * k * scale * 0.4)
    columns = [Column(paper, left, top, width, k) for left, top, width in layout.columns]
    first, middle, last = columns[0], columns[len(columns) // 2], columns[-1]
    if len(columns) > 1:
        draw_legend(first, content, accessible)
        draw_headline(middle, content)
        draw_scale(middle, scale, bar)
        draw_symbols(last, content)
    else:
        draw_headline(first, content)
        draw_legend(first, content, accessible)
        draw_symbols(first, content)
        draw_scale(first, scale, bar)
    draw_notes(last, content, ground, accessible)


def _draw_synthetic(paper: Axes, layout: Layout, k: float) -> None:
    left, bottom, width, height = layout.frame
    page = style().page
    paper.text(
        left + width - 3, bottom + height - 3, "合成数据，非真实监测成果  SYNTHETIC DATA", size=8.5 * k, family=families(), color=page["bad"], ha="right", va="top",
        bbox={"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": page["bad"], "linewidth": 0.8 * k}, zorder=9,
    )  # fmt: skip
    paper.text(
        left + width / 2, bottom + height / 2, "合成 SYNTHETIC", size=46 * k, family=families(), color=page["bad"], alpha=0.09,
        ha="center", va="center", rotation=28, zorder=8,
    )  # fmt: skip


def _freest_corner(
    ground: Ground, box: Box, metres_per_mm: float, size: tuple[float, float], frame: tuple[float, float]
) -> tuple[float, float]:
    """Left and top [mm in the frame] of a card of `size` [mm] in the corner that hides the least of the county.

    The upper right corner stays free for the mark of made-up data.
    """
    gap = 2.0
    spots = [
        (gap, size[1] + gap), (frame[0] - size[0] - gap, size[1] + gap), (gap, frame[1] - gap),
    ]  # fmt: skip
    left, _, _, top = ground.extent
    side = abs(ground.geobox.resolution.x)

    def hidden(spot: tuple[float, float]) -> int:
        west, north = box[0] + spot[0] * metres_per_mm, box[1] + spot[1] * metres_per_mm
        cols = slice(max(0, int((west - left) / side)), max(0, int((west + size[0] * metres_per_mm - left) / side) + 1))
        rows = slice(max(0, int((top - north) / side)), max(0, int((top - north + size[1] * metres_per_mm) / side) + 1))
        return int(ground.inside[rows, cols].sum())

    return min(spots, key=hidden)


def draw_picture(content: ReportContent, ground: Ground, picture: Picture, width: float = 190.0) -> Figure:
    """The map alone for a page of `width` [mm], with its scale bar and north arrow inside the frame."""
    view = ground.view
    margin, gap = 5.5, 1.5
    inner = width - margin - gap
    scale = (view[2] - view[0]) / (inner / 1000)
    height = min((view[3] - view[1]) / scale * 1000, 1.35 * inner)
    scale = max(scale, (view[3] - view[1]) / (height / 1000))
    figure = Figure(figsize=(width * MM, (height + margin + gap) * MM), facecolor="white")
    total = height + margin + gap
    ax = figure.add_axes((margin / width, margin / total, inner / width, height / total))
    draw_panel(
        ax,
        content,
        ground,
        picture,
        fit(view, inner / 1000, height / 1000, scale),
        Pens(7.4, 1.0, POINT / 1000 * scale),
        raw=False,
    )
    paper = figure.add_axes((0, 0, 1, 1), zorder=2)
    paper.set(xlim=(0, width), ylim=(0, total))
    paper.axis("off")
    paper.patch.set_alpha(0)
    bar = bar_length(0.036 * scale)
    wide = bar / scale * 1000 + 22
    left, top = _freest_corner(
        ground, fit(view, inner / 1000, height / 1000, scale), scale / 1000, (wide, 18.0), (inner, height)
    )
    corner = Column(paper, margin + left + 2, margin + top + 1, 46, 1.0)
    draw_scale(corner, None, bar, metres_per_mm=scale / 1000, backed=True)
    if content.synthetic:
        _draw_synthetic(paper, Layout(width, total, (margin, margin, inner, height), ()), 1.0)
    return figure
