"""Sentences and names that stand both on the maps and in the report, in Chinese and English."""

from typing import Any

from .content import ReportContent
from .ground import Ground
from .numbers import written

Both = tuple[str, str]
KINDS: dict[str, Both] = {
    "statutory": ("法定口径", "statutory"),
    "scientific": ("科学口径", "scientific"),
}


def kind_of(summary: Any) -> Both:
    """The kind of result in both languages."""
    kind = str(summary.get("kind") or "")
    return KINDS.get(kind, (kind or "口径未注明", kind or "kind not stated"))


def map_title(content: ReportContent) -> Both:
    """Title of the map of classes."""
    year = content.summary["year"]
    english = f"Soil erosion intensity, {year}"
    return f"{content.county}土壤侵蚀强度分布图（{year}年）", english


def report_title(content: ReportContent) -> Both:
    """Title of the report."""
    year = content.summary["year"]
    where = f" of {content.county}" if content.county else ""
    return f"{content.county}水土流失动态监测报告", f"Soil and water loss monitoring{where}, {year}"


def border_name(content: ReportContent) -> Both:
    """What the outline is: a county's border by law, or only that of the ground that was computed."""
    is_county = content.county.split("（")[0].endswith(("县", "市", "区", "旗"))
    return ("县界", "County border") if is_county else ("范围界", "Border")


def crs_name(ground: Ground) -> str:
    """The coordinate system's name with its EPSG number where it has one."""
    crs = ground.geobox.crs
    name = str(crs.proj.name)
    return f"{name}（EPSG:{crs.epsg}）" if crs.epsg else name


def metres(value: float) -> str:
    """A length in metres, without needless decimals."""
    return f"{value:,.0f} m" if value >= 10 or value == round(value) else f"{value:.3g} m"


def resolution_note(ground: Ground) -> Both:
    """How fine the data and the picture are."""
    cell, pixel = metres(ground.cell), metres(ground.cell * ground.step)
    if ground.step == 1:
        return f"栅格 {cell}，按原分辨率绘制。", f"Cells of {cell}, drawn as they are."
    return (
        f"栅格 {cell}；图面像元 {pixel}，等级取众数、连续量取均值，面积与统计均按原栅格计算。",
        f"Cells of {cell}; pixels of {pixel} (most frequent class, mean of values); all areas are counted on the cells.",
    )


def map_notes(content: ReportContent, ground: Ground, accessible: bool) -> list[str]:
    """The small print of a map sheet."""
    summary = content.summary
    notes = [f"坐标系  {crs_name(ground)}；方里向上为坐标北。", resolution_note(ground)[0]]
    if accessible:
        notes.append("本图为色觉友好版：单色明度渐变加花纹，已作概括（取众数）。")
    source = f"数据  {summary['year']}年，{kind_of(summary)[0]}，CSLE 模型，强度按 SL 190 分级；shuibao {summary.get('engine_version', '')}".rstrip()
    notes.append(source + "。")
    notes.append("界线仅供示意，不作为划界依据；公开出版前应依法送审。审图号：")
    return notes


def area_share(area: float, share: float) -> tuple[str, str]:
    """Area and share as they stand in a legend."""
    return written(area, "area"), f"{written(share, 'percent')} %"
