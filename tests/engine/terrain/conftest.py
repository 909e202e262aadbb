"""Ground for tests of terrain."""

import types

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from shuibao.grids import layer

CELL = 10.0


def make_ground(heights, cell=CELL, quantity="elevation"):
    """A layer on a projected grid from plain rows of numbers."""
    values = np.asarray(heights)
    values = values.astype(np.float32) if quantity == "elevation" else values
    box = GeoBox(values.shape, Affine(cell, 0, 500_000, 0, -cell, 4_300_000), "EPSG:32649")
    return layer(values, box, quantity)


@pytest.fixture(scope="session")
def ground():
    """The maker of layers, `make_ground`."""
    return make_ground


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture
def plain(monkeypatch):
    """Put the plain function in place of every compiled one in kernel modules; takes the modules."""

    def strip(*modules: types.ModuleType) -> None:
        for module in modules:
            for name, thing in vars(module).copy().items():
                if hasattr(thing, "py_func"):
                    monkeypatch.setattr(module, name, thing.py_func)

    return strip
