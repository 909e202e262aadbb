"""The page report.html: what the template needs, nothing computed anew."""

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from .charts import charts, gauge
from .content import ReportContent
from .factors import small_maps
from .findings import change, class_shares, verdicts
from .fonts import missing_characters
from .ground import UNKNOWN_INSIDE, Ground
from .headings import heading
from .methods import methods
from .numbers import datum, is_number, written
from .painting import data_uri, swatch, unknown_entry
from .pictures import page_maps
from .sentences import headline
from .style import Entry, style
from .tables_view import View, levels, places_frame, view
from .wording import crs_name, kind_of, report_title, resolution_note

CHANGE_TABLES = ("class_transition", "land_use_transition", "attribution")
NOT_TABLES = ("half_month_erosivity", "class_by_place")
"""Shown as a chart, and as the tables of places from the summary."""


def render(content: ReportContent, ground: Ground | None) -> str:
    """The whole page as text; needs nothing beside it."""
    css = _css()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    template = _environment().get_template("report.html.j2")
    return template.render(css=Markup(css), style_hash=f"'sha256-{digest}'", **_context(content, ground))


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("shuibao.reports", "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(datum=datum, written=written, is_number=is_number, heading=heading)
    return environment


def _css() -> str:
    text = resources.files("shuibao.reports").joinpath("templates/report.css").read_text(encoding="utf-8")
    colours = "".join(f"--{name.replace('_', '-')}:{value};" for name, value in style().page.items())
    return f":root{{{colours}}}\n{text}"


def _context(content: ReportContent, ground: Ground | None) -> dict[str, Any]:
    optional = (
        "engine_version",
        "mean_modulus_t_km2_a",
        "soil_loss_t_a",
        "statutory_area_km2",
        "nodata_area_km2",
        "rate_bounds_percent",
    )
    summary = dict.fromkeys(optional) | dict(content.summary)
    return {
        "content": content,
        "summary": summary,
        "title": report_title(content),
        "kind": kind_of(summary),
        "sentences": headline(content),
        "verdicts": verdicts(content),
        "change": change(content),
        "gauge": gauge(summary, content.all_targets),
        "maps": page_maps(content, ground) if ground is not None and _has_map(ground) else [],
        "map_notes": _map_notes(content, ground),
        "legend": _legend(content),
        "uses": _uses(ground),
        "place_tables": _place_tables(content),
        "tables": [
            view(k, t) for k, t in content.tables.items() if k not in (*CHANGE_TABLES, *NOT_TABLES) and not t.empty
        ],
        "change_tables": [
            view(k, content.tables[k]) for k in CHANGE_TABLES if k in content.tables and not content.tables[k].empty
        ],
        "charts": charts(content),
        "small_maps": small_maps(content),
        "factor_means": _factor_means(summary),
        "inputs": None if content.inputs is None or content.inputs.empty else view("inputs", content.inputs),
        "provisional": _provisional(content),
        "parameters": list(_flat(content.parameters)),
        "methods": methods(content),
        "change_steps": [(step, style().change[step]) for step in range(-3, 4)],
    }


def _has_map(ground: Ground) -> bool:
    return bool({"intensity_class", "land_use", "change"} & set(ground.layers))


def _map_notes(content: ReportContent, ground: Ground | None) -> list[tuple[str, str]]:
    if ground is None:
        return []
    names = [] if content.places is None else [str(n) for n in content.places["name"]]
    notes = [
        (f"坐标系：{crs_name(ground)}。", f"Coordinate system: {ground.geobox.crs.proj.name}."),
        resolution_note(ground),
    ]
    notes.append(
        (
            "界线仅供示意，不作为划界依据；公开出版前应依法送审。审图号：",
            "Borders are schematic and prove nothing; the map must be reviewed before publication.",
        )
    )
    lost = missing_characters(names)
    if lost:
        notes.append((f"下列字在图中无法显示：{lost}", f"Characters that the maps cannot show: {lost}"))
    return notes


def _legend(content: ReportContent) -> list[tuple[Entry, str, str, float, float]]:
    """Entry, plain and hatched swatch, area and share of each class."""
    rows = []
    for key, area, share in class_shares(content.summary):
        entry = style().class_of(key) or unknown_entry(UNKNOWN_INSIDE)
        rows.append((entry, data_uri(swatch(entry, False).png()), data_uri(swatch(entry, True).png()), area, share))
    return rows


def _uses(ground: Ground | None) -> list[Entry]:
    """The land uses that occur on the map."""
    if ground is None or "land_use" not in ground.layers:
        return []
    present = set(pd.unique(ground.codes("land_use").ravel()).tolist())
    return [e for e in style().land_use if e.code in present]


def _place_tables(content: ReportContent) -> list[View]:
    places = content.summary.get("places") or ()
    made = [view(f"level:{level}", places_frame(places, level)) for level in levels(places)]
    by_place = content.tables.get("class_by_place")
    return made or ([view("class_by_place", by_place)] if by_place is not None and not by_place.empty else [])


def _factor_means(summary: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    means = summary.get("factor_means") or {}
    return [(name, heading(name), value) for name, value in means.items()]


def _provisional(content: ReportContent) -> list[tuple[str, list[tuple[str, str]]]]:
    """Provisional rows by their table."""
    rows = content.provisional_rows
    return [
        (str(name), list(zip(group["row"].astype(str), group["source"].astype(str), strict=True)))
        for name, group in rows.groupby("table", sort=False)
    ]


def _flat(tree: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{name}.")
        else:
            rows.append((name, ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)))
    return rows
