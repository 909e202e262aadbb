"""Quantities: what a layer may carry is known by name, with unit, bounds and the way it moves to another grid."""

import dataclasses
import math
import re

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from shuibao import grids
from shuibao.errors import InputError
from shuibao.quantities import Quantity, all_quantities, quantity

EVERY = sorted(all_quantities())
FACTORS = {
    "rainfall_erosivity": "R",
    "soil_erodibility": "K",
    "slope_length_factor": "L",
    "slope_factor": "S",
    "biological_factor": "B",
    "engineering_factor": "E",
    "tillage_factor": "T",
}


def test_a_quantity_is_found_by_its_name():
    height = quantity("elevation")
    assert (height.zh, height.en, height.units, height.kind) == ("高程", "Elevation", "m", "continuous")


def test_an_unknown_name_lists_the_known_ones_and_says_where_to_add_it():
    with pytest.raises(InputError, match=r"unknown quantity 'hieght'.*elevation.*tables/quantities\.csv"):
        quantity("hieght")


def test_names_are_asked_exactly():
    for wrong in ("Elevation", "elevation ", ""):
        with pytest.raises(InputError, match="unknown quantity"):
            quantity(wrong)


@pytest.mark.parametrize("name", EVERY)
def test_a_name_is_a_plain_word_for_files_and_columns(name):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert quantity(name).name == name


def test_chinese_names_are_not_given_twice():
    names = [quantity(n).zh for n in EVERY]
    assert sorted({n for n in names if names.count(n) > 1}) == []


@pytest.mark.parametrize("name", EVERY)
def test_bounds_are_numbers_or_open_but_never_unknown(name):
    what = quantity(name)
    assert not math.isnan(what.low)
    assert not math.isnan(what.high)
    assert what.low > -math.inf or what.high < math.inf, "a quantity without any bound cannot be checked"


@pytest.mark.parametrize(("name", "symbol"), FACTORS.items())
def test_the_seven_factors_of_the_equation_bear_their_letters(name, symbol):
    assert quantity(name).symbol == symbol
    assert quantity(name).low == 0


@pytest.mark.parametrize("name", ["biological_factor", "engineering_factor", "tillage_factor"])
def test_factors_of_cover_and_measures_only_lower_the_loss(name):
    assert (quantity(name).low, quantity(name).high) == (0, 1)


def test_angles_are_in_radians_and_reach_upright():
    assert quantity("slope_angle").units == "rad"
    assert quantity("slope_angle").high == pytest.approx(math.pi / 2, abs=1e-4)


def test_the_unit_of_the_soil_loss_follows_from_its_factors():
    """R [MJ mm/(hm2 h a)] times K [t hm2 h/(hm2 MJ mm)] leaves t/(hm2 a)."""
    assert quantity("rainfall_erosivity").units == "MJ mm hm-2 h-1 a-1"
    assert quantity("soil_erodibility").units == "t hm2 h hm-2 MJ-1 mm-1"
    assert quantity("soil_loss").units == "t hm-2 a-1"


def test_a_quantity_cannot_be_changed_by_its_users():
    with pytest.raises(dataclasses.FrozenInstanceError):
        quantity("elevation").high = 1.0
    assert isinstance(quantity("elevation"), Quantity)


@pytest.mark.parametrize("name", EVERY)
def test_a_layer_of_every_quantity_can_be_made_and_carries_its_unit(name):
    what = quantity(name)
    box = GeoBox.from_bbox((600_000, 4_300_000, 600_060, 4_300_090), "EPSG:4546", resolution=30)
    low = what.low if math.isfinite(what.low) else min(0.0, what.high)
    if what.kind == "continuous":
        made = grids.layer(np.full(box.shape, low, "float32"), box, name)
    else:
        made = grids.layer(np.full(box.shape, max(low, 1), "uint8"), box, name, nodata=0)
    assert made.attrs["quantity"] == name
    assert made.attrs["units"] == what.units
    assert made.attrs["long_name"] == what.en
