"""Soil erodibility: published vectors, conversions, guards."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_data import real_data

from shuibao.erosion import (
    erodibility_correction,
    erodibility_diameter,
    erodibility_epic,
    erodibility_nomograph,
    erodibility_of_soils,
    floor_erodibility,
    geometric_mean_diameter,
    organic_carbon,
)
from shuibao.erosion.texture import fine_earth
from shuibao.errors import InputError

LOESS, SANDY = (20, 65, 15, 0.6), (85, 10, 5, 0.3)


@pytest.mark.parametrize(
    ("soil", "expected"),
    [(LOESS, 0.054686), ((10, 70, 20, 1.0), 0.053742), ((40, 40, 20, 1.5), 0.034300), (SANDY, 0.017415)],
)
def test_epic_gives_the_published_soils(soil, expected):
    assert erodibility_epic(*soil) == pytest.approx(expected, abs=5e-7)


def test_epic_in_us_units_is_the_si_value_over_the_factor():
    assert erodibility_epic(*LOESS, units="US") == pytest.approx(0.41523, abs=5e-6)
    assert erodibility_epic(*LOESS, units="US") * 0.1317 == pytest.approx(float(erodibility_epic(*LOESS)))


@pytest.mark.parametrize(
    ("soil", "method", "expected"),
    [
        (LOESS, "zhang2008_on_si", 0.014374),
        (LOESS, "zhang2008_on_us", 0.026383),
        (LOESS, "none", 0.054686),
        (SANDY, "zhang2008_on_si", -0.004848),
    ],
)
def test_the_two_readings_of_the_correction(soil, method, expected):
    assert erodibility_correction(erodibility_epic(*soil), method) == pytest.approx(expected, abs=5e-7)


def test_the_two_readings_differ_by_a_factor_of_1_84_on_loess():
    K = erodibility_epic(*LOESS)
    ratio = erodibility_correction(K, "zhang2008_on_us") / erodibility_correction(K, "zhang2008_on_si")
    assert ratio == pytest.approx(1.84, abs=0.01)


def test_the_correction_of_the_nomograph_has_its_own_line():
    assert erodibility_correction(0.04, "zhang2008_on_si", equation="nomograph") == pytest.approx(
        -0.00911 + 0.55066 * 0.04
    )
    us = (-0.00911 + 0.55066 * 0.04 / 0.1317) * 0.1317
    assert erodibility_correction(0.04, "zhang2008_on_us", equation="nomograph") == pytest.approx(us)


def test_a_corrected_sand_is_floored_and_counted():
    K = erodibility_correction(erodibility_epic([85, 20], [10, 65], [5, 15], [0.3, 0.6]), "zhang2008_on_si")
    values, count = floor_erodibility(np.append(K, np.nan))
    assert values[0] == 0.001
    assert values[1] == pytest.approx(0.014374, abs=5e-7)
    assert np.isnan(values[2])
    assert count == 1


def test_the_nomograph_by_hand():
    # silt 45, very fine sand 20, clay 15, organic matter 2 %, structure 3, permeability 4
    by_hand = (2.1e-4 * (12 - 2) * (65 * 85) ** 1.14 + 3.25 * 1 + 2.5 * 1) / 759
    assert erodibility_nomograph(45, 20, 15, 2, 3, 4) == pytest.approx(by_hand)
    assert erodibility_nomograph(45, 20, 15, 2, 3, 4, units="US") == pytest.approx(by_hand * 7.59)


def test_the_nomograph_refuses_loess_unless_it_may_extrapolate():
    with pytest.raises(
        InputError, match=r"silt and very fine sand reach 75 %; expected at most 70 %.*erodibility_epic"
    ):
        erodibility_nomograph(65, 10, 15, 1, 2, 3)
    assert erodibility_nomograph(65, 10, 15, 1, 2, 3, extrapolate=True) > 0.05
    assert erodibility_nomograph(60, 10, 15, 1, 2, 3) > 0.05


def test_the_geometric_mean_diameter_by_hand():
    expected = np.exp(0.2 * np.log(1.025) + 0.65 * np.log(0.026) + 0.15 * np.log(0.001))
    assert geometric_mean_diameter(20, 65, 15) == pytest.approx(expected)
    bell = np.exp(-0.5 * ((np.log10(expected) + 1.659) / 0.7101) ** 2)
    assert erodibility_diameter(expected) == pytest.approx(0.1317 * 7.594 * (0.0034 + 0.0405 * bell))
    assert erodibility_diameter(10**-1.659, units="US") == pytest.approx(7.594 * 0.0439)


def test_organic_matter_is_1_724_times_organic_carbon():
    assert organic_carbon(1.724) == pytest.approx(1)
    assert np.isnan(organic_carbon(np.nan))


def test_rock_fragments_are_left_out_before_the_equation():
    whole = fine_earth(52.25, 13.80, 15.66, 18.29)
    assert sum(whole) == pytest.approx(100)
    assert whole.sand == pytest.approx(52.25 / 0.8171)
    assert erodibility_epic(52.25, 13.80, 15.66, 1.3, rock=18.29) == pytest.approx(float(erodibility_epic(*whole, 1.3)))
    assert fine_earth(20, 65, 15, 30).sand == pytest.approx(20)  # of the fine earth already


def test_sums_within_two_points_are_brought_to_100():
    assert sum(fine_earth(20, 65, 16.9)) == pytest.approx(100)
    assert np.isnan(fine_earth(np.nan, 65, 15).sand)


@st.composite
def textures(draw):
    sand, silt = draw(st.floats(0.5, 98)), draw(st.floats(0, 1))
    return sand, (100 - sand) * silt, (100 - sand) * (1 - silt)


@settings(deadline=None, max_examples=80)
@given(textures(), st.floats(0, 10))
def test_every_texture_has_a_plausible_k_that_falls_with_organic_carbon(texture, carbon):
    K = float(erodibility_epic(*texture, carbon))
    assert 0 <= K < 0.08
    assert float(erodibility_epic(*texture, carbon + 0.5)) <= K + 1e-12
    assert 0.003 < float(erodibility_diameter(geometric_mean_diameter(*texture))) < 0.045


def test_arrays_and_numbers_agree():
    soils = np.array([LOESS, SANDY], float)
    together = erodibility_epic(*soils.T)
    assert together.tolist() == [float(erodibility_epic(*soil)) for soil in soils]


REFUSED = {
    "fractions": (
        lambda: erodibility_epic(0.2, 0.65, 0.15, 0.6),
        r"texture: sand, silt and clay sum to 1;.*Are these fractions",
    ),
    "sum": (lambda: erodibility_epic(20, 65, 20, 0.6), r"sum to 105 %; expected 100"),
    "row": (lambda: erodibility_epic([20, 20], [65, 30], [15, 15], [1, 1]), r"row 2: .*sum to 65 %"),
    "negative": (lambda: erodibility_epic(-5, 90, 15, 1), r"sand of -5 %"),
    "rock": (lambda: fine_earth(20, 65, 15, -3), r"rock fragments of -3 %"),
    "carbon": (lambda: erodibility_epic(20, 65, 15, 80), r"organic carbon of 80 %.*1.724"),
    "units": (lambda: erodibility_epic(*LOESS, units="metric"), r"units 'metric'"),
    "nomograph units": (lambda: erodibility_nomograph(40, 10, 20, 1, 2, 3, units="x"), r"units 'x'"),
    "structure": (lambda: erodibility_nomograph(40, 10, 20, 1, 5, 3), r"structure class 5"),
    "permeability": (lambda: erodibility_nomograph(40, 10, 20, 1, 2, 0), r"permeability class 0"),
    "nomograph sum": (lambda: erodibility_nomograph(60, 10, 50, 1, 2, 3), r"clay sum to 120 %"),
    "matter": (lambda: erodibility_nomograph(40, 10, 20, 14, 2, 3), r"organic matter of 14 %"),
    "diameter": (lambda: erodibility_diameter([0.1, 25]), r"mean diameter of 25 mm"),
    "us units": (
        lambda: erodibility_correction(0.41523, "none"),
        r"K reaches 0.4152.*Is this in US units\? Multiply by 0.1317",
    ),
    "negative k": (lambda: erodibility_correction(-0.1, "none"), r"K of -0.1"),
    "method": (lambda: erodibility_correction(0.04, "zhang2007"), r"correction 'zhang2007'"),
    "equation": (lambda: erodibility_correction(0.04, "zhang2008_on_si", equation="diameter"), r"plots were compared"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(case):
    call, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        call()


def youwuzhen_soils():
    """Top layers of the five soils; the layers of a soil stand in one cell, parted by dashes."""
    table = pd.read_csv(real_data("youwuzhen/lookup/soil_properties_lookup.csv"), comment="#")
    columns = {
        "SOL_SAND": "sand",
        "SOL_SILT": "silt",
        "SOL_CLAY": "clay",
        "SOL_ROCK": "rock",
        "SOL_OM": "organic_matter",
    }
    top = table[list(columns)].rename(columns=columns).map(lambda cell: float(cell.split("-")[0]))
    return top.assign(code=table["SEQN"])


def test_real_red_soils_have_plausible_erodibility():
    soils = youwuzhen_soils()
    raw = erodibility_of_soils(soils, correction="none")["erodibility"]
    corrected = erodibility_of_soils(soils)["erodibility"]
    assert raw.index.tolist() == [201, 202, 203, 204, 205]
    assert raw.between(0.02, 0.045).all()
    assert corrected.between(0.005, 0.02).all()
    assert (corrected < raw).all()


def test_real_red_soils_without_their_rock_column_are_refused():
    with pytest.raises(InputError, match=r"row 1: sand, silt and clay sum to 81.71 %.*rock fragments"):
        erodibility_of_soils(youwuzhen_soils().drop(columns="rock"))
