"""The whole way of the water, on made and on real ground."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from real_data import real_data

from shuibao.errors import InputError
from shuibao.grids import align, layer, square_cell
from shuibao.terrain import Drainage, check_drainage, drainage
from shuibao.terrain.kernels.neighbours import OUTLET, UNKNOWN

REAL = [
    "dems/DEM_of_Difference.asc", "dems/Long_TestBasin.asc", "dems/Square_TestBasin.asc", "dems/invest_30m.tif",
    "dems/bijou_gully_subset_5m_edit_dx_filled.asc", "dems/hugo_site_filled.asc", "dems/pre_runout_DEM.asc",
    "dems/wangmaogou_edge_dem_1arcsec.tif", "dems/west_bijou_escarpment_snippet.asc", "dems/whitebox_90m.tif",
    "waerma/dem.tif",
]  # fmt: skip


def real_ground(name) -> xr.DataArray:
    """A real elevation model on a projected grid; degrees are brought to 30 m, a missing system is taken for metres."""
    with rasterio.open(real_data(name)) as file:
        cells, nodata, transform, crs = file.read(1).astype(np.float32), file.nodata, file.transform, file.crs
    if nodata is not None:
        cells[cells == nodata] = np.nan
    degrees = abs(transform.a) < 0.01
    if crs is None or not (crs.is_projected or crs.is_geographic):
        crs = "EPSG:4326" if degrees else "EPSG:32613"
        transform = transform if degrees else Affine(transform.a, 0, transform.c, 0, -transform.a, transform.f)
    dem = layer(cells, GeoBox(cells.shape, transform, crs), "elevation", provenance="measured")
    if not degrees:
        return dem
    projected = dem.odc.geobox.to_crs("utm", resolution=30)
    return align(dem, projected)


@pytest.mark.parametrize("name", REAL)
def test_every_cell_of_real_ground_drains(name):
    dem = real_ground(name)
    assert square_cell(dem.odc.geobox) > 1
    water = drainage(dem)
    check = check_drainage(water.directions)
    assert check.known_cells == int(dem.notnull().sum()) > 200
    assert check.drained_cells == check.known_cells
    assert not (water.filled < dem).any()
    known = dem.notnull().values
    assert np.array_equal(water.directions.values == UNKNOWN, ~known)
    assert (water.contributing_cells.values[known] >= 1).all()


def test_a_valley_gathers_at_its_mouth(ground):
    y, x = np.mgrid[:50, -10:11]
    water = drainage(ground(200.0 - 0.5 * y + 3.0 * np.abs(x)))
    mouth = np.unravel_index(water.contributing_cells.values.argmax(), (50, 21))
    assert mouth == (49, 10)
    assert water.directions.values[mouth] == OUTLET
    assert water.contributing_cells.values[mouth] > 0.9 * 50 * 21


def test_breaching_first_raises_less(ground, rng):
    y, x = np.mgrid[:40, :40]
    dem = ground((300.0 - 2.0 * y + np.abs(x - 20) + 4 * rng.random(y.shape)).astype(np.float32))
    by_filling, by_breaching = drainage(dem), drainage(dem, method="breach")
    assert check_drainage(by_breaching.directions).drained_cells == dem.size
    raised = [float((w.filled - dem).clip(min=0).sum()) for w in (by_filling, by_breaching)]
    assert raised[1] < raised[0]


def test_layers_share_the_grid_and_say_whence_they_come(ground):
    dem = ground(np.add.outer(np.arange(5.0), np.arange(6.0)))
    dem.attrs["provenance"] = "synthetic"
    water = drainage(dem)
    assert isinstance(water, Drainage)
    for array in (water.filled, water.directions, water.contributing_cells):
        assert array.odc.geobox == dem.odc.geobox
        assert array.attrs["provenance"] == "synthetic"
    assert water.contributing_cells.dtype == np.int32


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_the_narrowest_grids_drain(ground, shape):
    check = check_drainage(drainage(ground(np.random.default_rng(1).random(shape))).directions)
    assert check.drained_cells == shape[0] * shape[1]


def test_wholly_unknown_ground_stays_unknown(ground):
    water = drainage(ground(np.full((5, 300), np.nan)))
    assert water.filled.isnull().all()
    assert (water.directions == UNKNOWN).all()
    assert (water.contributing_cells == -1).all()
    assert check_drainage(water.directions).known_cells == 0


def test_unknown_tiles_between_known_ones_are_crossed_by_nothing(ground, rng):
    heights = rng.random((300, 900)).astype(np.float32)
    heights[:, 250:780] = np.nan
    water = drainage(ground(heights))
    assert water.contributing_cells.values[:, 250:780].max() == -1
    assert check_drainage(water.directions).drained_cells == np.isfinite(heights).sum()


def test_a_sea_wider_than_a_tile_drains(ground):
    heights = np.full((600, 700), 3.0)
    heights[1:-1, 1:-1] = 0.0
    heights[300, 0] = 1.0
    water = drainage(ground(heights))
    assert water.filled.values[1:-1, 1:-1].max() == 1.0
    assert water.contributing_cells.values[300, 0] == heights.size


def test_progress_runs_from_begin_to_end(ground):
    steps = []
    drainage(ground(np.zeros((4, 4))), progress=lambda done, message: steps.append((done, message)))
    assert steps[0][0] == 0.0
    assert steps[-1][0] == 1.0
    assert [s[0] for s in steps] == sorted(s[0] for s in steps)


def test_an_unknown_method_is_refused(ground):
    with pytest.raises(InputError, match="'fill' or 'breach'"):
        drainage(ground(np.zeros((4, 4))), method="dig")
