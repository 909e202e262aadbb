import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from odc.geo.geobox import GeoBox

from shuibao.io import rasters, read_raster

HERE = Affine(30, 0, 600_000, 0, -30, 4_310_000)
SHAPES = st.tuples(st.integers(2, 12), st.integers(2, 12))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path, cells, **profile):
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=cells.shape[0], width=cells.shape[1], dtype=cells.dtype,
        crs="EPSG:4546", transform=HERE, **profile,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path


@QUICK
@given(hnp.arrays("float32", SHAPES, elements=st.floats(-400, 8800, width=32)), st.data())
def test_heights_come_through_bit_by_bit_and_unknown_stays_unknown(tmp_path, heights, data):
    unknown = data.draw(hnp.arrays(bool, heights.shape))
    unknown[0, 0] = False
    stored = np.where(unknown, np.float32(-32768), heights)
    dem = read_raster(write(tmp_path / "dem.tif", stored, nodata=-32768), "elevation")
    assert np.array_equal(dem.values, np.where(unknown, np.nan, heights), equal_nan=True)
    assert dem.attrs["unknown_share"] == unknown.mean()


@QUICK
@given(hnp.arrays("uint8", SHAPES, elements=st.integers(0, 255)), st.sampled_from([None, 0, 255]))
def test_land_use_codes_come_through_and_only_0_and_255_are_unknown(tmp_path, codes, nodata):
    codes[0, 0] = 31
    use = read_raster(write(tmp_path / "use.tif", codes, nodata=nodata), "land_use")
    assert use.dtype == np.uint8
    assert np.array_equal(use.values, np.where(codes == 255, 0, codes))
    assert use.attrs["unknown_share"] == np.isin(codes, (0, 255)).mean()


@QUICK
@given(st.integers(0, 15), st.integers(0, 15), st.integers(1, 12), st.integers(1, 12), st.integers(0, 3))
def test_a_window_gives_the_cells_of_the_whole(tmp_path, row, col, height, width, margin):
    cells = np.arange(20 * 20, dtype="float32").reshape(20, 20)
    path = write(tmp_path / "dem.tif", cells)
    grid = GeoBox((height, width), HERE * Affine.translation(col, row), "EPSG:4546")
    part = read_raster(path, "elevation", window=grid, margin=margin)
    rows = slice(max(0, row - margin), min(20, row + height + margin))
    cols = slice(max(0, col - margin), min(20, col + width + margin))
    assert np.array_equal(part.values, cells[rows, cols])


@pytest.mark.parametrize("strip", [1, 50, 1 << 22])
def test_strips_do_not_change_what_is_read(tmp_path, monkeypatch, strip):
    cells = np.random.default_rng(3).integers(-2000, 10001, (70, 40)).astype("int16")
    cells[5:9, 3] = -3000
    path = write(tmp_path / "ndvi.tif", cells, tiled=True, blockxsize=16, blockysize=16)
    monkeypatch.setattr(rasters, "STRIP", strip)
    ndvi = read_raster(path, "ndvi")
    assert np.array_equal(ndvi.values, np.where(cells == -3000, np.nan, cells * 1e-4).astype("float32"), equal_nan=True)
    assert ndvi.attrs["reading"][0].startswith("4 cells of -3000")


def test_a_given_nodata_value_goes_before_that_of_the_file(tmp_path):
    path = write(tmp_path / "k.tif", np.array([[0.03, 0.0], [0.04, 0.05]], "float32"), nodata=-1)
    assert np.isnan(read_raster(path, "soil_erodibility", nodata=0).values[0, 1])
    assert read_raster(path, "soil_erodibility").values[0, 1] == 0


@pytest.mark.parametrize(
    ("name", "mark"), [("flow_direction", 255), ("channel", 255), ("change", -128), ("intensity_class", 0)]
)
def test_every_code_has_its_own_mark_of_unknown(tmp_path, name, mark):
    cells = np.array([[1, 2], [3, -99]], "int16")
    array = read_raster(write(tmp_path / "a.tif", cells, nodata=-99), name)
    assert array.attrs["nodata"] == mark
    assert array.values.tolist() == [[1, 2], [3, mark]]


def test_a_zero_factor_is_a_value_and_not_unknown(tmp_path):
    array = read_raster(write(tmp_path / "b.tif", np.zeros((2, 2), "float32")), "biological_factor")
    assert (array.values == 0).all()
    assert array.attrs["unknown_share"] == 0
