"""Read `county.toml`, telling every mistake at once."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import InputError, SourceError
from .spec import CountyFile


def read_county(path: Path) -> CountyFile:
    """Read and validate a county file.

    Raises SourceError where it is missing or no TOML, InputError listing every wrong field.
    """
    if not path.is_file():
        raise SourceError(
            "no such file",
            where=str(path),
            expected="a county file",
            remedy="`shuibao demo-county DIR` makes a whole example.",
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(
            f"not valid TOML: {error}", where=str(path), remedy="Texts need quotes; tables look like [county]."
        ) from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8: {error.reason} at byte {error.start}", where=str(path), remedy="Save the file as UTF-8."
        ) from error
    try:
        return CountyFile.model_validate(content)
    except ValidationError as error:
        lines = [_line(item) for item in error.errors()]
        raise InputError(
            f"{len(lines)} mistakes\n  " + "\n  ".join(lines),
            where=str(path),
            remedy="docs/county_file.md lists the fields.",
        ) from None


def data_folder(county: CountyFile, county_path: Path, given: Path | None) -> Path:
    """The folder to which the paths of a county file are relative.

    Raises SourceError where it does not exist.
    """
    folder = given if given is not None else county_path.parent / county.data_folder
    if not folder.is_dir():
        raise SourceError(
            "no such folder",
            where=str(folder),
            expected="the folder of the county's data",
            remedy="Name it with --data.",
        )
    return folder


def _line(item: Any) -> str:
    place = ".".join(str(p) for p in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _fields_at(item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), known, 1)
        return f"{place}: no such field" + (
            f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
        )
    found = "" if item["type"] == "missing" else f", found {item['input']!r}"
    return f"{place}: {item['msg'].lower()}{found}"


def _fields_at(loc: tuple[Any, ...]) -> list[str]:
    """Names of the fields that the table at `loc` may have."""
    model: Any = CountyFile
    for step in loc:
        if (
            isinstance(step, str)
            and isinstance(model, type)
            and issubclass(model, BaseModel)
            and step in model.model_fields
        ):
            model = _inner(model.model_fields[step].annotation)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _inner(annotation: Any) -> Any:
    """The model inside ``Annotated``, ``X | None``, ``dict[…, X]`` or ``list[X]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = [_inner(a) for a in getattr(annotation, "__args__", ()) if a is not type(None)]
    models = [p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)]
    return models[-1] if models else annotation
