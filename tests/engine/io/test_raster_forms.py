"""Forms in which rasters arrive: ASCII grids, tiles, NetCDF, grids that are turned, parts near the edge."""

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from shuibao.errors import CoordinateError, InputError, SourceError
from shuibao.grids import align, geobox_of, unknown_count
from shuibao.io import inspect_raster, read_raster
from shuibao.io.analytic_rasters import write_raster
from shuibao.terrain import aspect

ORIGIN = (600_000, 4_310_000)
UPRIGHT = Affine(30, 0, ORIGIN[0], 0, -30, ORIGIN[1])
MIDDLE = (600_600, 4_309_400)


def plane(rows=40, cols=40):
    """Heights that rise by 1 m a row and 2 m a column."""
    return (1000 + np.add.outer(np.arange(rows), 2 * np.arange(cols))).astype("float32")


def tiff(path, cells, *, transform=UPRIGHT, crs="EPSG:4546", **profile):
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=cells.shape[0], width=cells.shape[1], dtype=cells.dtype,
        crs=crs, transform=transform, **profile,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path


class TestAsciiGrids:
    HEAD = "ncols 3\nnrows 2\nxllcorner 600000\nyllcorner 4310000\ncellsize 30\nNODATA_value -9999\n"
    CELLS = "1.5 2.5 3\n4 -9999 6.25\n"

    def read(self, tmp_path, text, **options):
        (tmp_path / "dem.asc").write_text(text)
        return read_raster(tmp_path / "dem.asc", "elevation", crs="EPSG:4546", **options)

    def test_decimals_may_be_written_with_a_comma(self, tmp_path):
        comma = self.read(tmp_path, self.HEAD + self.CELLS.replace(".", ","))
        assert np.array_equal(comma.values, [[1.5, 2.5, 3], [4, np.nan, 6.25]], equal_nan=True)

    def test_a_cell_size_with_a_comma_is_not_cut_to_a_whole_one(self, tmp_path):
        dem = self.read(tmp_path, self.HEAD.replace("cellsize 30", "cellsize 30,5") + "1 2 3\n4 -9999 6\n")
        assert geobox_of(dem).affine.a == 30.5

    def test_the_corner_may_be_given_by_the_middle_of_its_cell(self, tmp_path):
        head = self.HEAD.replace("xllcorner 600000", "xllcenter 600015").replace(
            "yllcorner 4310000", "yllcenter 4310015"
        )
        assert geobox_of(self.read(tmp_path, head + self.CELLS)) == geobox_of(
            self.read(tmp_path, self.HEAD + self.CELLS)
        )

    def test_numbers_may_run_on_over_any_number_of_lines(self, tmp_path):
        whole = self.read(tmp_path, self.HEAD + self.CELLS)
        broken = self.read(tmp_path, self.HEAD + "1.5\n2.5 3 4\n-9999\n6.25\n")
        assert np.array_equal(whole.values, broken.values, equal_nan=True)

    def test_lines_may_end_as_on_windows(self, tmp_path):
        (tmp_path / "dem.asc").write_bytes((self.HEAD + self.CELLS).replace("\n", "\r\n").encode())
        assert read_raster(tmp_path / "dem.asc", "elevation", crs="EPSG:4546").values[0, 0] == 1.5

    def test_without_a_nodata_line_the_usual_mark_is_unknown_all_the_same(self, tmp_path):
        dem = self.read(tmp_path, self.HEAD.replace("NODATA_value -9999\n", "") + self.CELLS)
        assert unknown_count(dem) == 1

    def test_the_first_row_of_the_file_is_the_northern_one(self, tmp_path):
        dem = self.read(tmp_path, self.HEAD + self.CELLS)
        assert dem.y.values.tolist() == [4_310_045, 4_310_015]
        assert dem.values[0, 0] == 1.5


class TestTiles:
    @staticmethod
    def tile(path, value=800, side=1201):
        path.write_bytes(np.full((side, side), value, ">i2").tobytes())
        return path

    @pytest.mark.parametrize(
        ("name", "left", "bottom"),
        [("N38E112.hgt", 112, 38), ("S10W070.hgt", -70, -10), ("N00E000.hgt", 0, 0), ("n39e111.hgt", 111, 39)],
    )
    def test_the_name_says_where_a_tile_lies_half_a_cell_beyond_its_degrees(self, tmp_path, name, left, bottom):
        box = geobox_of(read_raster(self.tile(tmp_path / name), "elevation")).boundingbox
        half = 0.5 / 1200
        assert (box.left, box.bottom) == pytest.approx((left - half, bottom - half))
        assert (box.right, box.top) == pytest.approx((left + 1 + half, bottom + 1 + half))

    def test_neighbouring_tiles_share_the_cells_of_their_common_edge(self, tmp_path):
        west = read_raster(self.tile(tmp_path / "N38E111.hgt"), "elevation")
        east = read_raster(self.tile(tmp_path / "N38E112.hgt"), "elevation")
        assert west.x.values[-1] == pytest.approx(east.x.values[0])

    def test_a_tile_one_column_short_is_refused_with_the_sizes_there_are(self, tmp_path):
        path = tmp_path / "N38E112.hgt"
        path.write_bytes(np.zeros((1201, 1200), ">i2").tobytes())
        with pytest.raises(SourceError, match="1201² or 3601² cells of 2 bytes"):
            read_raster(path, "elevation")


class TestNetCdf:
    LAT, LON = [38.9, 38.8, 38.7], [112.0, 112.1, 112.2, 112.3]
    CELLS = np.arange(12.0).reshape(3, 4) + 1000

    @pytest.fixture
    def read(self, tmp_path):
        def _read(cells, lat, lon, quantity="elevation", encoding=None, **options):
            data = xr.Dataset({"v": (("lat", "lon"), cells)}, {"lat": lat, "lon": lon})
            data.lat.attrs, data.lon.attrs = {"units": "degrees_north"}, {"units": "degrees_east"}
            data.to_netcdf(tmp_path / "v.nc", engine="scipy", encoding={"v": encoding or {}})
            return read_raster(tmp_path / "v.nc", quantity, crs="EPSG:4326", **options)

        return _read

    def test_coordinates_are_the_middles_of_the_cells(self, read):
        box = geobox_of(read(self.CELLS, self.LAT, self.LON)).boundingbox
        assert tuple(box) == pytest.approx((111.95, 38.65, 112.35, 38.95))

    @pytest.mark.parametrize("turn", ["south first", "east first", "both"])
    def test_the_order_of_the_coordinates_does_not_move_the_ground(self, read, turn):
        up = -1 if turn in ("south first", "both") else 1
        along = -1 if turn in ("east first", "both") else 1
        plain = read(self.CELLS, self.LAT, self.LON)
        turned = read(self.CELLS[::up, ::along], self.LAT[::up], self.LON[::along])
        assert np.array_equal(turned.values, plain.values)
        assert np.allclose(np.array(geobox_of(turned).affine), np.array(geobox_of(plain).affine))
        assert any("from west to east" in n for n in turned.attrs["reading"]) is (along == -1)

    @pytest.mark.parametrize("lat", [[38.9, 38.6, 38.5], [38.9, 38.7, 38.8]])
    def test_coordinates_without_an_even_step_are_refused(self, read, lat):
        with pytest.raises(CoordinateError, match="does not say where its cells lie"):
            read(self.CELLS, lat, self.LON)

    def test_packed_numbers_are_unpacked_by_the_files_own_scale(self, read):
        cells = np.array([[0.2, np.nan], [0.8, 1.0]])
        pack = {"dtype": "int16", "scale_factor": 0.0001, "_FillValue": -3000}
        ndvi = read(cells, [38.9, 38.8], [112.0, 112.1], "ndvi", pack)
        assert np.allclose(ndvi.values, cells, equal_nan=True, atol=1e-6)
        assert "values were multiplied by 0.0001" in ndvi.attrs["reading"], "and not a second time"

    def test_days_count_as_bands_and_want_one_named(self, tmp_path):
        days = pd.date_range("2025-07-01", periods=3)
        cells = np.stack([self.CELLS + k for k in range(3)])
        data = xr.Dataset({"v": (("time", "lat", "lon"), cells)}, {"time": days, "lat": self.LAT, "lon": self.LON})
        data.to_netcdf(tmp_path / "t.nc", engine="scipy")
        with pytest.raises(InputError, match=r"the file has 3 bands; expected one band\. Name one: band = 1"):
            read_raster(tmp_path / "t.nc", "elevation", crs="EPSG:4326")
        second = read_raster(tmp_path / "t.nc", "elevation", crs="EPSG:4326", band=2)
        assert np.array_equal(second.values, self.CELLS + 1)


class TestTurnedGrids:
    GRID = GeoBox((10, 10), Affine(30, 0, MIDDLE[0] - 150, 0, -30, MIDDLE[1] + 150), "EPSG:4546")

    def expected(self, transform):
        """Heights of the plane at the middles of the grid's cells."""
        rows, cols = np.mgrid[:10, :10] + 0.5
        x, y = self.GRID.affine * (cols, rows)
        col, row = ~transform * (x, y)
        return 1000 + (row - 0.5) + 2 * (col - 0.5)

    @pytest.mark.parametrize(
        "transform",
        [
            UPRIGHT,
            Affine(30, 0, 600_000, 0, 30, 4_308_800),
            Affine(-30, 0, 601_200, 0, -30, 4_310_000),
            Affine(-30, 0, 601_200, 0, 30, 4_308_800),
            Affine.translation(*MIDDLE) * Affine.rotation(10) * Affine.scale(30, -30) * Affine.translation(-20, -20),
        ],
        ids=["upright", "south first", "east first", "both", "rotated"],
    )
    @pytest.mark.parametrize("part", [False, True])
    def test_however_the_file_is_turned_the_grid_gets_the_same_ground(self, tmp_path, transform, part):
        path = tiff(tmp_path / "dem.tif", plane(), transform=transform)
        dem = read_raster(path, "elevation", window=self.GRID if part else None)
        assert np.allclose(align(dem, self.GRID).values, self.expected(transform), atol=1e-3)

    def test_a_grid_whose_columns_run_west_is_turned_and_its_slopes_face_the_same_way(self, tmp_path):
        west = read_raster(
            tiff(tmp_path / "w.tif", plane(), transform=Affine(-30, 0, 601_200, 0, -30, 4_310_000)), "elevation"
        )
        east = read_raster(tiff(tmp_path / "e.tif", plane()[:, ::-1].copy()), "elevation")
        assert np.array_equal(west.values, east.values)
        assert geobox_of(west) == geobox_of(east)
        assert np.array_equal(aspect(west).values, aspect(east).values, equal_nan=True)

    def test_terrain_is_not_worked_out_on_a_rotated_grid(self, tmp_path):
        path = tiff(tmp_path / "dem.tif", plane(), transform=UPRIGHT * Affine.rotation(10))
        with pytest.raises(CoordinateError, match="expected square cells, north up"):
            aspect(read_raster(path, "elevation"))


class TestParts:
    """Reading only what overlaps a grid, at the file's very edges."""

    @pytest.fixture
    def path(self, tmp_path):
        return tiff(tmp_path / "dem.tif", plane(60, 50), tiled=True, blockxsize=16, blockysize=16)

    @pytest.mark.parametrize(
        ("row", "col"), [(0, 0), (50, 40), (0, 40), (50, 0), (-5, -5), (55, 45), (-9, 20), (25, -9)]
    )
    def test_a_part_equals_the_same_part_of_the_whole_and_stays_in_the_file(self, path, row, col):
        grid = GeoBox((10, 10), UPRIGHT * Affine.translation(col, row), "EPSG:4546")
        part, whole = read_raster(path, "elevation", window=grid), read_raster(path, "elevation")
        assert part.shape[0] <= 18
        assert part.shape[1] <= 18
        assert np.array_equal(align(part, grid).values, align(whole, grid).values, equal_nan=True)

    @pytest.mark.parametrize(("row", "col"), [(-10, 0), (60, 0), (0, -10), (0, 50)])
    def test_a_grid_that_only_touches_the_file_does_not_meet_it(self, path, row, col):
        grid = GeoBox((10, 10), UPRIGHT * Affine.translation(col, row), "EPSG:4546")
        with pytest.raises(CoordinateError, match="does not meet the grid's"):
            read_raster(path, "elevation", window=grid)

    def test_a_grid_larger_than_the_file_reads_all_of_it(self, path):
        grid = GeoBox((100, 100), UPRIGHT * Affine.translation(-20, -20), "EPSG:4546")
        assert read_raster(path, "elevation", window=grid).shape == (60, 50)

    def test_a_part_that_knows_nothing_is_refused_as_such(self, tmp_path):
        cells = plane(60, 50)
        cells[:30] = -9999
        path = tiff(tmp_path / "dem.tif", cells, nodata=-9999)
        grid = GeoBox((10, 10), UPRIGHT * Affine.translation(10, 5), "EPSG:4546")
        with pytest.raises(InputError, match="every cell is unknown in the part that overlaps the grid"):
            read_raster(path, "elevation", window=grid)

    def test_of_a_cloud_optimised_file_a_part_is_read_like_of_any_other(self, tmp_path):
        whole = read_raster(tiff(tmp_path / "a.tif", plane(700, 600)), "elevation")
        write_raster(tmp_path / "cog.tif", whole, title="heights")
        grid = GeoBox((20, 20), UPRIGHT * Affine.translation(585, 690), "EPSG:4546")
        part = read_raster(tmp_path / "cog.tif", "elevation", window=grid)
        assert part.shape == (14, 19)
        assert np.array_equal(part.values, whole.values[-14:, -19:])


class TestUnknown:
    @pytest.mark.parametrize(
        ("kind", "mark"),
        [("float64", 1e300), ("float64", -1.7976931348623157e308), ("float32", -3.4028234663852886e38), ("int32", -2147483648), ("int16", 0), ("uint16", 65535)],
    )  # fmt: skip
    def test_the_mark_of_the_file_is_unknown_whatever_its_size(self, tmp_path, kind, mark):
        cells = np.array([[mark, 1000], [1200, mark]], kind)
        dem = read_raster(tiff(tmp_path / "dem.tif", cells, nodata=mark), "elevation")
        assert np.array_equal(dem.values, [[np.nan, 1000], [1200, np.nan]], equal_nan=True)
        assert dem.attrs["unknown_share"] == 0.5

    @pytest.mark.parametrize("strange", [np.inf, -np.inf, np.nan])
    def test_numbers_that_are_none_are_unknown(self, tmp_path, strange):
        cells = np.array([[strange, 1000], [1200, 1100]], "float32")
        assert unknown_count(read_raster(tiff(tmp_path / "dem.tif", cells), "elevation")) == 1

    def test_a_mark_that_is_given_takes_the_place_of_the_files_own(self, tmp_path):
        path = tiff(tmp_path / "dem.tif", np.array([[0, 1000], [1200, -1]], "int16"), nodata=-1)
        dem = read_raster(path, "elevation", nodata=0)
        assert np.array_equal(dem.values, [[np.nan, 1000], [1200, -1]], equal_nan=True)
        assert dem.attrs["reading"] == ["0 means unknown as given"]

    def test_a_height_of_zero_is_known_where_nothing_says_otherwise(self, tmp_path):
        dem = read_raster(tiff(tmp_path / "dem.tif", np.array([[0, 5], [3, 2]], "int16")), "elevation")
        assert unknown_count(dem) == 0
        assert dem.values[0, 0] == 0

    @given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1))
    def test_the_share_of_unknown_cells_is_that_of_the_file(self, tmp_path_factory, rows, cols, share):
        cells = plane(rows, cols)
        hidden = np.random.default_rng(0).random(cells.shape) < share
        hidden.flat[0] = False
        cells[hidden] = -9999
        path = tiff(tmp_path_factory.mktemp("share") / "dem.tif", cells, nodata=-9999)
        dem = read_raster(path, "elevation")
        assert dem.attrs["unknown_share"] == pytest.approx(hidden.mean())
        assert np.array_equal(np.isnan(dem.values), hidden)


class TestScalesAndCodes:
    def test_a_scale_that_is_given_takes_the_place_of_the_files_own_and_its_offset(self, tmp_path):
        path = tiff(tmp_path / "dem.tif", np.array([[100, 200]], "int16"))
        with rasterio.open(path, "r+") as file:
            file.scales, file.offsets = (0.1,), (1000.0,)
        assert read_raster(path, "elevation").values.tolist() == [[1010, 1020]]
        assert read_raster(path, "elevation", scale=2.0).values.tolist() == [[200, 400]]

    def test_percent_become_fractions_when_said(self, tmp_path):
        path = tiff(tmp_path / "cover.tif", np.array([[0, 60], [100, 255]], "uint8"), nodata=255)
        cover = read_raster(path, "fractional_cover", scale=0.01)
        assert np.allclose(cover.values, [[0, 0.6], [1, np.nan]], equal_nan=True)

    def test_decimals_with_unknown_cells_are_exchanged_as_codes(self, tmp_path):
        path = tiff(tmp_path / "use.tif", np.array([[1.0, 2.0], [np.nan, 2.0]], "float32"))
        use = read_raster(path, "land_use", recode={1: 11, 2: 31})
        assert use.values.tolist() == [[11, 31], [0, 31]]

    def test_a_code_exchanged_for_one_that_no_land_use_has_is_refused(self, tmp_path):
        path = tiff(tmp_path / "use.tif", np.array([[1, 2]], "uint8"))
        with pytest.raises(InputError, match="land_use reaches from 11 to 300; expected 0 to 255"):
            read_raster(path, "land_use", recode={1: 11, 2: 300})

    def test_only_the_first_ten_unlisted_codes_are_named_with_their_cells(self, tmp_path):
        path = tiff(tmp_path / "use.tif", np.arange(1, 21, dtype="uint8").reshape(4, 5))
        with pytest.raises(InputError, match=r"recode: 2 \(1 cells\), .*11 \(1 cells\); expected") as error:
            read_raster(path, "land_use", recode={1: 11})
        assert "12 (1" not in str(error.value)

    def test_a_large_file_read_in_strips_counts_its_unknown_cells_once(self, tmp_path, monkeypatch):
        monkeypatch.setattr("shuibao.io.rasters.STRIP", 50)
        cells = plane(33, 10)
        cells[::5, 3] = -9999
        path = tiff(tmp_path / "dem.tif", cells, nodata=-9999, tiled=False, blockysize=1)
        dem = read_raster(path, "elevation")
        assert unknown_count(dem) == 7
        assert dem.attrs["unknown_share"] == pytest.approx(7 / 330)
        cells[::5, 3] = np.nan
        assert np.array_equal(dem.values, cells, equal_nan=True)


class TestInspection:
    def test_a_person_is_told_size_cells_and_system_in_one_line(self, tmp_path):
        found = inspect_raster(tiff(tmp_path / "dem.tif", plane(), nodata=-9999))
        assert found.sentence().startswith("40 × 40 cells of 30 × 30, 1 band(s) float32, CGCS2000 / 3-degree")
        assert (found.nodata, found.dtype, found.driver) == (-9999, "float32", "GTiff")
        assert found.bounds == (600_000, 4_308_800, 601_200, 4_310_000)

    def test_a_file_without_a_system_says_that_it_has_none(self, tmp_path):
        found = inspect_raster(tiff(tmp_path / "dem.tif", plane(), crs=None))
        assert found.crs is None
        assert found.sentence().endswith("no coordinate system")

    def test_cells_are_not_looked_at_so_a_damaged_body_is_still_told_of(self, tmp_path):
        path = tiff(tmp_path / "dem.tif", np.random.default_rng(0).random((300, 300), "float32"), compress="deflate")
        head = path.read_bytes()
        path.write_bytes(head[: len(head) - 2000])
        assert inspect_raster(path).rows == 300
        with pytest.raises(SourceError, match="cannot be read"):
            read_raster(path, "elevation")
