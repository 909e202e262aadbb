"""Filling gives the lowest surface that drains, whatever the ground, the tiles and the threads."""

import heapq

import numba as nb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import InputError
from shuibao.terrain import fill_depressions
from shuibao.terrain.kernels import basins, filling, filling_tiles, passes
from shuibao.terrain.kernels.filling import fill

AROUND = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]


def priority_flood(heights):
    """The reference: cells leave a queue from the lowest up, starting where the ground meets the outside."""
    rows, cols = heights.shape
    filled, queue, seen = heights.copy(), [], np.isnan(heights)

    def known(r, c):
        return 0 <= r < rows and 0 <= c < cols and not np.isnan(heights[r, c])

    for r, c in np.argwhere(~np.isnan(heights)).tolist():
        if not all(known(r + i, c + j) for i, j in AROUND):
            heapq.heappush(queue, (heights[r, c], r, c))
            seen[r, c] = True
    while queue:
        level, r, c = heapq.heappop(queue)
        for i, j in AROUND:
            if known(r + i, c + j) and not seen[r + i, c + j]:
                seen[r + i, c + j] = True
                filled[r + i, c + j] = max(heights[r + i, c + j], level)
                heapq.heappush(queue, (filled[r + i, c + j], r + i, c + j))
    return filled


def filled_by_tiles(heights, tile, workers=2):
    out = np.empty_like(heights)
    assert fill(heights, tile, workers, out) == 0
    return out


@st.composite
def grounds(draw):
    """Random ground of every kind: rough, in whole metres, bowls with lakes wider than a tile, holed."""
    shape = draw(st.tuples(st.integers(1, 28), st.integers(1, 28)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    heights = rng.random(shape) * draw(st.sampled_from([1.0, 10.0, 1000.0]))
    kind = draw(st.sampled_from(["rough", "whole", "two heights", "bowl", "level", "hills"]))
    if kind == "whole":
        heights = np.floor(heights)
    elif kind == "two heights":
        heights = np.floor(rng.random(shape) * 2)
    elif kind == "bowl":
        y, x = np.mgrid[: shape[0], : shape[1]]
        heights = np.hypot(y - shape[0] / 2, x - shape[1] / 2) + rng.random(shape)
    elif kind == "hills":
        heights = rng.standard_normal(shape).cumsum(0).cumsum(1) + 2 * heights
    elif kind == "level":
        heights = np.zeros(shape)
    heights[rng.random(shape) < draw(st.sampled_from([0.0, 0.05, 0.5, 1.0]))] = np.nan
    return heights.astype(np.float32)


@settings(max_examples=150, deadline=None)
@given(grounds(), st.integers(2, 9))
def test_filling_equals_priority_flood_bit_for_bit(heights, tile):
    assert np.array_equal(filled_by_tiles(heights, tile), priority_flood(heights), equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(grounds())
def test_filling_raises_only_and_only_once(heights):
    filled = filled_by_tiles(heights, 5)
    assert not (filled < heights).any()
    assert np.array_equal(np.isnan(filled), np.isnan(heights))
    assert np.array_equal(filled_by_tiles(filled, 7), filled, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(grounds(), st.integers(0, 2**32 - 1))
def test_any_lower_surface_holds_water(heights, seed):
    """Lower the raised cells by any amounts, not below the ground: some cell then has no way out that never rises."""
    filled = filled_by_tiles(heights, 6)
    raised = filled > heights
    if not raised.any():
        return
    share = np.random.default_rng(seed).random(heights.shape, dtype=np.float32)
    lower = np.where(raised, heights + share * (filled - heights), heights).astype(np.float32)
    if np.array_equal(lower, filled, equal_nan=True):
        return
    assert (priority_flood(lower) > lower).any()


def test_a_bowl_fills_to_its_lip(ground):
    bowl = ground([[9, 9, 9, 9, 9], [9, 1, 2, 1, 9], [9, 2, 5, 3, 7], [9, 9, 9, 9, 9]])
    assert fill_depressions(bowl).values[1:3, 1:4].tolist() == [[7, 7, 7], [7, 7, 7]]


def test_water_leaves_beside_unknown_ground(ground):
    heights = np.full((7, 7), 5.0)
    heights[2:5, 2:5] = 1.0
    assert fill_depressions(ground(heights)).values[3, 3] == 5.0
    heights[3, 3] = np.nan
    filled = fill_depressions(ground(heights)).values
    assert np.isnan(filled[3, 3])
    assert filled[2, 2] == 1.0


def test_tiles_and_threads_leave_no_trace(rng):
    steps = rng.standard_normal((150, 170)).cumsum(0).cumsum(1)
    heights = (steps + 3 * rng.standard_normal(steps.shape)).astype(np.float32)
    heights[60:64, 100:140] = np.nan
    expected = filled_by_tiles(heights, 256, 1)
    assert (expected > heights).mean() > 0.05
    for tile in (3, 16, 50, 64, 149):
        assert np.array_equal(filled_by_tiles(heights, tile), expected, equal_nan=True)
    before = nb.get_num_threads()
    try:
        for threads in (1, min(2, nb.config.NUMBA_NUM_THREADS)):
            nb.set_num_threads(threads)
            assert np.array_equal(filled_by_tiles(heights, 32, threads), expected, equal_nan=True)
    finally:
        nb.set_num_threads(before)


def test_a_turned_or_mirrored_ground_fills_alike(rng):
    heights = rng.random((40, 33), dtype=np.float32)
    expected = filled_by_tiles(heights, 8)
    for turned, back in ((np.rot90(heights), -1), (np.rot90(heights, 2), -2)):
        assert np.array_equal(np.rot90(filled_by_tiles(np.ascontiguousarray(turned), 8), back), expected)
    assert np.array_equal(filled_by_tiles(np.ascontiguousarray(heights[:, ::-1]), 8)[:, ::-1], expected)


def test_whole_number_heights_with_nodata_become_unknown_not_deep(ground):
    dem = ground(np.array([[5, 5, 5], [5, -9999, 5], [5, 5, 5]]), quantity="land_use").astype("int16")
    dem.attrs["nodata"] = -9999
    filled = fill_depressions(dem)
    assert filled.dtype == np.float32
    assert np.isnan(filled.values[1, 1])
    assert filled.attrs["quantity"] == "elevation"


def test_an_infinite_height_is_refused(ground):
    with pytest.raises(InputError, match="1 cells are infinite"):
        fill_depressions(ground([[1, np.inf], [2, 3]]))


def test_a_lazy_layer_is_refused_kindly(ground):
    with pytest.raises(InputError, match=r"Dask-backed.*compute\(\)"):
        fill_depressions(ground(np.zeros((4, 4))).chunk(2))


def test_the_input_is_left_alone(ground):
    dem = ground([[5, 5, 5], [5, 1, 5], [5, 5, 4]])
    before = dem.copy(deep=True)
    fill_depressions(dem)
    assert dem.identical(before)


def test_plain_and_compiled_agree(rng, plain):
    heights = np.floor(rng.random((11, 13)) * 6).astype(np.float32)
    heights[4, 4:7] = np.nan
    expected = filled_by_tiles(heights, 4)
    plain(filling, filling_tiles, basins, passes)
    assert not hasattr(basins.look_down, "py_func")
    out = np.empty_like(heights)
    assert filling.fill(heights, 4, 1, out) == 0
    assert np.array_equal(out, expected, equal_nan=True)
