"""Write the report and its maps and charts into a folder."""

from pathlib import Path

from ..progress import Progress, silent
from .charts import charts
from .content import ReportContent
from .ground import ground_of
from .page import render
from .pictures import write_sheets
from .wording import map_title

FINE, USUAL = 2500, 1700
"""Pixels of the longer side of the maps: on A3 (about 230 dots an inch), elsewhere."""


def write_report(content: ReportContent, folder: Path, progress: Progress = silent) -> list[Path]:
    """Write report.html and, where the layers allow, map_A3.pdf, map_A4.pdf, map.png, map_accessible.png and charts/*.svg.

    report.html needs no other file. Large layers are decimated for the pictures only: classes by mode, values by mean.
    Same content, same bytes. Returns the paths written, the report first.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    progress(0.0, "报告：图层 layers")
    ground = ground_of(content, USUAL)
    paths: list[Path] = []
    if ground is not None and "intensity_class" in ground.layers:
        progress(0.1, "报告：制图 maps")
        fine = ground_of(content, FINE)
        paths += write_sheets(content, fine or ground, ground, folder, map_title(content)[0])
    progress(0.6, "报告：图表 charts")
    paths += _write_charts(content, folder)
    progress(0.65, "报告：网页 page")
    page = folder / "report.html"
    page.write_text(render(content, ground), encoding="utf-8", newline="\n")
    progress(1.0, "报告已写出 report written")
    return [page, *paths]


def _write_charts(content: ReportContent, folder: Path) -> list[Path]:
    drawn = charts(content)
    if drawn:
        (folder / "charts").mkdir(exist_ok=True)
    paths = []
    for name, chart in drawn.items():
        paths.append(folder / "charts" / f"{name}.svg")
        paths[-1].write_text(str(chart) + "\n", encoding="utf-8", newline="\n")
    return paths
