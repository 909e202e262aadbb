"""Intensity classes: bounds, zones, what is unknown."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import intensity_classes
from shuibao.erosion.intensity import class_bounds
from shuibao.erosion.kernels import intensity as kernels
from shuibao.errors import InputError
from shuibao.tables import Table, load

BOUNDS = class_bounds(load("intensity_classes"))


@pytest.mark.parametrize(
    ("modulus", "grade"),
    [
        (0, 1), (999.9, 1), (1000, 2), (2499.9, 2), (2500, 3), (4999, 3), (5000, 4), (7999, 4), (8000, 5),
        (14_999, 5), (15_000, 6), (200_000, 6),
    ],
)  # fmt: skip
def test_a_bound_belongs_to_the_class_above_it(modulus, grade, make_layer):
    assert intensity_classes(make_layer([float(modulus)], "erosion_modulus"), 1000).item() == grade


def test_light_begins_at_the_allowable_loss_of_the_zone(make_layer):
    modulus = make_layer([199.0, 200, 499, 500, 999, 1000], "erosion_modulus")
    assert intensity_classes(modulus, 200).values[0].tolist() == [1, 2, 2, 2, 2, 2]
    assert intensity_classes(modulus, 500).values[0].tolist() == [1, 1, 1, 2, 2, 2]
    assert intensity_classes(modulus, 1000).values[0].tolist() == [1, 1, 1, 1, 1, 2]


def test_each_cell_has_the_allowable_loss_of_its_zone(make_layer):
    modulus = make_layer([600.0, 600, 600, np.nan, 600], "erosion_modulus")
    allowable = make_layer([200.0, 500, 1000, 200, np.nan], "allowable_loss")
    classes = intensity_classes(modulus, allowable)
    assert classes.values[0].tolist() == [2, 2, 1, 0, 0]
    assert classes.dtype == np.uint8
    assert classes.attrs["nodata"] == 0


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from([200.0, 500.0, 1000.0]))
def test_more_loss_is_never_a_lower_class(one, other, allowable):
    low, high = sorted((one, other))
    assert 1 <= kernels.intensity_class(low, allowable, BOUNDS) <= kernels.intensity_class(high, allowable, BOUNDS) <= 6


def test_loss_by_hectare_is_not_taken_for_a_modulus(make_layer):
    with pytest.raises(InputError, match=r"a layer of soil_loss.*erosion_modulus\(soil_loss\)"):
        intensity_classes(make_layer([10.0], "soil_loss"), 1000)


@pytest.mark.parametrize("allowable", [0.0, 10.0, 10_000.0, np.nan])
def test_an_allowable_loss_of_another_unit_is_refused(allowable, make_layer):
    with pytest.raises(InputError, match="allowable loss"):
        intensity_classes(make_layer([10.0], "erosion_modulus"), allowable)


def test_an_allowable_layer_of_another_unit_is_refused(make_layer):
    with pytest.raises(InputError, match="allowable loss reaches from 2 to 2"):
        intensity_classes(make_layer([10.0], "erosion_modulus"), make_layer([2.0], "allowable_loss"))


def test_bounds_that_fall_are_refused():
    table = load("intensity_classes")
    rows = table.rows.assign(from_modulus=[0, None, 2500, 2000, 8000, 15_000])
    with pytest.raises(InputError, match="rising bounds"):
        class_bounds(Table(table.name, rows))


def test_lazy_in_lazy_out_with_the_same_values(make_layer):
    rng = np.random.default_rng(13)
    modulus = make_layer(rng.uniform(0, 20_000, (20, 30)), "erosion_modulus")
    allowable = make_layer(rng.choice([200.0, 1000.0], (20, 30)), "allowable_loss")
    lazy = intensity_classes(*(a.copy(data=da.from_array(a.values, chunks=8)) for a in (modulus, allowable)))
    assert isinstance(lazy.data, da.Array)
    assert np.array_equal(lazy.values, intensity_classes(modulus, allowable).values)


def test_compiled_and_plain_agree():
    rng = np.random.default_rng(14)
    modulus = rng.uniform(0, 20_000, (5, 6)).astype(np.float32)
    modulus[0, 0] = np.nan
    allowable = rng.choice(np.array([200, 1000], np.float32), (5, 6))
    for kernel, limit in ((kernels.intensity_cells, allowable), (kernels.intensity_cells_of_one_zone, 500.0)):
        compiled, plain = np.empty((5, 6), np.uint8), np.empty((5, 6), np.uint8)
        kernel(modulus, limit, BOUNDS, compiled)
        kernel.py_func(modulus, limit, BOUNDS, plain)
        assert np.array_equal(compiled, plain)
        assert len(np.unique(compiled)) > 3
