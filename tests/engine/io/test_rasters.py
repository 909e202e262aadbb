import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from real_data import real_data

from shuibao.errors import CoordinateError, InputError, SourceError
from shuibao.grids import align, geobox_of, unknown_count
from shuibao.io import inspect_raster, read_raster

HERE = Affine(30, 0, 600_000, 0, -30, 4_310_000)


def write(
    path, cells, *, crs="EPSG:4546", transform=HERE, nodata=None, driver="GTiff", scales=None, offsets=None, **profile
):
    """A raster of one band, or of several where `cells` has three dimensions."""
    stack = cells if cells.ndim == 3 else cells[None]
    with rasterio.open(
        path, "w", driver=driver, count=stack.shape[0], height=stack.shape[1], width=stack.shape[2], dtype=stack.dtype,
        crs=crs, transform=transform, nodata=nodata, **profile,
    ) as file:  # fmt: skip
        file.write(stack)
        if scales:
            file.scales, file.offsets = scales, offsets
    return path


@pytest.fixture
def heights():
    return np.arange(12, dtype="float32").reshape(3, 4) + 1000


def test_a_tiff_becomes_a_layer_with_its_grid_and_what_was_done(tmp_path, heights):
    heights[0, 0] = -9999
    path = write(tmp_path / "dem.tif", heights, nodata=-9999)
    dem = read_raster(path, "elevation")
    assert dem.dtype == np.float32
    assert np.isnan(dem.values[0, 0])
    assert np.array_equal(dem.values[1:], heights[1:])
    assert geobox_of(dem).affine == HERE
    assert geobox_of(dem).crs.to_epsg() == 4546
    assert dem.attrs["path"] == str(path)
    assert dem.attrs["unknown_share"] == 1 / 12
    assert dem.attrs["provenance"] == "measured"
    assert dem.attrs["reading"] == ["-9999 means unknown as the file says"]
    assert dem.attrs["findings"] == []


def test_scale_and_offset_of_the_file_are_applied_and_said(tmp_path):
    cells = np.array([[100, 200], [-1, 300]], "int16")
    path = write(tmp_path / "dem.tif", cells, nodata=-1, scales=(0.1,), offsets=(1000.0,))
    dem = read_raster(path, "elevation")
    assert np.allclose(dem.values, [[1010, 1020], [np.nan, 1030]], equal_nan=True)
    assert "values were multiplied by 0.1 and 1000 added" in dem.attrs["reading"]


def test_integers_of_ndvi_are_scaled_and_fractions_are_not(tmp_path):
    whole = write(tmp_path / "a.tif", np.array([[8000, -2000], [-3000, 10000]], "int16"))
    parts = write(tmp_path / "b.tif", np.array([[0.8, -0.2], [np.nan, 1.0]], "float32"))
    assert np.allclose(read_raster(whole, "ndvi").values, read_raster(parts, "ndvi").values, equal_nan=True)
    said = read_raster(whole, "ndvi").attrs["reading"]
    assert "1 cells of -3000 were taken as unknown, though the file does not say so" in said
    assert "values were multiplied by 0.0001, as integers of NDVI want" in said


@pytest.mark.parametrize("mark", [-3.4028234663852886e38, np.nan, 1e20, -9999.0])
def test_marks_for_unknown_without_a_word_in_the_file_are_not_taken_for_heights(tmp_path, heights, mark):
    heights[2, 3] = mark
    dem = read_raster(write(tmp_path / "dem.tif", heights), "elevation")
    assert unknown_count(dem) == 1
    assert np.isnan(dem.values[2, 3])


def test_land_use_of_255_is_unknown_and_becomes_0(tmp_path):
    cells = np.array([[11, 255], [31, 0]], "uint8")
    for nodata in (255, None):
        use = read_raster(write(tmp_path / "use.tif", cells, nodata=nodata), "land_use")
        assert use.dtype == np.uint8
        assert use.attrs["nodata"] == 0
        assert use.values.tolist() == [[11, 0], [31, 0]]
        assert use.attrs["unknown_share"] == 0.5


def test_codes_kept_as_decimals_become_integers(tmp_path):
    cells = np.array([[11.0, -3.4028234663852886e38], [31.0, 71.0]], "float32")
    use = read_raster(write(tmp_path / "use.tif", cells, nodata=-3.4028234663852886e38), "land_use")
    assert use.dtype == np.uint8
    assert use.values.tolist() == [[11, 0], [31, 71]]
    cells[0, 0] = 11.5
    with pytest.raises(InputError, match=r"11\.5 is no code"):
        read_raster(write(tmp_path / "use.tif", cells), "land_use")


def test_soil_codes_of_0_stay_soils_where_the_file_has_another_mark(tmp_path):
    soil = read_raster(write(tmp_path / "soil.tif", np.array([[0, 3], [9, 255]], "uint8"), nodata=255), "soil_type")
    assert soil.attrs["nodata"] == 255
    assert soil.values.tolist() == [[0, 3], [9, 255]]
    assert soil.attrs["unknown_share"] == 0.25


def test_codes_are_exchanged_and_one_without_an_entry_is_refused(tmp_path):
    path = write(tmp_path / "use.tif", np.array([[6, 33], [18, 255]], "uint8"), nodata=255)
    use = read_raster(path, "land_use", recode={6: 31, 33: 11, 18: 53})
    assert use.values.tolist() == [[31, 11], [53, 0]]
    with pytest.raises(InputError, match=r"codes without an entry in recode: 18 \(1 cells\)"):
        read_raster(path, "land_use", recode={6: 31, 33: 11})
    with pytest.raises(InputError, match="Use scale instead"):
        read_raster(path, "elevation", recode={1: 2})
    with pytest.raises(InputError, match="Use recode instead"):
        read_raster(path, "land_use", scale=0.1)


def test_codes_of_twelve_digits_survive_a_raster_of_decimals(tmp_path):
    cells = np.array([[140925100207.0, 140925100209.0], [np.nan, 140925100207.0]], "float64")
    places = read_raster(write(tmp_path / "places.tif", cells), "place")
    assert places.dtype == np.int64
    assert places.values.tolist() == [[140925100207, 140925100209], [0, 140925100207]]


def test_exchanged_codes_may_be_negative_or_large(tmp_path):
    path = write(tmp_path / "soil.tif", np.array([[1, 2], [3, 0]], "uint8"), nodata=0)
    soil = read_raster(path, "soil_type", recode={1: 70_000, 2: 5, 3: 201})
    assert soil.values.tolist() == [[70_000, 5], [201, 0]]


def test_only_the_part_that_overlaps_a_grid_is_read(tmp_path):
    cells = np.arange(100 * 80, dtype="float32").reshape(100, 80)
    path = write(tmp_path / "dem.tif", cells)
    grid = GeoBox((10, 10), HERE * Affine.translation(20, 40), "EPSG:4546")
    part = read_raster(path, "elevation", window=grid, margin=2)
    assert part.shape == (14, 14)
    assert np.array_equal(part.values, cells[38:52, 18:32])
    assert np.array_equal(align(part, grid).values, cells[40:50, 20:30])
    assert part.attrs["reading"] == ["only rows 38-52 and columns 18-32 were read"]
    whole = read_raster(path, "elevation")
    moved = GeoBox.from_bbox((110.6, 38.88, 110.7, 38.9), "EPSG:4490", resolution=0.0003)
    near = GeoBox((12, 12), Affine(10, 0, 600_500, 0, -10, 4_308_900), "EPSG:4547")
    with pytest.raises(CoordinateError, match="does not meet the grid's"):
        read_raster(path, "elevation", window=near)
    with pytest.raises(CoordinateError, match="does not meet the grid's"):
        read_raster(path, "elevation", window=moved)
    assert whole.shape == (100, 80)


def test_a_part_read_for_a_grid_in_another_system_gives_the_same_as_the_whole(tmp_path):
    rows, cols = np.mgrid[:120, :120]
    path = write(tmp_path / "dem.tif", (1000 + rows + 2 * cols).astype("float32"))
    grid = GeoBox((40, 40), Affine(0.0003, 0, 112.17, 0, -0.0003, 38.91), "EPSG:4490")
    part, whole = read_raster(path, "elevation", window=grid), read_raster(path, "elevation")
    assert part.size < whole.size
    assert np.allclose(align(part, grid), align(whole, grid), equal_nan=True, atol=1e-3)
    assert unknown_count(align(part, grid)) == unknown_count(align(whole, grid))


def test_a_raster_on_an_old_datum_goes_to_a_grid_on_another_only_when_accepted(tmp_path, heights):
    path = write(tmp_path / "dem.tif", heights, crs="EPSG:2434")
    grid = GeoBox((3, 4), HERE, "EPSG:4546")
    with pytest.raises(CoordinateError, match=r"Beijing 1954 .* is a shift of datum.*accept_datum_shift = true"):
        read_raster(path, "elevation", window=grid)
    dem = read_raster(path, "elevation", window=grid, accept_datum_shift=True)
    assert "no accuracy is published" in dem.attrs["reading"][0]
    assert read_raster(path, "elevation", window=GeoBox((3, 4), HERE, "EPSG:2434")).shape == (3, 4)


def test_a_grid_with_its_rows_going_north_is_turned(tmp_path, heights):
    path = write(tmp_path / "dem.tif", heights, transform=Affine(30, 0, 600_000, 0, 30, 4_309_910))
    dem = read_raster(path, "elevation")
    assert np.array_equal(dem.values, heights[::-1])
    assert geobox_of(dem).affine == HERE
    assert "rows were turned north up" in dem.attrs["reading"]


def test_ascii_needs_a_system_and_takes_it_from_a_prj_beside_it(tmp_path):
    path = tmp_path / "dem.asc"
    path.write_text(
        "ncols 3\nnrows 2\nxllcorner 600000\nyllcorner 4310000\ncellsize 30\nNODATA_value -9999\n1 2 3\n4 -9999 6\n"
    )
    with pytest.raises(CoordinateError, match=r"no coordinate system is named.*eastings of 6 digits.*EPSG:4546"):
        read_raster(path, "elevation")
    dem = read_raster(path, "elevation", crs="EPSG:4546")
    assert np.allclose(dem.values, [[1, 2, 3], [4, np.nan, 6]], equal_nan=True)
    assert "the file names no coordinate system; EPSG:4546 was given" in dem.attrs["reading"]
    (tmp_path / "dem.prj").write_text(rasterio.crs.CRS.from_epsg(4547).to_wkt(version="WKT1_ESRI"))
    assert geobox_of(read_raster(path, "elevation")).crs.to_epsg() == 4547
    with pytest.raises(CoordinateError, match=r"the file is in CGCS2000 / 3-degree.*4547.*but CGCS2000.*4546"):
        read_raster(path, "elevation", crs="EPSG:4546")


def test_an_srtm_tile_is_read_under_its_name_only(tmp_path):
    cells = np.full((1201, 1201), 800, ">i2")
    cells[5, 7] = -32768
    path = tmp_path / "N38E112.hgt"
    path.write_bytes(cells.tobytes())
    dem = read_raster(path, "elevation")
    assert dem.shape == (1201, 1201)
    assert unknown_count(dem) == 1
    assert geobox_of(dem).crs.to_epsg() == 4326
    path.rename(tmp_path / "shanxi.hgt")
    with pytest.raises(SourceError, match=r"must keep its name such as N38E112\.hgt"):
        read_raster(tmp_path / "shanxi.hgt", "elevation")


def test_a_netcdf_of_several_variables_wants_one_named(tmp_path):
    lat, lon = np.array([38.9, 38.8, 38.7]), np.array([112.0, 112.1, 112.2, 112.3])
    dims, cells = ("lat", "lon"), np.arange(12.0).reshape(3, 4)
    data = xr.Dataset({"dem": (dims, cells + 1000), "rain": (dims, cells)}, {"lat": lat, "lon": lon})
    data.lat.attrs, data.lon.attrs = {"units": "degrees_north"}, {"units": "degrees_east"}
    data.to_netcdf(tmp_path / "all.nc", engine="scipy")
    with pytest.raises(InputError, match="the file holds the variables dem, rain"):
        read_raster(tmp_path / "all.nc", "elevation", crs="EPSG:4326")
    with pytest.raises(InputError, match="no variable 'wind'; expected one of dem, rain"):
        read_raster(tmp_path / "all.nc", "elevation", variable="wind", crs="EPSG:4326")
    dem = read_raster(tmp_path / "all.nc", "elevation", variable="dem", crs="EPSG:4326")
    assert np.array_equal(dem.values, cells + 1000)
    assert geobox_of(dem).boundingbox.left == pytest.approx(111.95)
    assert inspect_raster(tmp_path / "all.nc", variable="rain").variables == ("dem", "rain")


def test_several_bands_want_one_named(tmp_path, heights):
    path = write(tmp_path / "stack.tif", np.stack([heights, heights + 1]))
    with pytest.raises(InputError, match=r"the file has 2 bands.*band = 1"):
        read_raster(path, "elevation")
    assert read_raster(path, "elevation", band=2).values[0, 0] == 1001
    with pytest.raises(InputError, match="no band 3; expected 1 to 2"):
        read_raster(path, "elevation", band=3)


def test_a_missing_file_names_its_neighbours(tmp_path, heights):
    write(tmp_path / "dem_30m.tif", heights)
    with pytest.raises(SourceError, match=r"there is no such raster file.*Beside it stand dem_30m\.tif"):
        read_raster(tmp_path / "dem30m.tif", "elevation")
    with pytest.raises(SourceError, match=r"The folder .*no does not exist either"):
        read_raster(tmp_path / "no" / "dem.tif", "elevation")


def test_a_truncated_tiff_is_refused(tmp_path):
    cells = np.random.default_rng(1).random((300, 300), "float32")
    path = write(tmp_path / "dem.tif", cells, compress="deflate")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=r"cannot be (read|opened).*(cut short|damaged)"):
        read_raster(path, "elevation")
    path.write_bytes(b"II*\0\x08\0")
    with pytest.raises(SourceError, match="cannot be opened as a raster"):
        read_raster(path, "elevation")


@pytest.mark.parametrize("share", [0.95, 0.5, 0.05])
@pytest.mark.parametrize("options", [{}, {"tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "lzw"}])
def test_cut_tiffs_are_found_wherever_they_were_cut(tmp_path, share, options):
    cells = np.random.default_rng(1).random((300, 300), "float32")
    path = write(tmp_path / "dem.tif", cells, **options)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(SourceError):
        read_raster(path, "elevation")


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ("1 2 3\n4 5", "cut short"),
        ("1 2 3\n4 x 6\n", "line 7 holds 'x' among its numbers"),
        ("", "cut short|another kind"),
    ],
)
def test_ascii_grids_that_are_cut_or_hold_words_are_refused(tmp_path, numbers, message):
    head = "ncols 3\nnrows 2\nxllcorner 600000\nyllcorner 4310000\ncellsize 30\n"
    (tmp_path / "dem.asc").write_text(head + numbers)
    with pytest.raises(SourceError, match=message):
        read_raster(tmp_path / "dem.asc", "elevation", crs="EPSG:4546")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_without_a_place_is_refused(tmp_path, heights):
    path = write(tmp_path / "dem.tif", heights, transform=Affine.identity())
    with pytest.raises(CoordinateError, match=r"does not say where its cells lie.*world file"):
        read_raster(path, "elevation")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n",
            "a Git LFS pointer stands in place of the data",
        ),
        (b"/annex/objects/SHA256E-s1", "a git-annex pointer"),
        (b"\n<!DOCTYPE html><html><body>Please log in</body></html>", "a web page was saved under this name"),
        (b"hello, this is text", "cannot be opened as a raster"),
    ],
)
def test_what_is_no_raster_is_told_apart(tmp_path, content, message):
    (tmp_path / "dem.tif").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_raster(tmp_path / "dem.tif", "elevation")


def test_a_file_of_nothing_but_unknown_is_refused(tmp_path):
    path = write(tmp_path / "dem.tif", np.full((4, 4), -9999, "int16"), nodata=-9999)
    with pytest.raises(InputError, match="every cell is unknown; expected some known elevation"):
        read_raster(path, "elevation")


def test_values_out_of_range_name_the_likely_cause(tmp_path):
    percent = write(tmp_path / "cover.tif", np.full((2, 2), 60, "uint8"))
    with pytest.raises(InputError, match=r"fractional_cover reaches from 60 to 60.*scale = 0\.01"):
        read_raster(percent, "fractional_cover")
    assert read_raster(percent, "fractional_cover", scale=0.01).values[0, 0] == pytest.approx(0.6)
    degrees = write(tmp_path / "slope.tif", np.full((2, 2), 35, "float32"))
    with pytest.raises(InputError, match="Are these degrees"):
        read_raster(degrees, "slope_angle")
    factor = write(tmp_path / "b.tif", np.full((2, 2), 1.3, "float32"))
    with pytest.raises(InputError, match=r"biological_factor reaches from 1.3"):
        read_raster(factor, "biological_factor")


def test_coordinates_that_cannot_be_of_the_named_system_are_refused(tmp_path, heights):
    path = write(tmp_path / "dem.tif", heights, transform=Affine(30, 0, 38_500_000, 0, -30, 4_310_000), crs="EPSG:4525")
    with pytest.raises(CoordinateError, match=r"the eastings begin with zone 38 .*fitting would be EPSG:4526"):
        read_raster(path, "elevation")
    path = write(tmp_path / "dem.tif", heights, transform=Affine(0.001, 0, 112, 0, -0.001, 39), crs="EPSG:4546")
    with pytest.raises(CoordinateError, match=r"the coordinates .* are degrees"):
        read_raster(path, "elevation")
    path = write(tmp_path / "dem.tif", heights)
    with pytest.raises(CoordinateError, match=r"the data lie at 112\.15 E .* but the county at 116\.40 E"):
        read_raster(path, "elevation", near=(116.4, 25.7))


def test_what_a_file_holds_is_told_without_reading_it(tmp_path, heights):
    found = inspect_raster(write(tmp_path / "dem.tif", heights, nodata=-1))
    assert (found.rows, found.columns, found.bands, found.dtype, found.nodata) == (3, 4, 1, "float32", -1)
    assert found.sentence() == (
        "4 × 3 cells of 30 × 30, 1 band(s) float32, CGCS2000 / 3-degree Gauss-Kruger CM 111E (EPSG:4546)"
    )


REAL = [
    ("youwuzhen/ywzdem30m.tif", "elevation", None, (98, 127), 0, (278.328, 549.512)),
    ("youwuzhen/ywzlanduse30m_upd.tif", "land_use", None, (85, 125), 3315, (4, 106)),
    ("youwuzhen/ywzsoil30m.tif", "soil_type", None, (85, 125), 3315, (201, 205)),
    ("youwuzhen/slppos_units.tif", "place", None, (233, 349), 28193, (18, 1088)),
    ("waerma/dem.tif", "elevation", None, (128, 166), 6615, (3812, 4470)),
    ("waerma/landuse.tif", "land_use", None, (9, 12), 26, (10, 10)),
    ("waerma/soil.tif", "soil_type", None, (5, 7), 8, (11705, 11724)),
    ("dems/invest_30m.tif", "elevation", None, (231, 194), 0, (99, 640)),
    ("dems/wangmaogou_edge_dem_1arcsec.tif", "elevation", None, (41, 41), 0, (941, 1097)),
    ("dems/whitebox_90m.tif", "elevation", "EPSG:26917", (188, 237), 0, (212.2288, 1233.0967)),
    ("dems/Long_TestBasin.asc", "elevation", "EPSG:32612", (402, 100), 999, (0.00067268, 250.984)),
    ("dems/Square_TestBasin.asc", "elevation", "EPSG:32612", (200, 200), 799, (0.0000596, 230.2706)),
    ("dems/bijou_gully_subset_5m_edit_dx_filled.asc", "elevation", "EPSG:32613", (77, 105), 0, (1673.068, 1729.865)),
    ("dems/hugo_site_filled.asc", "elevation", "EPSG:32613", (55, 76), 2028, (1660, 1711)),
    ("dems/pre_runout_DEM.asc", "elevation", "EPSG:32610", (122, 80), 122, (189.028, 582.3845)),
    ("dems/west_bijou_escarpment_snippet.asc", "elevation", "EPSG:4326", (67, 129), 0, (1690, 1807)),
]


@pytest.mark.parametrize(("name", "quantity", "crs", "shape", "unknown", "extremes"), REAL)
def test_real_rasters_are_read_as_they_are(name, quantity, crs, shape, unknown, extremes):
    path = real_data(name)
    if crs:
        with pytest.raises(CoordinateError, match="no coordinate system is named"):
            read_raster(path, quantity)
    array = read_raster(path, quantity, crs=crs)
    assert array.shape == shape
    assert unknown_count(array) == unknown
    nodata = array.attrs.get("nodata")
    cells = array.values[~np.isnan(array.values)] if nodata is None else array.values[array.values != nodata]
    assert (float(cells.min()), float(cells.max())) == pytest.approx(extremes, rel=1e-3)


def test_degrees_given_out_as_metres_are_refused():
    with pytest.raises(CoordinateError, match=r"WGS 84 / UTM zone 13N.* are degrees"):
        read_raster(real_data("dems/west_bijou_escarpment_snippet.asc"), "elevation", crs="EPSG:32613")


def test_grids_of_youwuzhen_do_not_align_but_share_one_recognised_system():
    dem = read_raster(real_data("youwuzhen/ywzdem30m.tif"), "elevation")
    use = read_raster(real_data("youwuzhen/ywzlanduse30m_upd.tif"), "land_use", window=geobox_of(dem))
    assert geobox_of(dem).crs == geobox_of(use).crs
    assert geobox_of(dem).crs.to_epsg() == 2415
    assert geobox_of(dem).affine != geobox_of(use).affine
    assert align(use, geobox_of(dem)).shape == dem.shape
    assert [f["code"] for f in dem.attrs["findings"]] == ["old_datum"]
    assert "Beijing 1954" in dem.attrs["reading"][0]
