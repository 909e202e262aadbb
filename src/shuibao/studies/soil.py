"""Soil of a county: from its map and table to K."""

import pandas as pd
import xarray as xr

from .. import erosion, io, statistics
from ..errors import InputError
from ..tables import load
from .findings import Finding
from .inputs import CountyInputs
from .spec import SoilSource


def county_erodibility(inputs: CountyInputs) -> xr.DataArray:
    """K of every cell: handed in, or from the soil map and its table.

    Raises InputError where there is neither.
    """
    given, source = inputs.county.layers.factors.get("K"), inputs.county.layers.soil
    if given is not None:
        return inputs.numbers(given, "soil_erodibility", "factor K")
    if source is None or source.table is None:
        raise InputError(
            "neither a soil map with its table nor K", where="layers", expected="layers.soil or layers.factors.K"
        )
    soil = inputs.raster(source, "soil_type", "soil_type")
    soils = soil_table(inputs, source, source.table)
    inputs.table(load("soil_erodibility"))
    codes = statistics.present_codes(soil)
    present = soils[soils["code"].astype("int64").isin(codes.tolist())]
    K = erosion.soil_erodibility(
        soil, present if len(present) else soils, method=source.method, correction=source.correction
    )
    if K.attrs.get("floored_cells"):
        cells = K.attrs["floored_cells"]
        message = f"K of {cells:,} cells lies below the least value and was raised to it"
        inputs.findings.append(
            Finding("floored_erodibility", message, f"{cells:,} 个栅格的 K 值低于下限，按下限取值", source.table)
        )
    return K


def soil_table(inputs: CountyInputs, source: SoilSource, path: str) -> pd.DataFrame:
    """The table of soils with the names that `erosion.soil_erodibility` knows; organic matter becomes organic carbon."""
    soils = io.read_table(inputs.note_file("soil table", path))
    missing = [c for c in source.columns.values() if c not in soils]
    if missing:
        raise InputError(f"no columns {missing}", where=path, expected=f"some of {list(soils)}")
    named = soils.rename(columns={theirs: ours for ours, theirs in source.columns.items()})
    if source.top_layer_of:
        named = named.map(lambda v: v.split(source.top_layer_of)[0] if isinstance(v, str) else v)
    for column in named.columns.intersection(
        ["code", "sand", "silt", "clay", "rock", "organic_matter", "organic_carbon", "erodibility"]
    ):
        named[column] = pd.to_numeric(named[column], errors="coerce")
    if "organic_matter" in named and "organic_carbon" not in named:
        named["organic_carbon"] = erosion.organic_carbon(named["organic_matter"])
    return named
