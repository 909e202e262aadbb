"""The page `docs/county_file.md`, made from the models of `spec`: ``python -m shuibao.studies.spec_page > docs/county_file.md``."""

import types
import typing
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from . import spec

HEAD = """# The county file

`county.toml` tells what a county has, where it lies and how it is to be computed. `shuibao check county.toml` finds every mistake in it and in
the files it names. Paths are relative to `data_folder`, which is relative to the county file; `--data` names another.

A file that needs nothing but its path may be written as a plain text: `elevation = "dem.tif"`. A factor or a zone value may be a plain
number: `allowable_loss = 1000`. Methods (the last table) may also be given on the command line: `shuibao monitor county.toml --year 2025 --max-length 80`.

This page is made from the models in `src/shuibao/studies/spec.py`.
"""

ORDER: list[tuple[str, type[BaseModel]]] = [
    ("The whole file", spec.CountyFile),
    ("[county]", spec.County),
    ("[grid]", spec.Grid),
    ("[[targets]]", spec.Target),
    ("[layers]: what stays the same through the years", spec.Layers),
    ("[years.2025]: what changes from year to year", spec.Year),
    ("[methods]", spec.Methods),
    ("A raster", spec.RasterSource),
    ("A vector file", spec.VectorSource),
    ("A layer: a raster, or polygons with a field of codes", spec.LayerSource),
    ("A factor", spec.FactorSource),
    ("Places", spec.Places),
    ("Soil", spec.SoilSource),
    ("Rain", spec.RainSource),
    ("Plant cover", spec.CoverSource),
    ("A file", spec.FileSource),
]


def county_file_page() -> str:
    """The whole page as Markdown."""
    return HEAD + "".join(_section(title, model) for title, model in ORDER)


def _section(title: str, model: type[BaseModel]) -> str:
    rows = "".join(_row(name, info) for name, info in model.model_fields.items())
    return f"\n## {title}\n\n| field | what it is | kind | default |\n|---|---|---|---|\n{rows}"


def _row(name: str, info: FieldInfo) -> str:
    default = "**needed**" if info.is_required() else f"`{_shown(info.get_default(call_default_factory=True))}`"
    what = info.description or (info.annotation.__doc__ or "" if isinstance(info.annotation, type) else "")
    return f"| `{name}` | {what.rstrip('.')} | {_kind(info.annotation)} | {default} |\n"


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "as below"
    return (
        "–"
        if value is None or value in ({}, [], "")
        else ("true" if value is True else "false" if value is False else str(value))
    )


def _kind(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    arguments = [a for a in typing.get_args(annotation) if a is not type(None)]
    if origin is Literal:
        return " \\| ".join(f"`{a}`" for a in arguments)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(a) for a in arguments))
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"table {_kind(arguments[0])} → {_kind(arguments[1])}"
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return plain.get(annotation, getattr(annotation, "__name__", str(annotation)).removesuffix("Source").lower())


if __name__ == "__main__":
    print(county_file_page(), end="")
