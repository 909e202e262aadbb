"""The real frame and what is laid out in it: outlines that tile, windows that fit, rivers that leave where they do."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.landscapes import frame
from shuibao.landscapes.changes import cut, mines
from shuibao.landscapes.ground import MARGIN, county_lattice, river_lines
from shuibao.landscapes.lattice import Lattice, around
from shuibao.landscapes.places import seats, tile
from shuibao.landscapes.rain import stations

SEEDS = st.integers(0, 1000)
COARSE = around(frame.boundary().bounds, 960.0)


class TestFrame:
    def test_the_outline_is_one_sound_area_of_the_size_of_ningwu(self):
        outline = frame.boundary()
        assert outline.geom_type == "Polygon"
        assert outline.is_valid
        assert outline.area / 1e6 == pytest.approx(1987.7, rel=0.03), "statutory area [km2]"

    @given(st.floats(111, 113), st.floats(38, 40))
    def test_places_go_to_the_plane_and_back(self, lon, lat):
        there = frame.to_projected(lon, lat)
        assert np.allclose(frame.to_geographic(*there), (lon, lat), rtol=0, atol=1e-9)

    def test_lowest_mean_and_highest_ground_of_each_block_are_in_order(self):
        lon, lat, mean, low, high = frame.block_heights()
        assert mean.shape == low.shape == high.shape == (lat.size, lon.size)
        assert (low <= mean).all()
        assert (mean <= high).all()
        assert (np.diff(lat) > 0).all(), "south first"
        assert 700 < low.min() < high.max() < 2900

    def test_blocks_reach_beyond_the_county_and_its_margin(self):
        lon, lat, *_ = frame.block_heights()
        left, bottom, right, top = frame.boundary().buffer(MARGIN).bounds
        west, south = frame.to_geographic(left, bottom)
        east, north = frame.to_geographic(right, top)
        assert lon[0] - 0.025 <= west
        assert lon[-1] + 0.025 >= east
        assert lat[0] - 0.025 <= south
        assert lat[-1] + 0.025 >= north

    def test_codes_stay_text_in_every_table(self):
        for name, column in (("townships", "code"), ("villages", "code"), ("villages", "township"), ("stations", "id")):
            assert frame.table(name)[column].map(type).eq(str).all()

    def test_twelve_seats_lie_in_the_county(self):
        points = seats()
        assert len(points) == 12
        assert points.within(frame.boundary()).all()

    def test_both_rivers_pass_through_the_places_where_they_leave(self):
        exits = frame.points(frame.table("exits"))
        lines = river_lines()
        for place in exits.geometry:
            assert min(line.distance(place) for line in lines) < 1.0
            assert frame.boundary().boundary.distance(place) < 3000

    def test_the_areas_above_the_exits_leave_some_of_the_county_for_other_rivers(self):
        above = frame.table("exits")["area_km2"].sum()
        assert 0.6 * 1987.7 < above < 1987.7

    def test_stations_without_an_altitude_take_that_of_their_block_and_say_so(self):
        found = stations()
        assert found["altitude_m"].notna().all()
        assert set(found["altitude_from"]) <= {"station list", "block mean"}
        given_ones = frame.table("stations").set_index("id")["altitude_m"].dropna()
        assert (found.set_index("id").loc[given_ones.index, "altitude_m"] == given_ones).all()

    def test_seasons_rise_before_they_fall_and_summer_is_greener(self):
        rows = frame.table("seasons")
        assert (rows["green_up"] < rows["senescence"]).all()
        assert rows["green_up"].between(0, 24).all()
        assert rows["senescence"].between(0, 24).all()
        assert (rows["summer"] >= rows["winter"]).all()

    def test_the_year_of_the_climate_is_that_of_the_region(self):
        rows = frame.table("rain_climate")
        assert rows["month"].tolist() == list(range(1, 13))
        assert 400 < rows["depth_mm"].sum() < 550
        assert rows["wet_after_wet"].between(0, 1).all()
        assert (rows["wet_days"] < 31).all()

    def test_shares_of_uses_and_of_measures_leave_room(self):
        assert frame.table("land_shares")["share"].sum() < 1
        rows = frame.table("measure_shares")
        for slope in (4, 10, 20, 30):
            fits = rows[(rows["slope_from"] <= slope) & (rows["slope_to"] > slope)]
            assert (fits.groupby("land_use")["share"].sum() <= 1).all()


class TestTiles:
    @staticmethod
    def labels(seed, number=5):
        """Cells of the nearest of some random places."""
        rng = np.random.default_rng(seed)
        hearts = rng.random((number, 2)) * COARSE.shape
        rows, cols = np.mgrid[: COARSE.rows, : COARSE.cols]
        away = [(rows - r) ** 2 + (cols - c) ** 2 for r, c in hearts]
        return np.argmin(away, axis=0).astype(np.int32) + 1

    @settings(max_examples=15)
    @given(SEEDS)
    def test_outlines_of_labels_tile_the_county_without_gap_or_overlap(self, seed):
        shapes = np.array(list(tile(self.labels(seed), COARSE, 1000.0).values()), object)
        whole = shapely.union_all(shapes)
        assert shapely.is_valid(shapes).all()
        assert whole.symmetric_difference(frame.boundary()).area < 1.0
        assert shapely.area(shapes).sum() == pytest.approx(frame.boundary().area, rel=1e-9)

    def test_cells_without_a_label_go_to_the_nearest_one(self):
        labels = self.labels(1)
        sparse = np.where(np.random.default_rng(0).random(labels.shape) < 0.2, 0, labels)
        shapes = tile(sparse, COARSE, 0.0)
        assert set(shapes) <= set(np.unique(labels).tolist())
        assert sum(s.area for s in shapes.values()) == pytest.approx(frame.boundary().area, rel=1e-9)


class TestWindows:
    LATTICE = Lattice(600_000.0, 4_310_000.0, 80, 90, 100.0)

    @given(st.floats(599_000, 610_000), st.floats(4_300_000, 4_311_000), st.floats(50, 3000))
    def test_cells_of_a_shape_in_its_window_are_those_of_the_whole(self, east, north, reach):
        shape = shapely.Point(east, north).buffer(reach)
        window, part = cut(self.LATTICE, shape)
        inside = np.zeros(self.LATTICE.shape, bool)
        if part.rows and part.cols:
            inside[window] = part.covered(shape)
        assert np.array_equal(inside, self.LATTICE.covered(shape))

    def test_a_window_is_no_larger_than_its_shape_needs(self):
        shape = shapely.box(601_010, 4_305_010, 601_290, 4_305_190)
        window, part = cut(self.LATTICE, shape)
        assert part.shape == (2, 3)
        assert (window[0].start, window[1].start) == (48, 10)
        assert (part.left, part.top) == (601_000.0, 4_305_200.0)

    def test_a_shape_beyond_the_lattice_has_no_cells(self):
        _, part = cut(self.LATTICE, shapely.box(0, 0, 10, 10))
        assert 0 in part.shape


class TestMines:
    def test_there_are_as_many_as_planned_of_a_size_within_the_plan(self, county):
        plan = frame.table("changes").set_index("kind").loc["mine"]
        shapes = mines(frame.boundary(), county.villages, 1)
        assert len(shapes) == plan["events"]
        areas = np.array([s.area for s in shapes]) / 1e6
        assert areas.min() >= plan["area_from_km2"] - 1e-9
        assert areas.max() <= plan["area_to_km2"] + 1e-9

    def test_a_seed_is_its_own_set_of_mines(self, county):
        first, again, other = (mines(frame.boundary(), county.villages, seed) for seed in (1, 1, 2))
        assert shapely.equals_exact(first, again).all()
        assert not shapely.equals_exact(first, other).all()

    def test_they_lie_near_villages(self, county):
        homes = shapely.union_all(county.villages.geometry.to_numpy())
        shapes = mines(frame.boundary(), county.villages, 1)
        assert np.median([s.centroid.distance(homes) for s in shapes]) < 2000


@pytest.mark.parametrize("cell", [5.0, 30.0, 90.0, 500.0])
def test_the_lattice_of_the_county_covers_its_margin_at_any_cell(cell):
    lattice = county_lattice(cell)
    left, bottom, right, top = frame.boundary().buffer(MARGIN).bounds
    assert lattice.left <= left < lattice.left + cell
    assert lattice.top - cell < top <= lattice.top
    assert lattice.left + lattice.cols * cell >= right
    assert lattice.top - lattice.rows * cell <= bottom
