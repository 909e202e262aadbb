"""Channels: where enough ground drains through, no less."""

import numpy as np
import pytest
from real_ground import real_heights

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import channels, drainage


def test_a_channel_begins_where_the_area_reaches_the_threshold(ground):
    counts = ground(np.array([[1, 4, 5, 6, -1]], np.int32), quantity="contributing_cells").assign_attrs(nodata=-1)
    found = channels(counts, 500.0)
    assert found.values.tolist() == [[0, 0, 1, 1, 255]]
    assert found.dtype == np.uint8
    assert found.attrs["nodata"] == 255


def test_unknown_floats_stay_unknown(ground):
    counts = ground(np.array([[1.5, np.nan, 9.25]]), quantity="contributing_cells")
    assert channels(counts, 200.0).values.tolist() == [[0, 255, 1]]


def test_a_higher_threshold_leaves_a_part_of_the_channels_and_they_never_end_inside(ground):
    heights, cell = real_heights("whitebox_90m.tif")
    drained = drainage(ground(heights, cell))
    wide, narrow = (channels(drained.contributing_cells, n * cell**2).values == 1 for n in (50, 500))
    assert narrow.sum() < wide.sum()
    assert wide[narrow].all()
    rows, cols = np.nonzero(narrow & (drained.directions.values < 8))
    d = drained.directions.values[rows, cols]
    below = narrow[rows + np.array([0, 1, 1, 1, 0, -1, -1, -1])[d], cols + np.array([1, 1, 0, -1, -1, -1, 0, 1])[d]]
    assert below.all()


def test_a_threshold_must_be_an_area_and_the_grid_in_metres(ground):
    counts = ground(np.array([[1, 4]], np.int32), quantity="contributing_cells")
    with pytest.raises(InputError, match="positive area"):
        channels(counts, 0)
    with pytest.raises(CoordinateError):
        channels(counts.odc.assign_crs("EPSG:4326"), 100)
