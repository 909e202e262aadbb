"""Breaching of pits within pits, where the cut of one serves the other."""

import numpy as np
import pytest

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import breach_depressions, drainage, fill_depressions, flow_accumulation, flow_directions

CELL = 10.0


def nested(rim=10.0, floor=5.0, ring=6.0, pit=1.0):
    """A basin with a rim one cell thick, in whose middle a ring holds a deeper pit."""
    heights = np.full((15, 15), 2 * rim)
    heights[0], heights[-1], heights[:, 0], heights[:, -1] = -1, -1, -1, -1
    heights[1:14, 1:14] = rim
    heights[2:13, 2:13] = floor
    heights[6:9, 6:9] = ring
    heights[7, 7] = pit
    return heights


def test_one_cut_drains_the_pit_and_the_basin_around_it(ground):
    heights = nested()
    breached = breach_depressions(ground(heights, CELL))
    assert breached.unbreached == 0
    assert fill_depressions(breached).equals(breached)
    cut = breached.values != heights
    assert (breached.values[cut] == 1).all()
    assert (breached.values[1:14, 1:14] == 1).sum() == cut.sum() + 1
    assert cut.sum() == 6, "the ring, four cells of floor, and the rim"


def test_where_the_pit_lies_too_far_in_only_the_basin_is_cut_and_the_pit_fills_to_its_ring(ground):
    heights = nested(ring=11)
    breached = breach_depressions(ground(heights, CELL), max_length=30)
    assert breached.unbreached == 1
    assert (breached.values != heights).sum() == 1, "one cell of the rim"
    filled = fill_depressions(breached).values
    assert filled[7, 7] == 11
    assert (filled[2:6, 2:13] == 5).all()
    assert (fill_depressions(ground(heights, CELL)).values[2:6, 2:13] == 10).all()


def test_a_basin_is_cut_into_the_pit_within_it_where_the_ring_costs_less_than_the_rim(ground):
    heights = nested()
    breached = breach_depressions(ground(heights, CELL), max_length=30)
    assert breached.unbreached == 1, "the pit itself has no way out that is short enough"
    changed = np.argwhere(breached.values != heights)
    assert len(changed) == 1
    assert np.abs(changed[0] - 7).max() == 1
    assert breached.values[tuple(changed[0])] == 5


def test_a_chain_of_pits_down_a_slope_is_cut_into_one_way(ground):
    heights = np.full((5, 16), 50.0)
    heights[2] = np.array([20, 12, 19, 10, 18, 8, 17, 6, 16, 4, 15, 2, 14, 1, 13, 0], float)
    breached = breach_depressions(ground(heights, CELL))
    codes = flow_directions(breached)
    assert breached.unbreached == 0
    assert (np.diff(breached.values[2]) <= 0).all()
    assert flow_accumulation(codes).values[2, 15] >= 15


def test_pits_of_pits_of_pits_drain_without_filling(ground, rng):
    rows, cols = np.mgrid[:33, :33]
    far = np.maximum(np.abs(rows - 16), np.abs(cols - 16))
    heights = np.where(far % 4 == 3, 20.0 + far, 10.0 - (16 - far) / 4) + rng.uniform(0, 0.1, far.shape)
    breached = breach_depressions(ground(heights, CELL))
    assert breached.unbreached == 0
    assert fill_depressions(breached).equals(breached)
    filled = fill_depressions(ground(heights, CELL))
    changed_by_breaching = float((heights - breached.values).sum())
    changed_by_filling = float((filled.values - heights).sum())
    assert changed_by_breaching < 0.2 * changed_by_filling


def test_drainage_by_breaching_fills_what_a_short_cut_leaves(ground):
    drained = drainage(ground(nested(), CELL), method="breach")
    assert (drained.filled.values <= nested()).all()
    assert drained.contributing_cells.values.max() >= 11 * 11


def test_an_unknown_hole_beside_the_inner_pit_takes_its_water_and_nothing_is_cut(ground):
    heights = nested()
    heights[6, 6] = np.nan
    breached = breach_depressions(ground(heights, CELL))
    assert breached.values[7, 7] == 1
    np.testing.assert_array_equal(breached.values, heights, err_msg="pit and floor both drain into the hole")


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (2, 5)])
def test_narrow_and_wholly_unknown_grids_are_left_alone(ground, rng, shape):
    heights = rng.normal(size=shape).astype(np.float32)
    np.testing.assert_array_equal(breach_depressions(ground(heights, CELL)).values, heights)
    unknown = breach_depressions(ground(np.full(shape, np.nan), CELL))
    assert np.isnan(unknown.values).all()
    assert unknown.unbreached == 0


def test_what_cannot_be_breached_is_refused(ground):
    dem = ground(nested(), CELL)
    for length in (0, -5.0, float("nan")):
        with pytest.raises(InputError, match=r"max_length is .*expected positive metres, or None"):
            breach_depressions(dem, max_length=length)
    with pytest.raises(InputError, match="Dask-backed"):
        breach_depressions(dem.chunk(y=4))
    with pytest.raises(CoordinateError, match="not in metres"):
        breach_depressions(dem.odc.assign_crs("EPSG:4326"), max_length=100.0)
