"""Every cell knows its way: steepest descent, a fixed rule among equals, and a way over every flat."""

from collections import deque

import numba as nb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import fill_depressions, flow_directions
from shuibao.terrain.kernels import directions as direction_kernels
from shuibao.terrain.kernels import flats
from shuibao.terrain.kernels.filling import fill
from shuibao.terrain.kernels.neighbours import COL_STEP, FLAT, OUTLET, ROW_STEP, UNKNOWN

E, SE, S, SW, W, NW, N, NE = range(8)
AROUND = list(zip(ROW_STEP.tolist(), COL_STEP.tolist(), strict=True))


def directions_of(heights):
    codes = np.empty(heights.shape, np.uint8)
    direction_kernels.steepest_descent(heights, codes)
    stuck = flats.drain_flats(heights, codes, np.empty(flats.count_flats(codes) + 1, np.int32))
    return codes, stuck


def reference(heights):
    """Steepest descent and shortest ways over flats, cell by cell, from the definitions."""
    rows, cols = heights.shape
    codes = np.full(heights.shape, UNKNOWN, np.uint8)

    def known(r, c):
        return 0 <= r < rows and 0 <= c < cols and not np.isnan(heights[r, c])

    for r, c in np.argwhere(~np.isnan(heights)).tolist():
        falls = [
            (heights[r, c] - heights[r + i, c + j]) * (np.float32(np.sqrt(0.5)) if i and j else np.float32(1.0))
            if known(r + i, c + j) else np.float32(0.0)
            for i, j in AROUND
        ]  # fmt: skip
        border = not all(known(r + i, c + j) for i, j in AROUND)
        codes[r, c] = int(np.argmax(falls)) if max(falls) > 0 else OUTLET if border else FLAT
    rounds = np.where(codes == FLAT, 10**6, 0)
    queue = deque(np.argwhere((codes != FLAT) & (codes != UNKNOWN)).tolist())
    while queue:
        r, c = queue.popleft()
        for i, j in AROUND:
            if known(r + i, c + j) and rounds[r + i, c + j] == 10**6 and heights[r + i, c + j] == heights[r, c]:
                rounds[r + i, c + j] = rounds[r, c] + 1
                queue.append((r + i, c + j))
    for r, c in np.argwhere(codes == FLAT).tolist():
        nearer = [
            d for d, (i, j) in enumerate(AROUND)
            if heights[r + i, c + j] == heights[r, c] and rounds[r + i, c + j] == rounds[r, c] - 1
        ]  # fmt: skip
        codes[r, c] = nearer[0] if nearer else FLAT
    return codes


def without_depressions(seed, shape, heights_of=5, holes=0.0):
    rng = np.random.default_rng(seed)
    heights = np.floor(rng.random(shape) * heights_of).astype(np.float32)
    heights[rng.random(shape) < holes] = np.nan
    filled = np.empty_like(heights)
    fill(heights, 8, 1, filled)
    return filled


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 25), st.integers(1, 25)),
    st.sampled_from([1, 2, 5, 1000]), st.sampled_from([0.0, 0.1, 0.6]),
)  # fmt: skip
def test_directions_follow_their_definition(seed, shape, heights_of, holes):
    heights = without_depressions(seed, shape, heights_of, holes)
    codes, stuck = directions_of(heights)
    assert stuck == 0
    assert np.array_equal(codes, reference(heights))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 30), st.integers(1, 30)), st.sampled_from([0.0, 0.2]))
def test_no_cell_drains_uphill_and_every_way_ends_at_an_outlet(seed, shape, holes):
    heights = without_depressions(seed, shape, 4, holes)
    codes, _ = directions_of(heights)
    for r, c in np.argwhere(codes != UNKNOWN).tolist():
        count = 0
        while codes[r, c] != OUTLET:
            below = r + ROW_STEP[codes[r, c]], c + COL_STEP[codes[r, c]]
            assert heights[below] <= heights[r, c]
            (r, c), count = below, count + 1
            assert count <= codes.size


@pytest.mark.parametrize(
    ("fall", "code"),
    [((0, 1), E), ((1, 1), SE), ((1, 0), S), ((1, -1), SW), ((0, -1), W), ((-1, -1), NW), ((-1, 0), N), ((-1, 1), NE)],
)
def test_a_plane_drains_down_its_fall(ground, fall, code):
    y, x = np.mgrid[:9, :9]
    codes = flow_directions(ground(100.0 - fall[0] * y - fall[1] * x)).values
    assert (codes[1:-1, 1:-1] == code).all()


@pytest.mark.parametrize(("degrees", "code"), [(20, E), (24, SE), (66, SE), (69, S)])
def test_a_diagonal_counts_as_longer_than_a_side(ground, degrees, code):
    """Between two directions the fall changes over at 22.5 degrees only where diagonals have their true length."""
    y, x = np.mgrid[:7, :7]
    angle = np.radians(degrees)
    codes = flow_directions(ground(100.0 - np.sin(angle) * y - np.cos(angle) * x)).values
    assert (codes[1:-1, 1:-1] == code).all()


def test_a_cone_sheds_water_on_all_sides(ground):
    y, x = np.mgrid[-20:21, -20:21]
    codes = flow_directions(ground(100.0 - np.hypot(y, x))).values
    outward = (np.degrees(np.arctan2(y, x)) / 45.0).round() % 8
    sharp = np.abs((np.degrees(np.arctan2(y, x)) + 45.0) % 45.0 - 22.5) > 6  # away from where two directions are alike
    inside = (np.hypot(y, x) > 8) & (np.abs(y) < 20) & (np.abs(x) < 20) & sharp
    assert inside.sum() > 500
    assert (codes[inside] == outward[inside]).all()


def test_of_equal_descents_the_first_direction_wins(ground):
    pyramid = ground([[1, 1, 1], [1, 5, 1], [1, 1, 1]])
    assert flow_directions(pyramid).values[1, 1] == E
    ridge = ground([[9, 9, 9], [1, 5, 9], [9, 1, 9]])
    assert flow_directions(ridge).values[1, 1] == S


def test_borders_without_lower_neighbours_are_outlets(ground):
    codes = flow_directions(ground([[3, 2, 3], [3, 2, 3], [3, 1, np.nan]])).values
    assert codes.tolist() == [[E, OUTLET, W], [SE, S, SW], [E, OUTLET, UNKNOWN]]


def test_a_lake_drains_by_the_shortest_way(ground):
    heights = np.full((5, 8), 9.0)
    heights[1:4, 1:7] = 5.0
    heights[2, 7] = 4.0
    codes = flow_directions(ground(heights)).values
    assert codes[2].tolist()[1:] == [E, E, E, E, E, E, OUTLET]
    assert codes[1, 6] == SE
    assert codes[3, 6] == NE
    assert codes[1, 1:6].tolist() == [E, E, E, E, E]


def test_ground_left_with_depressions_is_refused(ground):
    with pytest.raises(InputError, match=r"1 cells lie in depressions.*fill_depressions"):
        flow_directions(ground([[5, 5, 5], [5, 1, 5], [5, 5, 5]]))


def test_cells_that_are_not_square_are_refused(ground):
    dem = ground(np.zeros((4, 4)))
    with pytest.raises(CoordinateError, match="square"):
        flow_directions(dem.assign_coords(x=dem.x * 2).odc.assign_crs("EPSG:32649"))


def test_threads_leave_no_trace(rng):
    heights = np.empty((300, 200), np.float32)
    fill(np.floor(rng.random((300, 200)) * 3).astype(np.float32), 64, 1, heights)
    heights[100:200, 50:150] = heights.max()
    before = nb.get_num_threads()
    try:
        nb.set_num_threads(1)
        alone, _ = directions_of(heights)
        nb.set_num_threads(min(2, nb.config.NUMBA_NUM_THREADS))
        assert all(np.array_equal(directions_of(heights)[0], alone) for _ in range(5))
    finally:
        nb.set_num_threads(before)


def test_the_layer_says_what_it_is(ground):
    codes = flow_directions(fill_depressions(ground([[2, 2, 2], [2, 1, 2], [2, np.nan, 2]])))
    assert codes.dtype == np.uint8
    assert codes.attrs["quantity"] == "flow_direction"
    assert codes.attrs["nodata"] == UNKNOWN
    assert codes.values[2, 1] == UNKNOWN


def test_plain_and_compiled_agree(plain):
    heights = without_depressions(7, (12, 14), 3, 0.05)
    expected, _ = directions_of(heights)
    plain(direction_kernels, flats)
    assert np.array_equal(directions_of(heights)[0], expected)
