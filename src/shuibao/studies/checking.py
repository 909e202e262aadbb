"""Check a county before it is computed: every problem at once, in plain words."""

from collections.abc import Callable
from pathlib import Path

from .. import io, statistics
from ..errors import ShuibaoError
from ..progress import Progress, silent
from .county_file import data_folder, read_county
from .cover import present_classes
from .findings import Finding, from_error
from .inputs import CountyInputs
from .rain import station_erosivity
from .soil import county_erodibility
from .spec import Year

Step = tuple[str, Callable[[], object]]


def check_county(county_path: Path, data: Path | None = None, *, progress: Progress = silent) -> list[Finding]:
    """Open every file of a county as a run would, and list what is wrong or doubtful.

    An error in one file does not hide those in the others; only a broken county file ends the check at once.
    """
    try:
        county = read_county(county_path)
        inputs = CountyInputs(county, data_folder(county, county_path, data))
    except ShuibaoError as error:
        return [from_error(error, str(county_path))]
    found: list[Finding] = []
    if not _try("layers.boundary", lambda: inputs.geobox, found):
        return [*found, *_missing_files(inputs)]
    steps = [*_lasting(inputs), *(s for year, dated in county.years.items() for s in _yearly(inputs, year, dated))]
    for number, (where, step) in enumerate(steps):
        progress(number / len(steps), where)
        _try(where, step, found)
    return _once([*found, *inputs.findings])


def _try(where: str, step: Callable[[], object], found: list[Finding]) -> bool:
    try:
        step()
    except ShuibaoError as error:
        found.append(from_error(error, where))
        return False
    return True


def _lasting(inputs: CountyInputs) -> list[Step]:
    """The steps for what stays the same through the years."""
    layers = inputs.county.layers
    steps: list[Step] = [("layers.elevation", lambda: inputs.raster(layers.elevation, "elevation", "elevation"))]
    if "K" in layers.factors or layers.soil is not None:
        steps.append(("layers.soil", lambda: county_erodibility(inputs)))
    if layers.rain is not None:
        rain = layers.rain
        steps.append(("layers.rain", lambda: station_erosivity(inputs, rain)))
    for places in layers.places:
        steps.append((f"layers.places {places.level}", lambda places=places: _cover(inputs, places)))
    names = {"R": "rainfall_erosivity", "K": "soil_erodibility", "L": "slope_length_factor", "S": "slope_factor"}
    for letter, source in layers.factors.items():
        steps.append((f"factor {letter}", lambda s=source, n=names[letter]: inputs.numbers(s, n, n)))
    return steps


def _cover(inputs: CountyInputs, places: object) -> None:
    frame = inputs.places(places)  # type: ignore[arg-type]
    check = statistics.check_cover(frame, inputs.boundary, smallest_km2=0.01)
    reference = io.detect_gcj02(inputs.boundary, frame)
    if reference.decision != "ok":
        inputs.findings.append(Finding(reference.code, reference.message, reference.message_zh, "boundary"))
    del check


def _yearly(inputs: CountyInputs, year: int, dated: Year) -> list[Step]:
    """The steps for one year."""

    def _land_use() -> None:
        present_classes(inputs, inputs.codes(dated.land_use, "land_use", f"land_use {year}"))

    steps: list[Step] = [(f"years.{year}.land_use", _land_use)]
    if dated.measures is not None:
        steps.append(
            (f"years.{year}.measures", lambda: inputs.codes(dated.measures, "measure", "measures", nodata=255))
        )
    if dated.cover is not None:
        pattern = dated.cover.ndvi or dated.cover.fraction
        for half in range(1, 25) if pattern and "{" in pattern else []:
            name = pattern.format(half_month=half)
            steps.append((f"years.{year}.cover {half:02d}", lambda name=name: io.inspect_raster(inputs.path(name))))
    return steps


def _missing_files(inputs: CountyInputs) -> list[Finding]:
    return []


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
