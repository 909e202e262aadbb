"""What a report is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from ..errors import InputError
from ..grids import same_grid

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class ReportContent:
    """Everything a report shows; only the summary is needed, any other part may be missing.

    summary: as in `summary.json`
    layers: layers on one projected grid; known keys are intensity_class, erosion_modulus, soil_loss, elevation, land_use, R, K, L, S, B, E, T
        and change (new class minus old class)
    places: columns level, code, name, geometry in the grid's coordinate system
    rivers: lines in the grid's coordinate system
    tables: plain tables by name; the columns' headings stand in `headings.csv`
    inputs: columns role, path, sha256, crs, resolution, unknown_share
    parameters: the study's parameters as they stood
    warnings: code, message, message_zh; by default those of the summary
    provisional: columns table, row, source; by default the rows of the summary
    baseline: summary of the product compared with
    targets: year and rate_percent; by default those of the summary
    """

    summary: Summary
    layers: Mapping[str, xr.DataArray] = field(default_factory=dict)
    places: gpd.GeoDataFrame | None = None
    rivers: gpd.GeoDataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    inputs: pd.DataFrame | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Mapping[str, Any]] = ()
    provisional: pd.DataFrame | None = None
    baseline: Summary | None = None
    targets: Sequence[Mapping[str, float]] = ()

    def __post_init__(self) -> None:
        """Check the grids. Raises CoordinateError where the layers do not share one, InputError without a year or a rate."""
        missing = [
            k
            for k in ("year", "conservation_rate_percent", "total_area_km2", "eroded_area_km2")
            if k not in self.summary
        ]
        if missing:
            raise InputError(
                f"{', '.join(missing)} missing", where="summary of the report", expected="a whole summary.json"
            )
        if self.layers:
            same_grid(*self.layers.values())

    @property
    def synthetic(self) -> bool:
        """Whether anything in it was made up."""
        made = any(a.attrs.get("provenance") == "synthetic" for a in self.layers.values())
        return bool(self.summary.get("synthetic")) or made

    @property
    def county(self) -> str:
        """The county's name, or an empty text."""
        return str((self.summary.get("county") or {}).get("name") or "")

    @property
    def all_warnings(self) -> list[Mapping[str, Any]]:
        """The warnings given, else those of the summary."""
        return list(self.warnings or self.summary.get("warnings") or ())

    @property
    def all_targets(self) -> list[Mapping[str, float]]:
        """The targets given, else those of the summary, by year."""
        return sorted(self.targets or self.summary.get("targets") or (), key=lambda t: t["year"])

    @property
    def provisional_rows(self) -> pd.DataFrame:
        """The provisional rows given, else those of the summary: columns table, row, source."""
        if self.provisional is not None:
            return self.provisional
        return pd.DataFrame(list(self.summary.get("provisional_rows") or ()), columns=["table", "row", "source"])

    def places_of(self, *levels: str) -> gpd.GeoDataFrame | None:
        """The places of some levels, or None where there are none."""
        if self.places is None or self.places.empty:
            return None
        chosen = self.places[self.places["level"].isin(levels)]
        return None if chosen.empty else chosen
