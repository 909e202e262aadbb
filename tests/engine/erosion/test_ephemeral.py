"""Ephemeral gullies: the factor, where it holds, guards."""

import dask.array as da
import numpy as np
import pytest

from shuibao.erosion import ephemeral_gully_factor
from shuibao.erosion.kernels.ephemeral_gully import ephemeral_gully_cells
from shuibao.errors import InputError

DRY, FOREST = 13, 31


def test_it_begins_at_fifteen_degrees_and_grows(make_layer):
    angle = make_layer(np.radians([0, 14.99, 15, 20, 25, 30]), "slope_angle")
    expected = [
        1,
        1,
        1,
        1 + 1.6 * np.sin(np.radians(5)),
        1 + 1.6 * np.sin(np.radians(10)),
        1 + 1.6 * np.sin(np.radians(15)),
    ]
    assert ephemeral_gully_factor(angle).values[0] == pytest.approx(expected, abs=1e-6)


def test_it_holds_on_prone_land_only(make_layer, make_land):
    angle = make_layer([0.5, 0.5, 0.5, np.nan], "slope_angle")
    G = ephemeral_gully_factor(angle, make_land([DRY, FOREST, 0, DRY])).values[0]
    assert G[0] > 1.3
    assert G[1] == 1
    assert np.isnan(G[2:]).all()


def test_degrees_are_refused(make_layer):
    with pytest.raises(InputError, match="Are these degrees"):
        ephemeral_gully_factor(make_layer([25.0], "slope_angle"))


def test_lazy_in_lazy_out_with_the_same_values(make_layer, make_land):
    rng = np.random.default_rng(15)
    angle, land = make_layer(rng.uniform(0, 1, (20, 30)), "slope_angle"), make_land(rng.choice([DRY, FOREST], (20, 30)))
    lazy_angle, lazy_land = (a.copy(data=da.from_array(a.values, chunks=7)) for a in (angle, land))
    for lazy, eager in (
        (ephemeral_gully_factor(lazy_angle, lazy_land), ephemeral_gully_factor(angle, land)),
        (ephemeral_gully_factor(lazy_angle), ephemeral_gully_factor(angle)),
    ):
        assert isinstance(lazy.data, da.Array)
        assert np.array_equal(lazy.values, eager.values)


def test_compiled_and_plain_agree():
    rng = np.random.default_rng(16)
    angle, codes = rng.uniform(0, 1, (4, 5)), rng.integers(0, 3, (4, 5)).astype(np.uint8)
    prone = np.array([np.nan, 0, 1] + [np.nan] * 253)
    compiled, plain = np.empty((4, 5)), np.empty((4, 5))
    ephemeral_gully_cells(angle, codes, prone, 1.6, 0.26, compiled)
    ephemeral_gully_cells.py_func(angle, codes, prone, 1.6, 0.26, plain)
    assert np.allclose(compiled, plain, equal_nan=True)
