"""Charts as SVG text: they stand in the page and in files of their own, need no font file and print sharply."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from .content import ReportContent
from .findings import class_shares
from .numbers import is_number, written
from .style import style

WIDTH, GAUGE, BAND = 760, 620, 92
"""Widths of the charts and of the gauge, height of a band of classes."""
FONT = "'Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def charts(content: ReportContent) -> dict[str, Markup]:
    """Every chart that the content allows, by name: class_shares, rate_by_place, modulus_by_land_use, half_month_erosivity."""
    found = {
        "class_shares": class_shares_chart(content),
        "rate_by_place": rate_chart(content),
        "modulus_by_land_use": modulus_chart(_with_modulus(content)),
        "half_month_erosivity": erosivity_chart(content.tables.get("half_month_erosivity")),
    }
    return {name: chart for name, chart in found.items() if chart is not None}


def _with_modulus(content: ReportContent) -> pd.DataFrame | None:
    tables = (content.tables.get(name) for name in ("class_by_land_use", "land_use"))
    return next((t for t in tables if t is not None and "mean_modulus_t_km2_a" in t), None)


def _svg(height: float, parts: Sequence[Markup], label: str, width: float = WIDTH) -> Markup:
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}" font-family="{}" font-size="12">'
    )
    return head.format(round(width), round(height, 1), label, FONT) + Markup("\n").join(parts) + Markup("</svg>")


def _rect(x: float, y: float, width: float, height: float, fill: str, title: str = "") -> Markup:
    inner = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}">{}</rect>').format(
        x, y, max(width, 0), height, fill, inner
    )


def _text(
    x: float, y: float, text: str, anchor: str = "start", fill: str = "ink", size: float = 12, language: str = ""
) -> Markup:
    """A line of text; language: zh or en where the page's language switch may hide it."""
    mark = Markup(' class="{}"').format(language) if language else Markup("")
    return Markup('<text x="{:.2f}" y="{:.2f}" text-anchor="{}" fill="{}" font-size="{:g}"{}>{}</text>').format(
        x, y, anchor, style().page[fill], size, mark, text
    )


def _both(x: float, y: float, zh: str, en: str, anchor: str = "start") -> Markup:
    """A label in both languages, the English one lighter; a name without an English form is for both."""
    if not en:
        return _text(x, y, zh, anchor)
    page = style().page
    return Markup(
        '<text x="{:.2f}" y="{:.2f}" text-anchor="{}" fill="{}"><tspan class="zh">{}</tspan><tspan class="en" dx="5" font-size="10" fill="{}">{}</tspan></text>'
    ).format(x, y, anchor, page["ink"], zh, page["faint"], en)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "none", width: float = 1) -> Markup:
    return Markup(
        '<line x1="{:.2f}" y1="{:.2f}" x2="{:.2f}" y2="{:.2f}" stroke="{}" stroke-dasharray="{}" stroke-width="{:g}"/>'
    ).format(x1, y1, x2, y2, style().page[colour], dash, width)


def class_shares_chart(content: ReportContent) -> Markup | None:
    """The classes as one band of the whole area, this year and the baseline's below."""
    bands = [(str(s["year"]), class_shares(s)) for s in (content.summary, content.baseline) if s]
    if not bands[0][1]:
        return None
    parts: list[Markup] = []
    for place, (year, shares) in enumerate(bands):
        parts += _band(place * BAND, year, shares)
    return _svg(BAND * len(bands), parts, "各强度等级面积占比 Shares of the classes")


def _band(top: float, year: str, shares: Sequence[tuple[str, float, float]]) -> list[Markup]:
    left, width = 50.0, WIDTH - 50.0
    parts, x, middles = [_text(0, top + 27, year, size=13)], left, []
    looks = [_class_look(key) for key, _, _ in shares]
    for (_, area, share), (zh, _, colour) in zip(shares, looks, strict=True):
        wide = width * share / 100
        parts.append(_rect(x, top + 8, wide, 30, colour, f"{zh} {written(area, 'area')} km²"))
        middles.append(x + wide / 2)
        x += wide
    spots = spread(middles, 58.0, left + 29, WIDTH - 29.0)
    for (_, _, share), (zh, en, _), middle, spot in zip(shares, looks, middles, spots, strict=True):
        if abs(spot - middle) > 2:
            parts.append(_line(middle, top + 39, spot, top + 46, "faint", width=0.7))
        parts.append(_text(spot, top + 57, zh, "middle", size=11, language="zh"))
        parts.append(_text(spot, top + 69, en, "middle", "faint", 8.5, language="en"))
        parts.append(_text(spot, top + 82, f"{written(share, 'percent')} %", "middle", "quiet", 11))
    return parts


def _class_look(key: str) -> tuple[str, str, str]:
    entry = style().class_of(key)
    return (entry.zh, entry.en, entry.colour) if entry else ("未知", "Unknown", style().page["unknown"])


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places of labels in their order, at least `apart` from each other, within `low` and `high`, near those `wanted`.

    Where there is not room for all of them they stand evenly.
    """
    if apart * (len(wanted) - 1) > high - low:
        return [low + (high - low) * k / (len(wanted) - 1) for k in range(len(wanted))]
    spots: list[float] = []
    for place in wanted:
        spots.append(max(place, low if not spots else spots[-1] + apart))
    for k in range(len(spots) - 1, -1, -1):
        spots[k] = min(spots[k], high if k == len(spots) - 1 else spots[k + 1] - apart)
    return spots


def rate_chart(content: ReportContent) -> Markup | None:
    """Conservation rate of each township, highest first, against the targets and the county."""
    places = [
        p
        for p in content.summary.get("places") or ()
        if p.get("level") not in ("county", "basin", "watershed") and is_number(p.get("conservation_rate_percent"))
    ]
    if len(places) < 2:
        return None
    places.sort(key=lambda p: -p["conservation_rate_percent"])
    rows = [(str(p["name"]), "", float(p["conservation_rate_percent"]), style().page["bar"]) for p in places]
    marks = [
        (float(t["rate_percent"]), f"{t['year']:g}年目标 target {written(t['rate_percent'], 'percent')}")
        for t in content.all_targets
        if is_number(t.get("rate_percent"))
    ]
    return _bars(rows, "percent", 100.0, marks, "各乡镇水土保持率 Conservation rate by township, %")


def modulus_chart(table: pd.DataFrame | None) -> Markup | None:
    """Mean erosion modulus of each land use, highest first."""
    column = "mean_modulus_t_km2_a"
    if table is None or column not in table:
        return None
    key = next((c for c in ("land_use", "land_use_code") if c in table), None)
    labels = table[key] if key else table.index
    rows: list[tuple[str, str, float, str]] = []
    for code, value in zip(labels, table[column], strict=True):
        entry = style().land_use_of(code)
        if entry is not None and is_number(value):
            rows.append((entry.zh, entry.en, float(value), entry.colour))
    rows.sort(key=lambda r: -r[2])
    top = max((r[2] for r in rows), default=0.0)
    return (
        _bars(rows, "modulus", top, [], "各地类平均侵蚀模数 Mean modulus by land use, t/(km²·a)") if top > 0 else None
    )


def _bars(
    rows: Sequence[tuple[str, str, float, str]], kind: str, most: float, marks: Sequence[tuple[float, str]], label: str
) -> Markup:
    """Horizontal bars with their values; marks are dashed lines across with a word at the top."""
    left, right, pitch, head = 196.0, 70.0, 22.0, 20.0 * len(marks) + 4
    width = WIDTH - left - right
    parts = []
    for place, (zh, en, value, colour) in enumerate(rows):
        y = head + place * pitch
        parts.append(_both(left - 10, y + 14.5, zh, en, "end"))
        parts.append(_rect(left, y + 4, width * value / most, pitch - 8, colour))
        parts.append(_text(left + width * value / most + 6, y + 14.5, written(value, kind), fill="quiet", size=11))
    foot = head + len(rows) * pitch
    for place, (value, word) in enumerate(marks):
        x = left + width * value / most
        parts.append(_line(x, 14.0 + 18 * place, x, foot, "accent", "3 3"))
        parts.append(_text(x + 5, 14.0 + 18 * place, word, fill="accent", size=11))
    return _svg(foot + 6, [_line(left, head, left, foot, "rule"), *parts], label)


def erosivity_chart(table: pd.DataFrame | None) -> Markup | None:
    """Rainfall erosivity of the 24 half-months as columns."""
    values = _half_months(table)
    if values is None:
        return None
    left, base, height = 46.0, 176.0, 150.0
    pitch, most = (WIDTH - left) / 24, max(values) or 1.0
    parts = [_line(left, base, WIDTH, base, "faint")]
    for k, value in enumerate(values):
        high = height * value / most
        word = f"{k // 2 + 1}月{'上' if k % 2 == 0 else '下'}半月 {written(value, 'erosivity')}"
        parts.append(_rect(left + k * pitch + 2, base - high, pitch - 4, high, style().page["water"], word))
        if k % 2 == 0:
            parts.append(_text(left + (k + 1) * pitch, base + 17, f"{k // 2 + 1}月", "middle", "quiet", 11))
        if value == max(values) and value > 0:
            parts.append(
                _text(left + (k + 0.5) * pitch, base - high - 5, written(value, "erosivity"), "middle", "quiet", 11)
            )
    total = f"合计 Sum R = {written(sum(values), 'erosivity')} MJ·mm/(hm²·h·a)"
    return _svg(base + 26, [*parts, _text(left, 14, total, size=12)], "半月降雨侵蚀力 Half-month erosivity")


def _half_months(table: pd.DataFrame | None) -> list[float] | None:
    if table is None:
        return None
    column = next(
        (c for c in ("half_month_erosivity", "rainfall_erosivity", "erosivity", "R", "value") if c in table), None
    )
    if column is None or len(table) != 24 or not all(is_number(v) for v in table[column]):
        return None
    return [float(v) for v in table[column]]


def gauge(summary: Mapping[str, Any], targets: Sequence[Mapping[str, float]]) -> Markup | None:
    """The rate on a ruler with the targets, and the span left open by unknown ground; None where the rate is unknown.

    With targets the ruler shows their neighbourhood, its ends are written; without any it runs from 0 to 100 %.
    """
    rate = summary["conservation_rate_percent"]
    if not is_number(rate):
        return None
    bounds = [b for b in summary.get("rate_bounds_percent") or () if is_number(b)]
    marks = sorted((float(t["rate_percent"]), int(t["year"])) for t in targets if is_number(t.get("rate_percent")))
    low, high = _ruler([float(rate), *bounds, *(m[0] for m in marks)]) if marks else (0.0, 100.0)
    y, page = 16.0 + 15 * max(1, len(marks)), style().page

    def at(value: float) -> float:
        return 6 + (GAUGE - 12) * (value - low) / (high - low)

    parts = [_rect(6, y, GAUGE - 12, 8, page["ground"]), _rect(6, y, at(rate) - 6, 8, page["accent"])]
    if len(bounds) == 2 and bounds[1] > bounds[0]:
        parts.append(_line(at(bounds[0]), y + 4, at(bounds[1]), y + 4, "warn", width=3))
    for place, (value, year) in enumerate(marks):
        parts += _mark(at(value), 12.0 + 15 * place, y, value, year)
    middle = min(max(at(rate), 40.0), GAUGE - 40.0)
    parts.append(_text(middle, y + 26, f"▲ {written(rate, 'percent')} %", "middle", "accent", 13))
    for value, x, side in ((low, 6.0, "start"), (high, GAUGE - 6.0, "end")):
        if abs(middle - x) > 70:
            parts.append(_text(x, y + 24, f"{value:g} %", side, "faint", 10))
    return _svg(y + 34, parts, "水土保持率与目标 Rate and targets", GAUGE)


def _ruler(values: Sequence[float]) -> tuple[float, float]:
    """Whole percents around some values."""
    margin = 0.35 * max(max(values) - min(values), 1.0)
    return max(0.0, float(math.floor(min(values) - margin))), min(100.0, float(math.ceil(max(values) + margin)))


def _mark(x: float, top: float, foot: float, value: float, year: int) -> list[Markup]:
    """A target on the ruler at `foot`: its line, and its words in a row of their own at `top`."""
    left = x > GAUGE - 150
    word = Markup(
        '<tspan class="zh">{0}年目标</tspan><tspan class="en" dx="4" font-size="10">Target {0}</tspan> {1} %'
    ).format(year, written(value, "percent"))
    text = _text(x + (-5 if left else 5), top, word, "end" if left else "start", "quiet", 11)
    return [_line(x, top - 9, x, foot + 14, "ink"), text]
