"""Construction land by SL 773: the six types by hand, limits, periods, and a published mistake."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import (
    ConstructionPeriod,
    SlopeUnit,
    background_modulus,
    county_climate,
    cut_face,
    damaged_vegetation,
    period_erosivity,
    refuse_beyond_limits,
    spoil_heap,
    turned_soil,
)
from shuibao.errors import InputError
from shuibao.tables import Table, load

STEEP = SlopeUnit(length=50, angle=np.radians(30), width=10)
LOESS = {"silt": 0.6, "clay": 0.15, "density": 1.35}


def test_a_unit_is_measured_in_plan():
    assert STEEP.horizontal_length == pytest.approx(43.3013, abs=5e-5)
    assert STEEP.area == pytest.approx(0.0433013, abs=5e-8)


def test_damaged_vegetation_by_hand():
    loss = damaged_vegetation(STEEP, R=1000, K=0.02, B=0.1)
    assert loss.factors["L"] == pytest.approx(1.47142, abs=5e-6)
    assert loss.factors["S"] == pytest.approx(10.04604, abs=5e-6)
    assert loss.loss == pytest.approx(1000 * 0.02 * 1.47142 * 10.04604 * 0.1 * 0.0433013, rel=1e-5)


def test_turned_soil_loses_more_by_the_ratio_of_the_standard_or_of_plots():
    undisturbed = damaged_vegetation(STEEP, R=1000, K=0.02, B=1.0).loss
    assert turned_soil(STEEP, R=1000, K=0.02).loss == pytest.approx(2.13 * undisturbed)
    assert turned_soil(STEEP, R=1000, K=0.02, turned_ratio=1.5).loss == pytest.approx(1.5 * undisturbed)


def test_a_cut_face_by_hand():
    loss = cut_face(STEEP, R=1000, **LOESS)
    assert loss.kind == "cut_face"
    assert [loss.factors[k] for k in "GLS"] == pytest.approx([0.0201496, 0.292151, 0.78], rel=2e-6)
    assert loss.loss == pytest.approx(0.198824, abs=1e-6)


def test_a_cut_face_with_run_on_by_hand():
    loss = cut_face(STEEP, R=1000, **LOESS, run_on=1.0)
    assert loss.kind == "cut_face_run_on"
    expected = [10_000, 0.00807652, 0.206825, 0.69]
    assert [loss.factors[f"{k}_run_on"] for k in "FGLS"] == pytest.approx(expected, rel=2e-6)
    assert loss.run_on_loss == pytest.approx(0.499087, abs=1e-6)
    assert loss.loss - loss.run_on_loss == pytest.approx(cut_face(STEEP, R=1000, **LOESS).loss)


def test_a_spoil_heap_by_hand():
    assert spoil_heap(STEEP, R=1000, gravel=0.3).loss == pytest.approx(3.549067, abs=1e-6)
    cone = spoil_heap(STEEP, R=1000, gravel=0.3, shape="cone")
    assert cone.loss == pytest.approx(0.92 * 3.549067, abs=1e-6)


def test_a_heap_with_run_on_needs_the_numbers_of_the_paper_document():
    with pytest.raises(
        InputError, match=r"table construction_heaps: numbers with run-on of texture loam are empty.*Type them in"
    ):
        spoil_heap(STEEP, R=1000, gravel=0.3, run_on=1.0)


def test_a_heap_with_run_on_adds_what_the_run_on_takes():
    heaps = load("construction_heaps")
    typed = {
        "erodibility_run_on": 0.01,
        "gravel_rate_run_on": -2.0,
        "length_exponent_run_on": -0.5,
        "slope_exponent_run_on": 1.1,
    }
    own = Table(heaps.name, heaps.rows.assign(**typed))
    loss = spoil_heap(STEEP, R=1000, gravel=0.3, run_on=1.2, heaps=own)
    flow = 10_000 * 1.2**0.95 * 0.01 * np.exp(-0.6) * (43.3012702 / 5) ** -0.5 * (30 / 25) ** 1.1 * STEEP.area
    assert loss.kind == "spoil_heap_run_on"
    assert loss.run_on_loss == pytest.approx(flow, rel=1e-8)
    assert loss.loss == pytest.approx(3.549067 + flow, abs=2e-6)


@pytest.mark.parametrize("width", [1, 10, 231.0])
def test_the_modulus_is_divided_by_the_area(width):
    """A published calculator forgets the area, so that its moduli hold for one hectare only."""
    loss = damaged_vegetation(SlopeUnit(50, np.radians(30), width), R=1000, K=0.02, B=0.1)
    assert loss.modulus == pytest.approx(100 * 1000 * 0.02 * 1.471415 * 10.046038 * 0.1, rel=1e-6)


def test_the_invented_formula_of_a_published_program_is_not_ours():
    """It has 4.41 R K ... H sin β with K in US units; such a K is refused and a true one gives another loss."""
    with pytest.raises(InputError, match=r"K is 0\.3; expected 0 to 0\.12.*0\.1317"):
        turned_soil(STEEP, R=1000, K=0.3)
    invented = 4.41 * 1000 * 0.0395 * 50 * np.sin(STEEP.angle)
    assert not 0.5 < invented / turned_soil(STEEP, R=1000, K=0.0395).loss < 2


def test_a_slope_longer_than_a_hundred_metres_counts_as_one_of_a_hundred_and_says_so():
    flat = np.radians(8)
    long, limit = SlopeUnit(300, flat, 10), SlopeUnit(100 / np.cos(flat), flat, 10)
    assert damaged_vegetation(long, R=1000, K=0.02, B=0.1).cut_short
    assert not damaged_vegetation(SlopeUnit(90, flat, 10), R=1000, K=0.02, B=0.1).cut_short
    of_long, of_limit = (cut_face(unit, R=1000, **LOESS).factors["L"] for unit in (long, limit))
    assert of_long == pytest.approx(of_limit)
    assert long.area == pytest.approx(300 * np.cos(flat) * 10 / 1e4)


def test_many_units_at_once_are_as_one_by_one():
    lengths, angles, widths = np.array([20.0, 50.0, 90.0]), np.radians([2.0, 12.0, 35.0]), np.array([5.0, 10.0, 40.0])
    together = turned_soil(SlopeUnit(lengths, angles, widths), R=1000, K=0.02).loss
    single = [turned_soil(SlopeUnit(*unit), R=1000, K=0.02).loss for unit in zip(lengths, angles, widths, strict=True)]
    assert together == pytest.approx(single)
    faces = cut_face(SlopeUnit(lengths, angles, widths), R=1000, **LOESS, run_on=np.array([0.1, 1.0, 3.0])).loss
    assert faces.shape == (3,)


@given(st.floats(0, 3), st.floats(0, 3))
def test_more_run_on_takes_more(one, other):
    low, high = sorted((one, other))
    assert cut_face(STEEP, R=1000, **LOESS, run_on=low).loss <= cut_face(STEEP, R=1000, **LOESS, run_on=high).loss


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SlopeUnit(50, 30.0, 10), "Are these degrees"),
        (lambda: SlopeUnit(5000, 0.5, 10), "length is 5000.*Divide a longer slope"),
        (lambda: SlopeUnit(50, 0.5, 0), "width is 0"),
        (lambda: damaged_vegetation(STEEP, R=1000, K=0.02, B=12), "B is 12.*percent"),
        (lambda: damaged_vegetation(STEEP, R=-5, K=0.02, B=0.1), "R is -5"),
        (lambda: cut_face(STEEP, R=1000, silt=60, clay=0.1, density=1.3), "silt is 60.*percent"),
        (lambda: cut_face(STEEP, R=1000, silt=0.7, clay=0.5, density=1.3), "silt and clay make 1.2"),
        (lambda: cut_face(STEEP, R=1000, silt=0.6, clay=0.1, density=1350), "density is 1350.*kg/m3"),
        (lambda: cut_face(STEEP, R=1000, **LOESS, run_on=3.5), "run_on is 3.5"),
        (lambda: spoil_heap(STEEP, R=1000, gravel=30), "gravel is 30.*percent"),
        (lambda: spoil_heap(STEEP, R=1000, gravel=0.3, shape="round"), "leaning or cone"),
        (lambda: spoil_heap(STEEP, R=1000, gravel=0.3, texture="peat"), "no row for"),
        (lambda: turned_soil(STEEP, R=1000, K=0.02, turned_ratio=0.5), "turned_ratio is 0.5"),
        (lambda: refuse_beyond_limits(cover=1.2), "cover is 1.2.*A cover above 100 %"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(call, message):
    with pytest.raises(InputError, match=message):
        call()


MONTHLY = [0, 0, 0, 14, 70, 197, 494, 465, 141, 28, 0, 0]


def test_whole_years_have_the_whole_erosivity():
    assert period_erosivity(MONTHLY, dt.date(2024, 1, 1), dt.date(2025, 12, 31)) == pytest.approx(2 * sum(MONTHLY))


@given(st.dates(dt.date(2023, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 500), st.integers(1, 500))
def test_two_periods_that_follow_have_the_erosivity_of_both(start, first, second):
    middle, end = start + dt.timedelta(first), start + dt.timedelta(first + second)
    parts = period_erosivity(MONTHLY, start, middle) + period_erosivity(MONTHLY, middle + dt.timedelta(1), end)
    assert period_erosivity(MONTHLY, start, end) == pytest.approx(parts, abs=1e-9)


def test_half_a_month_has_its_days():
    assert period_erosivity(MONTHLY, dt.date(2024, 7, 1), dt.date(2024, 7, 15)) == pytest.approx(494 * 15 / 31)


@pytest.mark.parametrize(
    ("monthly", "end", "message"),
    [
        (MONTHLY[:11], dt.date(2025, 1, 1), "11 monthly"),
        ([-1, *MONTHLY[1:]], dt.date(2025, 1, 1), "least -1"),
        (MONTHLY, dt.date(2020, 1, 1), "end after"),
    ],
)
def test_months_and_dates_that_cannot_be_are_refused(monthly, end, message):
    with pytest.raises(InputError, match=message):
        period_erosivity(monthly, dt.date(2024, 1, 1), end)


def test_the_background_is_weighted_by_area():
    assert background_modulus([200, 800], [3, 1]) == pytest.approx(350)
    with pytest.raises(InputError, match="2 moduli and 1 areas"):
        background_modulus([200, 800], [1])


def test_the_new_loss_is_what_is_above_the_background():
    losses = [turned_soil(STEEP, R=1000, K=0.02), cut_face(STEEP, R=1000, **LOESS)]
    period = ConstructionPeriod("construction", dt.date(2024, 1, 1), dt.date(2024, 12, 31), losses, 300.0)
    assert period.area == pytest.approx(2 * STEEP.area)
    assert period.total == pytest.approx(losses[0].loss + losses[1].loss)
    assert period.background_loss == pytest.approx(3.0 * 2 * STEEP.area * 366 / 365.25)
    assert period.new_loss == pytest.approx(period.total - period.background_loss)


def county_rows(months):
    rows = pd.DataFrame({"county_code": 140925, "month": months, "erosivity": 10.0, "erodibility": 0.02})
    return Table("construction_county", rows.assign(source="Test", status="provisional", valid_from="", valid_to=""))


def test_the_climate_of_a_county_comes_from_its_twelve_rows():
    climate = county_climate(140925, county_rows(range(1, 13)))
    assert climate.erosivity.tolist() == [10.0] * 12
    assert climate.erodibility == 0.02


def test_a_county_that_nobody_typed_in_is_refused():
    with pytest.raises(InputError, match=r"0 rows for county 140925.*Type in"):
        county_climate(140925)
    with pytest.raises(InputError, match="11 rows"):
        county_climate(140925, county_rows(range(1, 12)))
