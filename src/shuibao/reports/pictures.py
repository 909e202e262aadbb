"""Maps as files and as pictures of the page: PNG with few colours, PDF without dates; one drawing at a time."""

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from PIL import Image

from .content import ReportContent
from .fonts import register
from .ground import Ground, accessible_picture, change_picture, class_picture, land_use_picture
from .painting import data_uri
from .sheet import draw_picture, draw_sheet

SHEET_DPI = 200
PAGE_DPI = 210
_drawing = threading.Lock()
"""The text layout of matplotlib keeps shared state, so two threads take turns."""


def png_of(figure: Figure, dpi: int) -> bytes:
    """A figure as PNG of 256 colours, without text chunks or dates."""
    with _drawing:
        register()
        canvas = FigureCanvasAgg(figure)
        figure.set_dpi(dpi)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    out = io.BytesIO()
    image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", compress_level=9)
    return out.getvalue()


def pdf_of(figure: Figure, title: str) -> bytes:
    """A figure as PDF with its fonts inside and its pictures as they are, without dates."""
    out = io.BytesIO()
    canvas: Any = FigureCanvasPdf
    # The fonts are OpenType with PostScript outlines, which PDF type 42 cannot carry; type 3 draws them rightly everywhere.
    with _drawing, rc_context({"pdf.fonttype": 3}):
        register()
        canvas(figure).print_pdf(
            out, metadata={"Title": title, "Creator": "shuibao", "Producer": None, "CreationDate": None}
        )
    return out.getvalue()


@dataclass(frozen=True)
class PageMap:
    """One map of the page: key, names, address of its picture."""

    key: str
    zh: str
    en: str
    picture: str


def page_maps(content: ReportContent, ground: Ground) -> list[PageMap]:
    """The maps of the page that the layers allow: classes, accessible classes, land use, change."""
    wanted = (
        ("class", "强度等级", "Classes", "intensity_class", class_picture),
        ("safe", "色觉友好", "Colour-blind safe", "intensity_class", accessible_picture),
        ("use", "土地利用", "Land use", "land_use", land_use_picture),
        ("change", "等级变化", "Change", "change", change_picture),
    )
    found = []
    for key, zh, en, layer, paint in wanted:
        if layer in ground.layers:
            figure = draw_picture(content, ground, paint(ground))
            found.append(PageMap(key, zh, en, data_uri(png_of(figure, PAGE_DPI))))
    return found


def write_sheets(content: ReportContent, fine: Ground, ground: Ground, folder: Path, title: str) -> list[Path]:
    """Write map_A3.pdf (from `fine`), map_A4.pdf, map.png and map_accessible.png; return their paths."""
    picture = class_picture(ground)
    parts: dict[str, Callable[[], bytes]] = {
        "map_A3.pdf": lambda: pdf_of(draw_sheet(content, fine, class_picture(fine), "A3", raw=True), title),
        "map_A4.pdf": lambda: pdf_of(draw_sheet(content, ground, picture, "A4", raw=True), title),
        "map.png": lambda: png_of(draw_sheet(content, ground, picture, "A4"), SHEET_DPI),
        "map_accessible.png": lambda: png_of(
            draw_sheet(content, ground, accessible_picture(ground), "A4", accessible=True), SHEET_DPI
        ),
    }
    for name, draw in parts.items():
        (folder / name).write_bytes(draw())
    return [folder / name for name in parts]
