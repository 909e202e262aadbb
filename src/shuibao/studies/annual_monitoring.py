"""Annual monitoring (年度动态监测): from a county file to the product of one year."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from .. import io
from ..progress import Progress, part, silent
from .county_file import data_folder, read_county
from .inputs import CountyInputs
from .publishing import publish
from .year import compute_year


def monitor_year(
    county_path: Path,
    year: int,
    folder: Path,
    *,
    kind: str = "statutory",
    data: Path | None = None,
    baseline: Path | None = None,
    methods: Mapping[str, object] | None = None,
    created: dt.datetime,
    progress: Progress = silent,
) -> io.Product:
    """Compute one year and write its product.

    county_path: the county file; data: folder of its paths, instead of the one it names
    folder: the product; an older product there is replaced when the new one is whole
    baseline: product of an earlier year to compare with
    methods: fields of `Methods` that replace those of the county file
    created: the time that the manifest bears

    Raises errors of the five kinds; whatever happens, nothing half-written is left.
    """
    io.refuse_strangers(folder)
    county = read_county(county_path)
    inputs = CountyInputs(county, data_folder(county, county_path, data))
    before = io.open_product(baseline) if baseline is not None else None
    result = compute_year(inputs, year, kind, methods=methods, progress=part(progress, 0.0, 0.8))
    return publish(result, folder, baseline=before, created=created, progress=part(progress, 0.8, 1.0))
