"""Noise, patches and lattices: seeded, of the stated size, without seams, the same on every grid."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.landscapes import frame
from shuibao.landscapes.ground import fractal
from shuibao.landscapes.kernels.carving import carve, nearest_river, spread_labels, sum_areas
from shuibao.landscapes.kernels.creep import creep_cells
from shuibao.landscapes.kernels.gradient_noise import fractal_cells, noise
from shuibao.landscapes.kernels.resampling import resample_cells
from shuibao.landscapes.kernels.season import greenness_cells
from shuibao.landscapes.kernels.stream_power import incise, upstream_order
from shuibao.landscapes.land import blob
from shuibao.landscapes.lattice import Blocks, Lattice, around, coarse_lattice, resample
from shuibao.landscapes.site import patches, smoothed
from shuibao.terrain.kernels.neighbours import COL_STEP, ROW_STEP

LATTICE = Lattice(600_000.0, 4_310_000.0, 120, 150, 100.0)
SEEDS = st.integers(0, 10_000)


def rough(seed=1, lattice=LATTICE):
    return fractal(lattice, 2000.0, 4, 0.6, seed)


class TestNoise:
    @given(SEEDS)
    def test_its_values_are_about_zero_with_a_spread_of_about_one(self, seed):
        values = fractal(Lattice(0.0, 0.0, 200, 200, 100.0), 500.0, 3, 0.6, seed)
        assert abs(values.mean()) < 0.15
        assert 0.75 < values.std() < 1.15
        assert np.abs(values).max() < 5

    def test_the_same_seed_gives_the_same_field_and_another_an_unlike_one(self):
        assert np.array_equal(rough(3), rough(3))
        assert abs(np.corrcoef(rough(3).ravel(), rough(4).ravel())[0, 1]) < 0.3

    @given(st.integers(0, 60), st.integers(0, 80))
    def test_a_part_of_the_lattice_sees_the_same_field_without_a_seam(self, row, col):
        part = Lattice(LATTICE.left + 100.0 * col, LATTICE.top - 100.0 * row, 40, 40, 100.0)
        assert np.allclose(rough(lattice=part), rough()[row : row + 40, col : col + 40], rtol=0, atol=1e-6)

    def test_it_is_smooth_over_a_cell_and_has_lost_memory_over_its_wavelength(self):
        values = fractal(LATTICE, 1000.0, 1, 1.0, 5)
        near = np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1]
        far = np.corrcoef(values[:, 15:].ravel(), values[:, :-15].ravel())[0, 1]
        assert near > 0.9
        assert abs(far) < 0.25

    @given(st.floats(-50, 50), st.floats(-50, 50), SEEDS)
    def test_one_octave_stays_within_its_bounds_and_vanishes_at_lattice_points(self, x, y, seed):
        assert -0.75 < noise(x, y, seed) < 0.75
        assert noise(float(round(x)), float(round(y)), seed) == 0.0

    @given(st.integers(-20, 20), st.floats(0, 1), SEEDS)
    def test_there_is_no_step_across_the_lines_of_its_lattice(self, line, along, seed):
        for before, after in (
            ((line - 1e-7, along), (line + 1e-7, along)),
            ((along, line - 1e-7), (along, line + 1e-7)),
        ):
            assert noise(*before, seed) == pytest.approx(noise(*after, seed), abs=1e-5)

    def test_more_octaves_make_it_rougher(self):
        roughness = [np.abs(np.diff(fractal(LATTICE, 3000.0, n, 0.7, 2))).mean() for n in (1, 3, 5)]
        assert roughness == sorted(roughness)


class TestPatches:
    @given(SEEDS)
    def test_every_cell_of_a_patch_shares_heart_and_chance(self, seed):
        found = patches(LATTICE, 800.0, seed)
        heart = found.rows.astype(int) * LATTICE.cols + found.cols
        inside = (found.rows > 0) & (found.rows < 119) & (found.cols > 0) & (found.cols < 149)
        for number in np.unique(heart[inside])[:20]:
            assert np.unique(found.chance[(heart == number) & inside]).size == 1

    def test_patches_are_about_as_large_as_asked(self):
        found = patches(LATTICE, 800.0, 1)
        number = np.unique(found.rows.astype(int) * LATTICE.cols + found.cols).size
        mean_area = LATTICE.rows * LATTICE.cols * LATTICE.cell**2 / number
        assert mean_area == pytest.approx(800.0**2, rel=0.25)

    def test_patches_finer_than_two_cells_are_made_two_cells_wide(self):
        found = patches(LATTICE, 10.0, 1)
        number = np.unique(found.rows.astype(int) * LATTICE.cols + found.cols).size
        assert LATTICE.rows * LATTICE.cols / number > 2.5

    def test_chances_are_spread_evenly_between_zero_and_one(self):
        chance = patches(LATTICE, 300.0, 1).chance
        assert chance.min() >= 0
        assert chance.max() < 1
        assert np.allclose(np.quantile(chance, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.06)

    def test_the_heart_of_a_patch_gives_its_value_to_all_of_it(self):
        found = patches(LATTICE, 800.0, 1)
        values = rough()
        spread = found.at_heart(values)
        assert np.array_equal(spread, values[found.rows, found.cols])
        assert np.unique(spread).size < np.unique(values).size / 20


class TestLattice:
    @given(st.floats(1e5, 9e5), st.floats(3e6, 5e6), st.floats(500, 5e4), st.sampled_from([10.0, 30.0, 240.0]))
    def test_it_covers_its_bounds_and_is_snapped_to_the_cell(self, left, bottom, side, cell):
        lattice = around((left, bottom, left + side, bottom + side), cell)
        assert lattice.left % cell == 0
        assert lattice.top % cell == 0
        assert lattice.left <= left
        assert lattice.left + lattice.cols * cell >= left + side
        assert lattice.top >= bottom + side
        assert lattice.top - lattice.rows * cell <= bottom
        assert (lattice.cols - 2) * cell < side

    def test_middles_of_cells_are_those_of_its_geobox(self):
        east, north = LATTICE.centres()
        box = LATTICE.geobox
        assert np.allclose(east, box.coords["x"].values)
        assert np.allclose(north, box.coords["y"].values)

    def test_a_shape_covers_the_cells_whose_middle_it_holds_or_that_it_touches(self):
        shape = shapely.box(600_060, 4_309_710, 600_260, 4_309_960)
        middle, touched = LATTICE.covered(shape), LATTICE.covered(shape, touched=True)
        assert np.argwhere(middle).tolist() == [[row, col] for row in (0, 1, 2) for col in (1, 2)]
        assert np.argwhere(touched).tolist() == [[row, col] for row in (0, 1, 2) for col in (0, 1, 2)]

    @pytest.mark.parametrize("cell", [25.0, 50.0, 200.0])
    def test_a_plane_stays_a_plane_on_a_finer_and_on_a_coarser_lattice(self, cell):
        east, north = LATTICE.centres()
        plane = 0.05 * (east[None, :] - 600_000) + 0.02 * (north[:, None] - 4_300_000)
        target = Lattice(601_000.0, 4_309_000.0, int(6000 / cell), int(6000 / cell), cell)
        x, y = target.centres()
        expected = 0.05 * (x[None, :] - 600_000) + 0.02 * (y[:, None] - 4_300_000)
        assert np.allclose(resample(plane, LATTICE, target), expected, atol=1e-3)

    def test_smoothing_keeps_the_mean_of_even_ground_and_ignores_what_is_unknown(self):
        values = np.full(LATTICE.shape, 7.0, np.float32)
        values[:40] = np.nan
        assert np.allclose(smoothed(values, LATTICE, 300.0)[45:], 7.0, atol=1e-4)


class TestBlocks:
    @pytest.fixture(scope="class")
    @classmethod
    def blocks(cls):
        return Blocks(coarse_lattice())

    def test_a_surface_through_given_means_has_them(self, blocks):
        mean = frame.block_heights()[2]
        found = blocks.means(blocks.with_means(mean, 8))
        assert np.abs(found - mean)[blocks.cells > 0].max() < 1.0

    def test_means_and_ranges_are_those_of_each_blocks_cells(self, blocks):
        values = fractal(coarse_lattice(), 5000.0, 3, 0.6, 1)
        number = int(np.argmax(blocks.cells))
        cells = values[blocks.index == number]
        assert blocks.means(values).flat[number] == pytest.approx(cells.mean(), rel=1e-4)
        assert blocks.ranges(values).flat[number] == pytest.approx(np.ptp(cells))


def downhill(seed, rows=6, cols=7):
    """Directions of steepest descent over random ground, 8 where no neighbour is lower."""
    height = np.random.default_rng(seed).random((rows, cols)) * 100
    directions = np.full((rows, cols), 8, np.uint8)
    for row in range(rows):
        for col in range(cols):
            falls = {}
            for d in range(8):
                r, c = row + ROW_STEP[d], col + COL_STEP[d]
                if 0 <= r < rows and 0 <= c < cols:
                    falls[d] = (height[row, col] - height[r, c]) / np.hypot(ROW_STEP[d], COL_STEP[d])
            best = max(falls, key=falls.get)
            if falls[best] > 0:
                directions[row, col] = best
    return height, directions


def ordered(directions):
    order = np.empty(directions.size, np.int64)
    return order, upstream_order(directions, order)


class TestWorkAlongTheWater:
    @given(SEEDS)
    def test_every_cell_is_visited_once_and_after_the_one_below_it(self, seed):
        _, directions = downhill(seed)
        order, count = ordered(directions)
        assert sorted(order[:count]) == list(range(directions.size))
        place = {cell: k for k, cell in enumerate(order[:count])}
        for cell in order[:count]:
            row, col = divmod(int(cell), directions.shape[1])
            d = directions[row, col]
            if d < 8:
                assert place[(row + ROW_STEP[d]) * directions.shape[1] + col + COL_STEP[d]] < place[cell]

    @given(SEEDS)
    def test_what_leaves_at_the_outlets_is_all_that_there_is(self, seed):
        _, directions = downhill(seed)
        order, count = ordered(directions)
        area = np.zeros(directions.shape)
        sum_areas(directions, order, count, 25.0, area)
        assert area[directions == 8].sum() == pytest.approx(25.0 * directions.size)
        assert area.min() == 25.0

    @given(SEEDS, st.floats(0, 5))
    def test_carving_only_lowers_and_leaves_the_fall_asked_for_everywhere(self, seed, drop):
        _, directions = downhill(seed)
        before = np.random.default_rng(seed + 1).random(directions.shape) * 100
        height = before.copy()
        order, count = ordered(directions)
        carve(height, directions, order, count, drop)
        assert (height <= before).all()
        for (row, col), d in np.ndenumerate(directions):
            if d < 8:
                assert height[row + ROW_STEP[d], col + COL_STEP[d]] <= height[row, col] - drop + 1e-9

    @given(SEEDS)
    def test_incision_never_raises_the_ground_nor_turns_a_way_uphill(self, seed):
        before, directions = downhill(seed)
        height, shape = before.copy(), directions.shape
        order, count = ordered(directions)
        area = np.zeros(shape)
        sum_areas(directions, order, count, 100.0, area)
        incise(height, directions, order, count, area, np.full(shape, 0.2), 0.5, 10.0, np.full(shape, 9.0))
        assert (height <= before + 1e-9).all()
        for (row, col), d in np.ndenumerate(directions):
            if d < 8:
                assert height[row, col] >= height[row + ROW_STEP[d], col + COL_STEP[d]] - 1e-9
            else:
                assert height[row, col] == before[row, col], "the outlet stays"

    @given(SEEDS)
    def test_creep_keeps_the_mass_and_evens_the_ground(self, seed):
        before, _ = downhill(seed)
        after = np.empty_like(before)
        creep_cells(before, 0.2, after)
        assert after.sum() == pytest.approx(before.sum())
        assert after.std() < before.std()
        assert before.min() <= after.min() <= after.max() <= before.max()

    def test_what_is_written_compiled_is_written_plain(self):
        height, directions = downhill(11)
        order, count = ordered(directions)
        area = np.zeros(directions.shape)
        sum_areas(directions, order, count, 100.0, area)
        runs = []
        for pick in (lambda k: k, lambda k: k.py_func):
            cut, base, size = height.copy(), np.zeros_like(height), np.zeros_like(height)
            labels, total = (
                (directions == 8).astype(np.int32) * np.arange(1, directions.size + 1).reshape(directions.shape),
                area.copy(),
            )
            labels = labels.astype(np.int32)
            crept, finer = np.empty_like(height), np.empty((8, 8))
            pick(carve)(cut, directions, order, count, 0.5)
            pick(nearest_river)(height, directions, order, count, area, 300.0, base, size)
            pick(spread_labels)(directions, order, count, labels)
            pick(sum_areas)(directions, order, count, 9.0, total)
            pick(creep_cells)(height, 0.1, crept)
            pick(resample_cells)(height, 1.25, 0.75, 0.5, finer)
            runs.append([cut, base, size, labels, total, crept, finer])
        for compiled, plain in zip(*runs, strict=True):
            np.testing.assert_allclose(compiled, plain, rtol=1e-12)

    @pytest.mark.filterwarnings("ignore:overflow encountered")
    def test_noise_and_seasons_compiled_are_those_of_plain_python(self):
        code = np.array([[31, 13, 0], [71, 43, 31]], np.uint8)
        height = np.array([[1400, 1900, 1500], [1300, 2400, np.nan]], np.float32)
        curves = np.zeros((256, 4))
        for k, row in (
            frame.table("seasons").set_index("land_use")[["winter", "summer", "green_up", "senescence"]].iterrows()
        ):
            curves[k] = row
        ones, nothing = np.ones(code.shape, np.float32), np.zeros(code.shape, np.float32)
        runs = []
        for pick in (lambda k: k, lambda k: k.py_func):
            field, green = np.empty((5, 6)), np.empty(code.shape, np.float32)
            pick(fractal_cells)(600_000.0, 4_300_000.0, 90.0, 700.0, 2, 0.5, 3, field)
            pick(greenness_cells)(code, ones, height, nothing, 12.0, curves, 0.9, green)
            runs.append([field, green])
        for compiled, plain in zip(*runs, strict=True):
            np.testing.assert_allclose(compiled, plain, rtol=1e-6)


class TestBlobs:
    @given(SEEDS, st.floats(1e4, 3e6))
    def test_a_ragged_outline_has_the_area_asked_for_around_its_place(self, seed, area):
        place = shapely.Point(600_000, 4_300_000)
        shape = blob(place, area, np.random.default_rng(seed))
        assert shape.area == pytest.approx(area)
        assert shape.is_valid
        assert shape.distance(place) == 0

    def test_no_two_outlines_are_alike(self):
        rng = np.random.default_rng(1)
        one, other = (blob(shapely.Point(0, 0), 1e5, rng) for _ in range(2))
        assert one.symmetric_difference(other).area > 1e3
