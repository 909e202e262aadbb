"""A small made-up county with analytic ground, eight townships and every part that a report can have."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from odc.geo.geobox import GeoBox

from shuibao.grids import layer
from shuibao.reports import ReportContent, write_report

CLASSES = ("slight", "light", "moderate", "intense", "very_intense", "severe")
NAMES = ("凤凰镇", "阳方口镇", "东寨镇", "石家庄镇", "薛家洼乡", "余庄乡", "涔山乡", "西马坊乡")
BOUNDS = (0.0, 1000.0, 2500.0, 5000.0, 8000.0, 15000.0, np.inf)
USES = (13, 31, 32, 43, 21, 53, 71, 52)


class County:
    """Ground 34 km wide and 42 km high of `cell` metres, cut into townships, with factors that follow from it."""

    def __init__(self, cell: float = 100.0, synthetic: bool = True) -> None:
        self.cell, self.synthetic = cell, synthetic
        shape = (round(42000 / cell), round(34000 / cell))
        self.geobox = GeoBox.from_bbox((600000, 4280000, 634000, 4322000), "EPSG:4547", shape=shape)
        y, x = np.indices(shape) / np.array(shape)[:, None, None]
        self.x, self.y = x, y
        self.elevation = (
            1500 + 500 * np.sin(5 * x + 2 * y) + 260 * np.cos(11 * y - 4 * x) + 60 * np.sin(60 * x) * np.cos(55 * y)
        )
        self.outline = shapely.Polygon(
            [
                (602000, 4283000),
                (618000, 4281500),
                (632000, 4288000),
                (630500, 4306000),
                (633000, 4317000),
                (615000, 4320500),
                (604500, 4312000),
                (606000, 4297000),
            ]
        )
        self.places = self._places()

    def _places(self) -> gpd.GeoDataFrame:
        seeds = shapely.MultiPoint(
            [
                (607e3, 4288e3),
                (625e3, 4288e3),
                (616e3, 4296e3),
                (627e3, 4301e3),
                (611e3, 4304e3),
                (621e3, 4308e3),
                (612e3, 4314e3),
                (627e3, 4314e3),
            ]
        )
        cells = shapely.voronoi_polygons(seeds, extend_to=self.outline, ordered=True).geoms
        towns = [(g.intersection(self.outline)) for g in cells]
        rows = [
            ("county", "140925", "宁武县", self.outline),
            *(("township", f"1409251{k:02d}", n, g) for k, (n, g) in enumerate(zip(NAMES, towns, strict=True))),
        ]
        return gpd.GeoDataFrame(rows, columns=["level", "code", "name", "geometry"], crs="EPSG:4547")

    def modulus(self) -> np.ndarray:
        south, east = np.gradient(self.elevation, self.cell)
        steep = np.hypot(south, east)
        return (steep**1.6 * 110000 * (0.2 + 3.0 * np.sin(7 * self.x + 3) ** 4) * (1.15 - 0.5 * self.y)).astype(
            np.float32
        )

    def layers(self) -> dict:
        modulus = self.modulus()
        classes = (np.digitize(modulus, BOUNDS[1:-1]) + 1).astype(np.uint8)
        gap = (self.x - 0.62) ** 2 + (self.y - 0.7) ** 2 < 0.0018
        classes[gap], modulus[gap] = 0, np.nan
        use = np.array(USES, np.uint8)[
            (np.abs(np.sin(9 * self.x + 4 * self.y) * np.cos(8 * self.y)) * 5.99).astype(int) % 8
        ]
        south, east = np.gradient(self.elevation, self.cell)
        angle = np.arctan(np.hypot(south, east))
        kind = "synthetic" if self.synthetic else "derived"
        made = {
            "intensity_class": (classes, "intensity_class", 0), "land_use": (use, "land_use", 0), "erosion_modulus": (modulus, "erosion_modulus", None),
            "elevation": (self.elevation, "elevation", None), "R": (1300 + 300 * self.y + 80 * self.x, "rainfall_erosivity", None),
            "K": (0.02 + 0.006 * np.sin(6 * self.x), "soil_erodibility", None), "L": (1 + 1.4 * np.abs(np.sin(20 * self.y)), "slope_length_factor", None),
            "S": (21.9 * np.sin(angle), "slope_factor", None), "B": (0.03 + 0.3 * self.x * self.y, "biological_factor", None),
            "E": (np.where(use == 13, 0.084, 1.0), "engineering_factor", None), "T": (np.where(use == 13, 0.417, 1.0), "tillage_factor", None),
            "change": (np.round(1.6 * np.sin(17 * self.x) * np.cos(13 * self.y)).astype(np.int8), "change", 127),
        }  # fmt: skip
        return {
            k: layer(v if n is not None else v.astype(np.float32), self.geobox, q, provenance=kind, nodata=n)
            for k, (v, q, n) in made.items()
        }

    def summary(self, layers: dict, year: int = 2025) -> dict:
        box = np.asarray(layers["intensity_class"])
        from rasterio.features import rasterize

        towns = rasterize(
            [(g, k) for k, g in enumerate(self.places.geometry[1:], 1)],
            out_shape=box.shape,
            transform=self.geobox.affine,
            fill=0,
        )
        places = [self._place(box, towns > 0, "county", "140925", "宁武县")]
        places += [self._place(box, towns == k, "township", f"1409251{k - 1:02d}", n) for k, n in enumerate(NAMES, 1)]
        places += [
            self._place(box, (towns > 0) & (self.y < 0.55), "basin", "D", "汾河流域"),
            self._place(box, (towns > 0) & (self.y >= 0.55), "basin", "C", "恢河流域"),
        ]
        whole = {k: v for k, v in places[0].items() if k not in ("level", "code", "name")}
        total, eroded, unknown = whole["total_area_km2"], whole["eroded_area_km2"], whole["nodata_area_km2"]
        return whole | {
            "year": year, "kind": "statutory", "county": {"name": "宁武县", "code": "140925"}, "statutory_area_km2": 1012.5,
            "soil_loss_t_a": 2618345.25, "factor_means": {"R": 1442.31, "K": 0.0203, "L": 1.6789, "S": 4.1234, "B": 0.1076, "E": 0.8123, "T": 0.9012},
            "rate_bounds_percent": [100 * (total - eroded - unknown) / total, 100 * (total - eroded) / total],
            "targets": [{"year": 2025, "rate_percent": 56.04}, {"year": 2035, "rate_percent": 57.2}], "places": places,
            "provisional_rows": [
                {"table": "slr", "row": "land_use=32, form=shrub, a=1.17647, b=0.86242", "source": "2018 rules, from memory"},
                {"table": "slr", "row": "land_use=43, form=grass, a=1.25, b=0.78845", "source": "2018 rules, from memory"},
                {"table": "engineering", "row": "measure=0101, E=0.084", "source": "census annex, from memory"},
            ],
            "warnings": [{"code": "unknown-cells", "message": "K is unknown on 1.83 km2", "message_zh": "土壤可蚀性 K 有 1.83 km² 未知"}],
            "synthetic": self.synthetic, "engine_version": "0.1.0",
        }  # fmt: skip

    def _place(self, classes: np.ndarray, where: np.ndarray, level: str, code: str, name: str) -> dict:
        areas = {k: float(((classes == c) & where).sum()) * self.cell**2 / 1e6 for c, k in enumerate(CLASSES, 1)}
        total, unknown = (
            float(where.sum()) * self.cell**2 / 1e6,
            float(((classes == 0) & where).sum()) * self.cell**2 / 1e6,
        )
        eroded = sum(v for k, v in areas.items() if k != "slight")
        return {
            "level": level, "code": code, "name": name, "total_area_km2": total, "eroded_area_km2": eroded, "class_area_km2": areas,
            "conservation_rate_percent": 100 * (total - eroded) / total, "mean_modulus_t_km2_a": float(np.nanmean(self.modulus()[where])), "nodata_area_km2": unknown,
        }  # fmt: skip

    def content(self) -> ReportContent:
        layers = self.layers()
        summary = self.summary(layers)
        before = summary | {
            "year": 2024,
            "conservation_rate_percent": summary["conservation_rate_percent"] - 0.47,
            "eroded_area_km2": summary["eroded_area_km2"] + 4.6,
            "mean_modulus_t_km2_a": summary["mean_modulus_t_km2_a"] + 73.4,
        }
        rivers = gpd.GeoDataFrame(
            {"name": ["汾河", "恢河"]},
            geometry=[
                shapely.LineString(
                    [(610e3, 4279e3), (613e3, 4290e3), (611e3, 4299e3), (617e3, 4306e3), (615e3, 4321e3)]
                ),
                shapely.LineString([(634e3, 4292e3), (624e3, 4295e3), (619e3, 4304e3)]),
            ],
            crs="EPSG:4547",
        )
        return ReportContent(
            summary,
            layers,
            self.places,
            rivers,
            tables(),
            inputs(),
            {"max_length": 100.0, "erosivity": {"model": "official", "threshold_mm": 10.0}, "years": [2024, 2025]},
            baseline=before,
        )


def tables() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(1)
    areas = pd.DataFrame(rng.gamma(2, 9, (8, 6)), columns=list(CLASSES)).round(4)
    by_use = areas.assign(mean_modulus_t_km2_a=rng.gamma(2, 1400, 8))
    by_use.insert(0, "land_use", USES)
    by_slope = areas.iloc[:5].copy()
    by_slope.insert(0, "slope_class", ["<5°", "5–8°", "8–15°", "15–25°", ">25°"])
    moves = pd.DataFrame(
        np.diag([410.0, 130, 90, 40, 20, 9]) + rng.gamma(1, 1.5, (6, 6)), index=list(CLASSES), columns=list(CLASSES)
    )
    use_moves = pd.DataFrame(
        np.diag(rng.gamma(2, 50, 8)) + rng.gamma(1, 0.5, (8, 8)), index=list(USES), columns=list(USES)
    )
    use = pd.DataFrame(
        {
            "land_use": USES,
            "area_km2": rng.gamma(2, 50, 8),
            "share_percent": [31.2, 28.4, 12.1, 16.0, 3.3, 2.2, 1.1, 5.7],
        }
    )
    share = np.array([0, 0, 0, 0, 0, 0, 2, 2, 2, 3, 6, 8, 17, 18, 17, 16, 6, 4, 1, 1, 0, 0, 0, 0]) / 103
    half_months = pd.DataFrame({"half_month": range(24), "half_month_erosivity": 1442.31 * share})
    return {
        "land_use": use, "class_by_land_use": by_use, "class_by_slope": by_slope, "class_transition": moves, "land_use_transition": use_moves, "half_month_erosivity": half_months,
    }  # fmt: skip


def inputs() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("elevation", "dem.tif", "9f2c" * 16, "EPSG:4547", "30 m", 0.0), ("land_use", "地类图斑.shp", "01ab" * 16, "EPSG:4547", None, 0.0012),
            ("rain", "rain.csv", "77ee" * 16, None, "1 d", float("nan")),
        ],
        columns=["role", "path", "sha256", "crs", "resolution", "unknown_share"],
    )  # fmt: skip


@pytest.fixture(scope="session")
def county() -> County:
    return County()


@pytest.fixture(scope="session")
def content(county) -> ReportContent:
    return county.content()


@pytest.fixture(scope="session")
def county_of() -> type[County]:
    """Makes the county at another cell size."""
    return County


@pytest.fixture(scope="session")
def report(content, tmp_path_factory) -> list[Path]:
    """The paths of the whole report, written once."""
    return write_report(content, tmp_path_factory.mktemp("report"))
