"""Nothing is lost on the way down: counts and sums close, whatever the tiles and the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import cell_areas, geobox_of, layer
from shuibao.terrain import check_drainage, drainage, fill_depressions, flow_accumulation, flow_directions
from shuibao.terrain.kernels import accumulation, accumulation_chains, accumulation_weights
from shuibao.terrain.kernels.directions import steepest_descent
from shuibao.terrain.kernels.filling import fill
from shuibao.terrain.kernels.flats import count_flats, drain_flats
from shuibao.terrain.kernels.neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

E, SE, S, SW, W, NW, N, NE = range(8)


def random_directions(seed, shape, heights_of=1000, holes=0.0):
    rng = np.random.default_rng(seed)
    heights = np.floor(rng.random(shape) * heights_of).astype(np.float32)
    heights[rng.random(shape) < holes] = np.nan
    filled, codes = np.empty_like(heights), np.empty(shape, np.uint8)
    fill(heights, 8, 1, filled)
    steepest_descent(filled, codes)
    assert drain_flats(filled, codes, np.empty(count_flats(codes) + 1, np.int32)) == 0
    return codes


def counted(codes, tile, workers=2, dtype=np.int32):
    out = np.empty(codes.shape, dtype)
    assert accumulation.accumulate_cells(codes, tile, workers, -1, out) == 0
    return out


def walked(codes, weights):
    """The reference: walk from every cell to its outlet and leave its weight at every cell on the way."""
    sums = np.zeros(codes.shape)
    for r, c in np.argwhere(codes != UNKNOWN).tolist():
        weight = weights[r, c]
        while True:
            sums[r, c] += weight
            if codes[r, c] == OUTLET:
                break
            r, c = r + ROW_STEP[codes[r, c]], c + COL_STEP[codes[r, c]]
    return np.where(codes == UNKNOWN, -1, sums)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 24), st.integers(1, 24)),
    st.sampled_from([1, 3, 1000]), st.sampled_from([0.0, 0.1, 0.5]), st.integers(2, 9),
)  # fmt: skip
def test_counts_are_those_of_walking_every_way(seed, shape, heights_of, holes, tile):
    codes = random_directions(seed, shape, heights_of, holes)
    counts = counted(codes, tile)
    assert np.array_equal(counts, walked(codes, np.ones(shape)))
    assert counts[codes == OUTLET].sum() == (codes != UNKNOWN).sum()


def test_tiles_threads_and_integer_width_leave_no_trace():
    codes = random_directions(3, (210, 190), 50, 0.01)
    expected = counted(codes, 256, 1)
    for tile, workers in ((5, 1), (16, 2), (64, 2), (100, 2)):
        assert np.array_equal(counted(codes, tile, workers), expected)
    assert np.array_equal(counted(codes, 32, 2, np.int64), expected)


def test_turning_and_mirroring_the_ground_turns_and_mirrors_the_counts(ground, rng):
    """Heights are random, so there are hardly ties; lakes are left out by counting on the ground as it is where it
    drains.
    """
    y, x = np.mgrid[:60, :50]
    heights = (200.0 - 2.0 * y - 1.3 * x + rng.random(y.shape)).astype(np.float32)
    expected = drainage(ground(heights))
    assert (expected.filled.values == heights).all()
    for turn in (
        lambda a: np.rot90(a),
        lambda a: np.rot90(a, 2),
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a.T,
    ):
        counts = drainage(ground(turn(heights).copy())).contributing_cells.values
        assert np.array_equal(counts, turn(expected.contributing_cells.values))


def test_a_river_through_many_tiles_gathers_all():
    codes = np.full((30, 40), S, np.uint8)
    codes[-1] = E
    codes[-1, -1] = OUTLET
    counts = counted(codes, 7)
    assert counts[-1].tolist() == [30 * (col + 1) for col in range(40)]


def test_weights_are_summed(ground):
    codes = random_directions(11, (40, 30), 20)
    weights = np.random.default_rng(1).random((40, 30))
    directions = layer(codes, geobox_of(ground(weights)), "flow_direction", nodata=UNKNOWN)
    sums = flow_accumulation(directions, ground(weights, quantity="soil_loss"))
    assert sums.dtype == np.float64
    assert sums.attrs["quantity"] == "soil_loss"
    assert np.allclose(sums.values, walked(codes, weights), rtol=1e-12)


def test_areas_become_contributing_areas(ground):
    drain = drainage(ground(np.add.outer(np.arange(9.0), np.arange(8.0))))
    areas = cell_areas(geobox_of(drain.directions))
    result = flow_accumulation(drain.directions, areas)
    assert result.attrs["quantity"] == "contributing_area"
    assert result.attrs["units"] == "m2"
    assert result.values[0, 0] == pytest.approx(float(areas.sum()), rel=1e-12)


def test_an_unknown_weight_makes_all_below_it_unknown(ground):
    drain = drainage(ground([[9, 9, 9], [6, 5, 9], [1, 9, 9]]))
    weights = ground([[1, 1, 1], [1, 1, np.nan], [1, 1, 1]])
    sums = flow_accumulation(drain.directions, weights).values
    assert np.isnan(sums[1, 1])
    assert np.isnan(sums[2, 0])
    assert sums[1, 0] == 2.0


def test_whole_number_weights_keep_their_nodata_unknown(ground):
    drain = drainage(ground([[3, 3, 3], [3, 2, 3], [3, 1, 3]]))
    weights = ground(np.array([[1, 0, 1], [1, 1, 1], [1, 1, 1]], np.uint8), quantity="land_use")
    weights.attrs["nodata"] = 0
    sums = flow_accumulation(drain.directions, weights).values
    assert np.isnan(sums[0, 1])
    assert np.isnan(sums[2, 1])


def test_directions_off_the_ground_end_there():
    codes = np.array([[W, W, E], [UNKNOWN, N, NW], [N, W, N]], np.uint8)
    assert counted(codes, 2).tolist() == counted(codes, 8).tolist() == walked_off(codes)


def walked_off(codes):
    """Counts where ways may lead off the array or into unknown cells."""
    sums = np.where(codes == UNKNOWN, -1, 0)
    for r, c in np.argwhere(codes != UNKNOWN).tolist():
        while 0 <= r < codes.shape[0] and 0 <= c < codes.shape[1] and codes[r, c] != UNKNOWN:
            sums[r, c] += 1
            r, c = r + ROW_STEP[codes[r, c]], c + COL_STEP[codes[r, c]]
    return sums.tolist()


@pytest.mark.parametrize("tile", [2, 3, 8])
def test_circles_are_found_in_and_across_tiles(tile):
    codes = np.full((6, 6), OUTLET, np.uint8)
    codes[1, 1:4], codes[1:4, 4], codes[4, 2:5], codes[2:5, 1] = E, S, W, N
    assert accumulation.accumulate_cells(codes, tile, 2, -1, np.empty((6, 6), np.int32)) > 0
    assert accumulation_weights.accumulate_weights(codes, np.ones((6, 6))) > 0


def test_a_circle_is_refused_in_words(ground):
    directions = ground(np.array([[E, W, OUTLET]], np.uint8), quantity="flow_direction")
    for weights in (None, ground([[1, 1, 1]])):
        with pytest.raises(InputError, match="circle"):
            flow_accumulation(directions, weights)


def test_directions_of_another_type_are_refused(ground):
    with pytest.raises(InputError, match="uint8"):
        flow_accumulation(ground(np.zeros((3, 3))))


def test_weights_on_another_grid_are_refused(ground):
    directions = flow_directions(fill_depressions(ground(np.zeros((3, 3)))))
    with pytest.raises(CoordinateError, match="differs"):
        flow_accumulation(directions, ground(np.zeros((3, 4))))


def test_the_check_counts_every_cell_at_its_outlet(ground):
    heights = np.full((6, 6), 5.0)
    heights[2, 2] = np.nan
    check = check_drainage(drainage(ground(heights)).directions)
    assert check.known_cells == check.drained_cells == 35


def test_the_check_refuses_water_that_vanishes(ground):
    directions = ground(np.array([[E, E, UNKNOWN], [S, OUTLET, OUTLET]], np.uint8), quantity="flow_direction")
    with pytest.raises(InputError, match="3 cells reach no outlet"):
        check_drainage(directions)


def test_plain_and_compiled_agree(plain):
    codes = random_directions(5, (13, 11), 6, 0.1)
    weights = np.random.default_rng(2).random(codes.shape)
    counts, sums = counted(codes, 4), weights.copy()
    accumulation_weights.accumulate_weights(codes, sums)
    plain(accumulation, accumulation_chains, accumulation_weights)
    assert np.array_equal(counted(codes, 4, 1), counts)
    again = weights.copy()
    accumulation_weights.accumulate_weights(codes, again)
    assert np.array_equal(again, sums)
