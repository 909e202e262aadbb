"""Catchments: every cell has the outlet it drains to, given points snap to the channel, areas add up."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from real_ground import PROJECTED, real_heights

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import cell_areas
from shuibao.terrain import (
    catchment_outlets,
    catchments,
    drainage,
    fill_depressions,
    flow_accumulation,
    flow_directions,
    small_watersheds,
)
from shuibao.terrain.kernels import catchments as kernels
from shuibao.terrain.kernels import watersheds

ROW, COL = np.array([0, 1, 1, 1, 0, -1, -1, -1]), np.array([1, 1, 0, -1, -1, -1, 0, 1])
HEIGHTS = st_numpy.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.one_of(st.integers(0, 6).map(float), st.just(np.nan)),
)


def valley(ground):
    """A valley that falls east, its sides falling to the middle row; cells of 10 m."""
    rows, cols = np.mgrid[:7, :10]
    return ground(200.0 - 3 * cols + 10 * np.abs(rows - 3))


def centre(layer, row, col):
    return layer.odc.geobox.affine * (col + 0.5, row + 0.5)


@given(heights=HEIGHTS)
@settings(max_examples=25, deadline=None)
def test_every_known_cell_has_the_label_of_the_cell_it_drains_into(ground, heights):
    directions = flow_directions(fill_depressions(ground(heights)))
    labels, codes = catchments(directions).values, directions.values
    assert np.array_equal(labels > 0, codes != 255)
    rows, cols = np.nonzero(codes < 8)
    d = codes[rows, cols]
    assert np.array_equal(labels[rows, cols], labels[rows + ROW[d], cols + COL[d]])
    outlets = codes == 8
    assert sorted(labels[outlets]) == list(range(1, outlets.sum() + 1))


def test_nested_outlets_keep_what_lies_above_them_down_to_the_next(ground):
    directions = flow_directions(valley(ground))
    labels = catchments(directions, [centre(directions, 3, 9), centre(directions, 3, 4)]).values
    assert labels.dtype == np.int32
    assert labels[3, 9] == 1
    assert labels[3, 4] == 2
    assert labels[3, 0] == 2
    assert labels[3, 5] == 1
    assert set(np.unique(labels)) <= {0, 1, 2}


def test_what_drains_past_the_outlets_is_in_no_catchment(ground):
    directions = flow_directions(valley(ground))
    labels = catchments(directions, [centre(directions, 3, 4)]).values
    assert (labels[:, 6:] == 0).all()
    assert (labels[3, :5] == 1).all()


def test_a_point_beside_the_channel_snaps_onto_it(ground):
    directions = flow_directions(valley(ground))
    beside = centre(directions, 2, 9)
    loose = catchments(directions, [beside])
    snapped = catchments(directions, [beside], snap=15)
    assert (loose.values == 1).sum() < 10
    assert (snapped.values == 1).sum() == (catchments(directions, [centre(directions, 3, 9)]).values == 1).sum()
    counts = flow_accumulation(directions)
    assert catchments(directions, [beside], snap=15, contributing_cells=counts).equals(snapped)


def test_a_point_outside_within_reach_snaps_onto_the_ground_and_beyond_is_refused(ground):
    directions = flow_directions(valley(ground))
    x, y = centre(directions, 3, 9)
    assert catchments(directions, [(x + 20, y)], snap=25).values[3, 9] == 1
    with pytest.raises(CoordinateError, match="off the known ground"):
        catchments(directions, [(x + 20, y)])
    with pytest.raises(CoordinateError, match="outlet 2"):
        catchments(directions, [(x, y), (x + 5000, y)], snap=25)


def test_two_points_in_one_cell_are_refused(ground):
    directions = flow_directions(valley(ground))
    point = centre(directions, 3, 9)
    with pytest.raises(InputError, match="cell of outlet 1"):
        catchments(directions, [point, point])


def test_directions_in_a_circle_are_refused(ground):
    with pytest.raises(InputError, match="circles"):
        catchments(ground(np.array([[0, 4]], np.uint8), quantity="flow_direction"))


def test_the_table_of_outlets_adds_up_to_the_ground(ground, rng):
    dem = ground(rng.normal(size=(40, 50)).cumsum(0))
    drained = drainage(dem)
    labels = catchments(drained.directions)
    table = catchment_outlets(labels, drained.contributing_cells)
    assert list(table.columns) == ["catchment", "x", "y", "cells", "area_m2", "drained_cells"]
    assert table.cells.sum() == dem.size
    assert (table.cells == table.drained_cells).all()
    assert table.area_m2.sum() == pytest.approx(float(cell_areas(dem.odc.geobox).sum()), rel=1e-12)
    inverse = ~dem.odc.geobox.affine
    for row in table.itertuples():
        col, line = inverse * (row.x, row.y)
        assert drained.directions.values[int(line), int(col)] == 8
        assert labels.values[int(line), int(col)] == row.catchment


def test_the_outlet_of_a_nested_catchment_drains_more_than_its_own(ground):
    directions = flow_directions(valley(ground))
    labels = catchments(directions, [centre(directions, 3, 9), centre(directions, 3, 4)])
    table = catchment_outlets(labels, flow_accumulation(directions)).set_index("catchment")
    assert table.drained_cells[1] == table.cells[1] + table.cells[2]
    assert table.drained_cells[2] == table.cells[2]


@given(heights=HEIGHTS, limit=st.integers(1, 40))
@settings(max_examples=25, deadline=None)
def test_small_watersheds_are_whole_no_larger_than_asked_and_cover_the_ground(ground, heights, limit):
    directions = flow_directions(fill_depressions(ground(heights)))
    labels, codes = small_watersheds(directions, limit * 1e-4).values, directions.values
    assert np.array_equal(labels > 0, codes != 255)
    sizes = np.bincount(labels[labels > 0], minlength=1)[1:]
    assert (sizes > 0).all()
    assert (sizes <= limit).all()
    rows, cols = np.nonzero(codes < 8)
    d = codes[rows, cols]
    crossing = labels[rows, cols] != labels[rows + ROW[d], cols + COL[d]]
    assert crossing.sum() + (codes == 8).sum() == sizes.size, "each watershed has one outlet"


def test_a_large_area_asks_for_no_cut_and_one_cell_cuts_everything(ground):
    directions = flow_directions(valley(ground))
    assert small_watersheds(directions, 10).equals(catchments(directions))
    assert small_watersheds(directions, 1e-4).values.max() == directions.size
    with pytest.raises(InputError, match="at least one cell"):
        small_watersheds(directions, 1e-5)


def test_a_river_of_twelve_cells_is_cut_into_three_by_fives(ground):
    row = np.array([[0] * 11 + [8]], np.uint8)
    labels = small_watersheds(ground(row, quantity="flow_direction"), 5e-4).values[0]
    assert labels.tolist() == [1] * 5 + [2] * 5 + [3] * 2


def test_real_small_watersheds_are_of_about_the_size_asked_for(ground):
    heights, cell = real_heights("whitebox_90m.tif")
    drained = drainage(ground(heights, cell))
    labels = small_watersheds(drained.directions, 5.0)
    table = catchment_outlets(labels, drained.contributing_cells)
    area = table.cells * cell**2 / 1e6
    assert area.max() <= 5
    assert area[table.drained_cells > 600].median() > 1.5
    assert table.cells.sum() == (labels.values > 0).sum()


def test_compiled_and_plain_agree(ground, rng, plain):
    directions = flow_directions(fill_depressions(ground(np.round(rng.normal(size=(14, 15)) * 3))))
    points = [centre(directions, 7, 7), centre(directions, 2, 11)]
    compiled = [catchments(directions), catchments(directions, points), small_watersheds(directions, 20e-4)]
    plain(kernels, watersheds, sys.modules["shuibao.terrain.catchments"])
    assert compiled[0].equals(catchments(directions))
    assert compiled[1].equals(catchments(directions, points))
    assert compiled[2].equals(small_watersheds(directions, 20e-4))


@pytest.mark.parametrize("name", PROJECTED)
def test_the_largest_real_catchment_is_what_its_outlet_counts(ground, name):
    heights, cell = real_heights(name)
    drained = drainage(ground(heights, cell))
    counts = drained.contributing_cells.values
    row, col = np.unravel_index(counts.argmax(), counts.shape)
    labels = catchments(drained.directions, [centre(drained.directions, row, col)], snap=2 * cell)
    assert (labels.values == 1).sum() == counts.max()
