"""Small watersheds and snapped catchments against walking every way by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import (
    catchment_outlets,
    catchments,
    drainage,
    flow_accumulation,
    flow_directions,
    small_watersheds,
)
from shuibao.terrain.kernels.neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

CELL = 10.0
KM2 = CELL * CELL / 1e6


def below(codes, cell):
    """The cell one step down, None at an outlet."""
    d = codes[cell]
    return None if d >= OUTLET else (int(cell[0] + ROW_STEP[d]), int(cell[1] + COL_STEP[d]))


def centre(array, row, col):
    return float(array.x[col]), float(array.y[row])


def rough(ground, seed, shape=(26, 31), holes=0.0):
    rng = np.random.default_rng(seed)
    heights = rng.normal(size=shape).cumsum(0).cumsum(1)
    heights[rng.random(shape) < holes] = np.nan
    return drainage(ground(heights, CELL))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limit=st.integers(3, 120), holes=st.sampled_from([0.0, 0.05]))
def test_each_watershed_has_one_outlet_below_which_another_begins(ground, seed, limit, holes):
    codes = rough(ground, seed, holes=holes).directions
    labels = small_watersheds(codes, limit * KM2).values
    ends = {}
    for cell in np.ndindex(*labels.shape):
        down = below(codes.values, cell) if codes.values[cell] != UNKNOWN else None
        if labels[cell] and (down is None or labels[down] != labels[cell]):
            assert labels[cell] not in ends
            ends[labels[cell]] = cell
    assert sorted(ends) == list(range(1, labels.max() + 1))
    assert np.array_equal(labels == 0, codes.values == UNKNOWN)
    assert np.bincount(labels.ravel())[1:].max() <= limit


def fewest_pieces(codes, limit):
    """Fewest pieces of at most `limit` cells of a flow tree: for each cell, the least room its piece still takes."""
    counts, order = {}, []
    stack = [tuple(c) for c in np.argwhere(codes == OUTLET)]
    donors = {}
    for cell in np.ndindex(*codes.shape):
        down = below(codes, cell) if codes[cell] != UNKNOWN else None
        if down is not None:
            donors.setdefault(down, []).append(cell)
    while stack:
        order.append(stack.pop())
        stack.extend(donors.get(order[-1], []))
    best = {}
    for cell in reversed(order):
        # all ways to keep or cut each donor: fewest pieces first, then least room
        options = {1: 0}
        for donor in donors.get(cell, []):
            joined = {}
            for room, cuts in options.items():
                for more, extra in best[donor].items():
                    if room + more <= limit:
                        joined[room + more] = min(joined.get(room + more, 10**9), cuts + extra)
                least = cuts + min(best[donor].values()) + 1
                joined[room] = min(joined.get(room, 10**9), least)
            options = joined
        best[cell] = options
        counts[cell] = min(options.values())
    return sum(counts[tuple(c)] + 1 for c in np.argwhere(codes == OUTLET))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limit=st.integers(2, 25))
def test_no_cutting_of_the_tree_has_fewer_watersheds(ground, seed, limit):
    codes = rough(ground, seed, shape=(9, 11)).directions
    assert small_watersheds(codes, limit * KM2).values.max() == fewest_pieces(codes.values, limit)


def test_watersheds_within_a_catchment_never_cross_its_divide(ground):
    codes = rough(ground, 5, shape=(60, 70)).directions
    whole, small = catchments(codes).values, small_watersheds(codes, 200 * KM2).values
    for label in range(1, small.max() + 1):
        assert len(np.unique(whole[small == label])) == 1


def test_the_table_of_small_watersheds_gives_their_areas_and_what_drains_through_them(ground):
    drained = rough(ground, 6, shape=(60, 70))
    labels = small_watersheds(drained.directions, 300 * KM2)
    table = catchment_outlets(labels, drained.contributing_cells)
    assert table["cells"].sum() == labels.size
    assert (table["drained_cells"] >= table["cells"]).all()
    assert (table["cells"] <= 300).all()
    between = table[table["drained_cells"] > table["cells"]]
    assert len(between) > 0
    np.testing.assert_allclose(table["area_m2"], table["cells"] * CELL**2, rtol=2e-3)
    for _, row in table.iterrows():
        place = labels.sel(x=row["x"], y=row["y"], method="nearest")
        assert int(place) == row["catchment"]


def plane_with_two_rivers(ground):
    """A plane that falls east with a smaller river in row 3 and a larger one in row 10."""
    rows, cols = np.mgrid[:16, :30]
    heights = 100 - 0.5 * cols + 0.8 * np.minimum(np.abs(rows - 3), np.abs(rows - 10))
    return flow_directions(ground(heights, CELL))


def test_a_point_snaps_to_the_larger_of_two_rivers_within_reach_and_to_the_nearer_beyond_it(ground):
    codes = plane_with_two_rivers(ground)
    counts = flow_accumulation(codes)
    last = counts.shape[1] - 1
    large, small = int(counts[10, last - 3]), int(counts[3, last - 3])
    assert large > small
    point = centre(codes, 6, last - 3)
    reach = catchments(codes, [point], snap=5 * CELL).values
    assert (reach == 1).sum() >= large
    near = catchments(codes, [point], snap=3 * CELL).values
    assert small <= (near == 1).sum() < (reach == 1).sum()


def test_of_equal_counts_the_nearest_cell_is_taken(ground):
    codes = ground(np.array([[8] * 9] * 5, np.uint8), quantity="flow_direction")
    labels = catchments(codes, [(float(codes.x[4]) + 2, float(codes.y[2]) - 1)], snap=3 * CELL).values
    assert np.argwhere(labels == 1).tolist() == [[2, 4]]


def test_outlets_snapped_onto_one_river_one_above_the_other_part_its_ground(ground):
    codes = plane_with_two_rivers(ground)
    high, low = centre(codes, 11, 10), centre(codes, 11, 25)
    labels = catchments(codes, [high, low], snap=1.5 * CELL).values
    alone = catchments(codes, [low], snap=1.5 * CELL).values
    assert np.array_equal(labels > 0, alone > 0)
    assert (labels == 1).sum() > 0 < (labels == 2).sum()


def test_unknown_cells_are_never_snapped_to(ground):
    heights = 50.0 - np.tile(np.arange(12.0), (5, 1))
    heights[2, 4:7] = np.nan
    codes = flow_directions(ground(heights, CELL))
    labels = catchments(codes, [centre(codes, 2, 5)], snap=1.2 * CELL).values
    assert (labels == 1).sum() >= 1
    assert (labels[2, 4:7] == 0).all()
    with pytest.raises(CoordinateError, match="outlet 1"):
        catchments(codes, [centre(codes, 2, 5)], snap=0.5 * CELL)


def test_what_watersheds_cannot_be_cut_from_is_refused(ground):
    circle = ground(np.array([[0, 4]], np.uint8), quantity="flow_direction")
    with pytest.raises(InputError, match="2 cells drain in a circle"):
        small_watersheds(circle, 1.0)
    drained = rough(ground, 1)
    with pytest.raises(InputError, match="Dask-backed"):
        small_watersheds(drained.directions.chunk(y=5), 1.0)
    with pytest.raises(CoordinateError, match="not in metres"):
        small_watersheds(drained.directions.odc.assign_crs("EPSG:4326"), 1.0)
    with pytest.raises(CoordinateError, match="differs"):
        catchments(drained.directions, [(0, 0)], snap=5, contributing_cells=drained.contributing_cells[1:])
    with pytest.raises(CoordinateError, match="differs"):
        catchment_outlets(catchments(drained.directions), drained.contributing_cells[1:])
