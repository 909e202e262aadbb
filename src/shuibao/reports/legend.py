"""What stands beside a map: headline, legend with areas, symbols, scale bar with north arrow, notes; each block below the last."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from .cartography import wrap
from .content import ReportContent
from .findings import class_shares, verdicts
from .fonts import families
from .ground import LABELLED, UNKNOWN_INSIDE, Ground
from .numbers import written
from .painting import swatch, unknown_entry
from .style import style
from .wording import area_share, border_name, kind_of, map_notes

PT = 0.3528


@dataclass
class Column:
    """A column of a sheet: where the next block begins (`top`, mm from the sheet's foot) and how wide it is."""

    paper: Axes
    left: float
    top: float
    width: float
    k: float

    @property
    def right(self) -> float:
        """The right edge [mm]."""
        return self.left + self.width

    def text(self, x: float, y: float, text: str, size: float, colour: str = "ink", **more: Any) -> None:
        """Set a line of text at (x, y) [mm]; `size` in points of A4."""
        serif = bool(more.pop("serif", False))
        options: dict[str, Any] = {"va": "baseline", "parse_math": False, "zorder": 6} | more
        self.paper.text(x, y, text, size=size * self.k, family=families(serif), color=style().page[colour], **options)

    def line(self, y: float, colour: str = "rule", width: float = 0.5) -> None:
        """Draw a rule across the column."""
        self.paper.plot(
            [self.left, self.right], [y, y], color=style().page[colour], linewidth=width * self.k, solid_capstyle="butt"
        )

    def title(self, zh: str, en: str) -> None:
        """The title of a block, with a rule below; moves down."""
        self.top -= 4.2
        self.text(self.left, self.top, zh, 9)
        self.text(self.right, self.top, en, 6.4, "faint", ha="right")
        self.line(self.top - 1.7)
        self.top -= 3.4


def draw_headline(column: Column, content: ReportContent) -> None:
    """The conservation rate, large, with its targets."""
    column.title("水土保持率", "Conservation rate")
    rate = written(content.summary["conservation_rate_percent"], "percent")
    column.top -= 8.6
    column.text(column.left, column.top, f"{rate} %", 21, "accent", serif=True)
    column.text(
        column.right, column.top, f"{content.summary['year']}年 · {kind_of(content.summary)[0]}", 7, "quiet", ha="right"
    )
    column.top -= 1.6
    for verdict in verdicts(content):
        column.top -= 4.0
        column.text(
            column.left, column.top, f"{verdict.year}年目标 {written(verdict.target_percent, 'percent')} %", 7, "quiet"
        )
        mark = f"{'已达到' if verdict.met else '未达到'}  {written(verdict.points, 'points', signed=True)} 个百分点"
        column.text(column.right, column.top, mark, 7, "good" if verdict.met else "bad", ha="right")
    column.top -= 5.5


def draw_legend(column: Column, content: ReportContent, accessible: bool) -> None:
    """Classes with their areas and shares, unknown ground where there is any."""
    column.title("土壤侵蚀强度", "Erosion intensity")
    column.top -= 0.8
    column.text(column.right - 15, column.top, "面积 km²", 6.2, "faint", ha="right", va="center")
    column.text(column.right, column.top, "占比", 6.2, "faint", ha="right", va="center")
    for key, area, share in class_shares(content.summary):
        entry = style().class_of(key) or unknown_entry(UNKNOWN_INSIDE)
        column.top -= 5.5
        _draw_swatch(column, column.left, column.top, swatch(entry, accessible, (36, 76)).on_paper())
        column.text(column.left + 11, column.top, entry.zh, 8, va="center_baseline")
        column.text(column.left + 11 + 3.2 * 3.1, column.top, entry.en, 6.2, "faint", va="center_baseline")
        areas = area_share(area, share)
        column.text(column.right - 15, column.top, areas[0], 7.4, ha="right", va="center_baseline")
        column.text(column.right, column.top, areas[1], 7.4, "quiet", ha="right", va="center_baseline")
    column.top -= 4.0
    column.line(column.top)
    column.top -= 3.4
    column.text(column.left + 11, column.top, "合计", 8, va="center_baseline")
    column.text(
        column.right - 15,
        column.top,
        written(content.summary["total_area_km2"], "area"),
        7.4,
        ha="right",
        va="center_baseline",
    )
    column.top -= 5.5


def _draw_swatch(column: Column, left: float, middle: float, image: Any) -> None:
    box = (left, middle - 1.9, 8.4, 3.8)
    limits = column.paper.get_xlim(), column.paper.get_ylim()
    column.paper.imshow(
        image,
        extent=(box[0], box[0] + box[2], box[1], box[1] + box[3]),
        aspect="auto",
        interpolation="antialiased",
        zorder=5,
    )
    column.paper.set(xlim=limits[0], ylim=limits[1])
    edge = Rectangle(
        box[:2], box[2], box[3], fill=False, edgecolor=style().page["border"], linewidth=0.35 * column.k, zorder=6
    )
    column.paper.add_patch(edge)


def draw_symbols(column: Column, content: ReportContent) -> None:
    """Lines of the map: county border, township borders, rivers; only those that are on it."""
    page = style().page
    rows: list[tuple[str, str, dict[str, Any]]] = []
    if content.places_of("county", *LABELLED) is not None:
        zh, en = border_name(content)
        rows.append((zh, en, {"color": page["ink"], "linewidth": 1.0}))
    if content.places_of(*LABELLED) is not None:
        rows.append(
            ("乡镇界", "Township border", {"color": page["border"], "linewidth": 0.6, "linestyle": (0, (5, 2.2))})
        )
    if content.rivers is not None and not content.rivers.empty:
        rows.append(("河流", "River", {"color": page["water"], "linewidth": 1.1}))
    if not rows:
        return
    column.title("图例", "Symbols")
    column.top += 1.0
    for zh, en, pen in rows:
        column.top -= 4.6
        column.paper.plot(
            [column.left, column.left + 8.4], [column.top] * 2, **(pen | {"linewidth": pen["linewidth"] * column.k})
        )
        column.text(column.left + 11, column.top, zh, 8, va="center_baseline")
        column.text(column.left + 22.5, column.top, en, 6.2, "faint", va="center_baseline")
    column.top -= 5.5


def draw_scale(
    column: Column, scale: int | None, length: float, metres_per_mm: float | None = None, *, backed: bool = False
) -> None:
    """A scale bar of `length` [m] in four parts with the scale number, and a north arrow at the right.

    scale: N of 1:N at the size of the sheet, or None where the size of the picture is not known; backed: on a white ground
    """
    per_mm = metres_per_mm or (scale or 1) / 1000 * column.k
    width = length / per_mm
    if backed:
        column.paper.add_patch(
            Rectangle(
                (column.left - 2, column.top - 19), width + 22, 18, facecolor="white", alpha=0.86, zorder=3, linewidth=0
            )
        )
    else:
        column.title("比例尺", "Scale")
        column.top += 4.2
    y = column.top - 13.0
    for part in range(4):
        colour = style().page["ink"] if part % 2 == 0 else "white"
        box = Rectangle(
            (column.left + part * width / 4, y),
            width / 4,
            1.3,
            facecolor=colour,
            edgecolor=style().page["ink"],
            linewidth=0.4 * column.k,
            zorder=5,
        )
        column.paper.add_patch(box)
    unit, each = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    for part in (0, 2, 4):
        text = f"{length / each * part / 4:g}" + (f" {unit}" if part == 4 else "")
        column.text(column.left + part * width / 4, y - 3.2, text, 6.4, "quiet", ha="center")
    if scale is not None:
        column.text(column.left, y + 3.2, f"1 : {scale:,}".replace(",", " "), 8)
    _draw_north(column, column.left + width + 13 if backed else column.right - 5, y - 3.0)
    column.top = y - 6.5


def _draw_north(column: Column, x: float, y: float) -> None:
    for side, colour in ((-1, style().page["ink"]), (1, "white")):
        half = Polygon(
            [(x, y + 9), (x + side * 2.3, y), (x, y + 2.0)],
            closed=True,
            facecolor=colour,
            edgecolor=style().page["ink"],
            linewidth=0.5 * column.k,
            zorder=5,
        )
        column.paper.add_patch(half)
    column.text(x, y + 10.0, "N", 7.5, ha="center")


def draw_notes(column: Column, content: ReportContent, ground: Ground, accessible: bool) -> None:
    """The small print, set from the top of what is left of the column."""
    column.title("说明", "Notes")
    size, pitch = 6.4, 3.25
    for note in map_notes(content, ground, accessible):
        for line in wrap(note, size * PT, column.width):
            column.top -= pitch
            column.text(column.left, column.top, line, size, "quiet")
        column.top -= 1.1
