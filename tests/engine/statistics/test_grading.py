"""Grades of slope and cover: their bounds, and which end belongs to which grade."""

import numpy as np
import pytest

from shuibao import grids
from shuibao.errors import InputError
from shuibao.statistics import cover_grades, grade, grade_names, slope_grades
from shuibao.statistics.kernels.grading import grade_cells
from shuibao.tables import Table


def slopes(county_grid, *degrees: float):
    cells = np.full(county_grid.shape, np.nan, "float32")
    cells[0, : len(degrees)] = np.radians(degrees)
    return grids.layer(cells, county_grid, "slope_angle")


def graded(layer, count: int, table) -> list[int]:
    return grade(layer, table).values[0, :count].tolist()


def test_the_land_survey_ends_its_slope_grades_at_2_6_15_and_25_degrees(county_grid):
    layer = slopes(county_grid, 0, 1.9, 2, 2.1, 6, 6.1, 15, 15.1, 25, 25.1, 60)
    assert graded(layer, 11, slope_grades()) == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_the_grades_of_sl190_begin_at_their_lower_bound(county_grid):
    layer = slopes(county_grid, 0, 4.9, 5, 7.9, 8, 15, 25, 34.9, 35, 80)
    assert graded(layer, 10, slope_grades("sl190")) == [1, 1, 2, 2, 3, 4, 5, 5, 6, 6]


def test_cover_is_graded_from_its_fraction(county_grid):
    cells = np.full(county_grid.shape, np.nan, "float32")
    cells[0, :7] = [0, 0.2999, 0.30, 0.45, 0.60, 0.75, 1]
    assert graded(grids.layer(cells, county_grid, "fractional_cover"), 7, cover_grades()) == [1, 1, 2, 3, 4, 5, 5]


def test_unknown_has_no_grade_and_the_layer_says_what_it_is(county_grid):
    layer = grade(slopes(county_grid, 10), slope_grades())
    assert layer.values[5, 5] == 0
    assert layer.attrs["nodata"] == 0
    assert layer.attrs["quantity"] == "slope_grade"
    assert layer.dtype == np.uint8
    assert int(grids.known(layer).sum()) == 1


def test_a_layer_in_blocks_is_graded_alike(county_grid):
    pytest.importorskip("dask.array")
    whole = slopes(county_grid, *np.linspace(0, 70, 300))
    blocks = grade(whole.chunk({"y": 100, "x": 150}), slope_grades())
    assert np.array_equal(blocks.values, grade(whole, slope_grades()).values)


def test_every_grade_has_its_name_in_both_languages():
    assert grade_names(slope_grades())[1] == "≤2°"
    assert grade_names(cover_grades(), "en")[5] == "high ≥75%"
    assert list(grade_names(slope_grades("sl190"))) == [1, 2, 3, 4, 5, 6]


def test_cover_bounds_do_not_fit_a_slope(county_grid):
    with pytest.raises(InputError, match=r"a layer in 'rad'.*'percent'"):
        grade(slopes(county_grid, 10), cover_grades())


def test_bounds_with_a_gap_are_refused(county_grid):
    rows = slope_grades().rows.copy()
    rows.loc[rows["grade"] == 3, "low"] = 7
    with pytest.raises(InputError, match="gaps, overlaps"):
        grade(slopes(county_grid, 10), Table("mine", rows))


def test_compiled_and_plain_grade_alike():
    values = np.random.default_rng(0).uniform(-1, 4, (20, 9)).astype("float32")
    values[3] = np.nan
    values[4, :3] = [0, 1, 2]
    bounds = np.array([0, 1, 2], "float32")
    for upper in (True, False):
        one, other = np.zeros((20, 9), "uint8"), np.zeros((20, 9), "uint8")
        grade_cells(values, bounds, upper, one)
        grade_cells.py_func(values, bounds, upper, other)
        np.testing.assert_array_equal(one, other)
        assert one[4, :3].tolist() == ([1, 2, 3] if upper else [2, 3, 4])
