"""Pictures are made from coarser copies: classes by their mode, values by their mean, unknown kept unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from odc.geo.geobox import GeoBox

from shuibao.errors import InputError
from shuibao.grids import geobox_of, layer
from shuibao.reports.decimation import decimate, step_for
from shuibao.reports.kernels.blocks import block_mean, block_means, block_mode, block_modes


def grid(rows: int, cols: int, cell: float = 10.0) -> GeoBox:
    return GeoBox.from_bbox(
        (600000, 4280000, 600000 + cols * cell, 4280000 + rows * cell), "EPSG:4547", shape=(rows, cols)
    )


def classes(cells: list) -> object:
    array = np.array(cells, np.uint8)
    return layer(array, grid(*array.shape), "intensity_class", nodata=0)


def heights(cells: list) -> object:
    array = np.array(cells, np.float32)
    return layer(array, grid(*array.shape), "elevation")


@pytest.mark.parametrize(
    ("side", "pixels", "step"),
    [(100, 100, 1), (101, 100, 2), (99, 100, 1), (7500, 2500, 3), (7501, 2500, 4), (1, 5, 1)],
)
def test_the_step_is_the_least_that_fits(side, pixels, step):
    assert step_for((side, 1), pixels) == step_for((1, side), pixels) == step


def test_a_layer_that_is_small_enough_comes_back_itself():
    array = heights([[1, 2], [3, 4]])
    assert decimate(array, 2) is array


def test_values_take_the_mean_of_what_is_known():
    coarse = decimate(heights([[1, 2, 5, np.nan], [3, 4, 7, 6]]), 2)
    assert coarse.values.tolist() == [[2.5, 6.0]]
    assert coarse.dtype == np.float32


def test_a_block_mostly_unknown_is_unknown_and_one_half_known_is_known():
    nan = np.nan
    coarse = decimate(heights([[1, nan, 1, nan], [nan, nan, nan, 3]]), 2)
    assert np.isnan(coarse.values[0, 0])
    assert coarse.values[0, 1] == 2.0


def test_classes_take_the_most_frequent_and_ties_go_to_the_lowest():
    coarse = decimate(classes([[2, 2, 5, 4], [6, 2, 4, 5]]), 2)
    assert coarse.values.tolist() == [[2, 4]]


def test_unknown_cells_do_not_vote_unless_they_are_most():
    coarse = decimate(classes([[0, 0, 0, 0], [3, 5, 0, 3]]), 2)
    assert coarse.values.tolist() == [[3, 0]]


def test_ragged_edges_are_blocks_of_their_own():
    coarse = decimate(heights([[1, 1, 4], [1, 1, 6], [8, 10, 20]]), 2)
    assert coarse.values.tolist() == [[1, 5], [9, 20]]


def test_the_coarse_grid_begins_where_the_fine_one_does():
    fine = heights(np.zeros((7, 5)).tolist())
    coarse = decimate(fine, 3)
    one, other = geobox_of(fine), geobox_of(coarse)
    assert coarse.shape == (3, 2)
    assert other.affine * (0, 0) == one.affine * (0, 0)
    assert other.resolution.x == 3 * one.resolution.x
    assert other.crs == one.crs


def test_one_cell_stays_one_cell():
    assert decimate(heights([[7.0]]), 1).values.tolist() == [[7.0]]
    assert decimate(classes([[4]]), 1).values.tolist() == [[4]]


def test_a_single_row_shrinks_along_its_length():
    assert decimate(classes([[1, 1, 2, 2, 3]]), 3).values.tolist() == [[1, 2, 3]]


def test_signed_codes_keep_their_sign_and_their_unknown():
    cells = np.array([[-3, -3, -128, -128], [2, -3, -128, 6]], np.int8)
    coarse = decimate(layer(cells, grid(2, 4), "change", nodata=-128), 2)
    assert coarse.values.tolist() == [[-3, -128]]
    assert coarse.dtype == np.int8


def test_codes_beyond_eight_bits_are_refused():
    cells = np.array([[1, 700], [2, 3]], np.int32)
    with pytest.raises(InputError, match="700"):
        decimate(layer(cells, grid(2, 2), "land_use", nodata=0), 1)


def test_provenance_goes_with_the_copy():
    array = layer(np.ones((4, 4), np.float32), grid(4, 4), "elevation", provenance="synthetic")
    assert decimate(array, 2).attrs["provenance"] == "synthetic"


CODES = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 6))


@settings(max_examples=30, deadline=None)
@given(CODES, st.integers(1, 4))
def test_compiled_and_plain_modes_agree(cells, step):
    shape = tuple(-(-n // step) for n in cells.shape)
    fast, slow = np.empty(shape, np.uint8), np.empty(shape, np.uint8)
    block_modes(cells, step, 0, fast)
    for row, col in np.ndindex(*shape):
        block = cells[row * step : (row + 1) * step, col * step : (col + 1) * step]
        slow[row, col] = block_mode.py_func(block, 0, np.zeros(256, np.int64))
    assert (fast == slow).all()


@settings(max_examples=30, deadline=None)
@given(CODES, st.integers(1, 4))
def test_a_mode_is_a_code_of_its_block(cells, step):
    shape = tuple(-(-n // step) for n in cells.shape)
    out = np.empty(shape, np.uint8)
    block_modes(cells, step, 0, out)
    for row, col in np.ndindex(*shape):
        assert out[row, col] in cells[row * step : (row + 1) * step, col * step : (col + 1) * step]


@settings(max_examples=30, deadline=None)
@given(CODES, st.integers(1, 4))
def test_compiled_and_plain_means_agree(cells, step):
    values = np.where(cells == 0, np.nan, cells).astype(np.float64)
    shape = tuple(-(-n // step) for n in cells.shape)
    fast = np.empty(shape, np.float64)
    block_means(values, step, fast)
    for row, col in np.ndindex(*shape):
        slow = block_mean.py_func(values[row * step : (row + 1) * step, col * step : (col + 1) * step])
        assert fast[row, col] == slow or (np.isnan(fast[row, col]) and np.isnan(slow))
