"""Erosivity of single days and of sums: published vectors, properties, guards."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.erosion import annual_erosivity, daily_erosivity, fournier_erosivity, half_month, zhang_parameters
from shuibao.errors import InputError
from shuibao.tables import Table, load


def days(depths, first="2020-07-01"):
    return pd.Series(np.asarray(depths, float), pd.date_range(first, periods=len(depths)))


VECTORS = {
    10: (20.973, 16.520),
    12: (28.732, 22.631),
    25: (102.026, 80.361),
    50: (337.627, 265.934),
    100: (1117.289, 880.039),
}


@pytest.mark.parametrize("depth", VECTORS)
def test_the_official_model_gives_the_published_days(depth):
    warm, cold = VECTORS[depth]
    assert daily_erosivity(days([depth], "2020-07-01")).iloc[0] == pytest.approx(warm, abs=5e-4)
    assert daily_erosivity(days([depth], "2020-01-01")).iloc[0] == pytest.approx(cold, abs=5e-4)


@pytest.mark.parametrize(("month", "season"), [(4, "cold"), (5, "warm"), (9, "warm"), (10, "cold")])
def test_the_warm_season_runs_from_may_to_september(month, season):
    expected = {"warm": 337.627, "cold": 265.934}[season]
    assert daily_erosivity(days([50], f"2021-{month:02}-01")).iloc[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("month", "expected"), [(1, 105.682), (4, 230.344), (7, 355.007), (10, 230.344)])
def test_xie_2016_follows_the_year_smoothly(month, expected):
    assert daily_erosivity(days([50], f"2021-{month:02}-09"), "xie2016").iloc[0] == pytest.approx(expected, abs=5e-4)


def test_zhang_2002_takes_its_parameters_from_the_station():
    alpha, beta = zhang_parameters(22, 260)
    assert beta == pytest.approx(1.75508, abs=5e-6)
    assert alpha == pytest.approx(0.37835, abs=1e-5)
    assert alpha * 50**beta == pytest.approx(362.848, rel=1e-5)


@pytest.mark.parametrize(("rain", "expected"), [(400, 1080.0), (470, 1410.4), (500, 1562.4), (600, 2112.6)])
def test_yearly_rain_gives_the_published_erosivity(rain, expected):
    assert annual_erosivity(rain) == pytest.approx(expected, abs=0.05)


def test_the_fournier_index_of_even_rain_is_a_twelfth_of_the_year():
    even = np.full((3, 12), 40.0)
    assert fournier_erosivity(even) == pytest.approx(0.1833 * 40**1.9957)
    assert fournier_erosivity(np.zeros((2, 12))) == 0
    assert fournier_erosivity([[0] * 6 + [480] + [0] * 5]) > fournier_erosivity(even)


def test_half_months_end_with_the_fifteenth_and_with_the_month():
    dates = pd.DatetimeIndex(["2021-01-01", "2021-01-15", "2021-01-16", "2021-02-28", "2020-02-29", "2021-12-31"])
    assert half_month(dates).tolist() == [0, 0, 1, 3, 3, 23]
    assert np.bincount(half_month(pd.date_range("2020-01-01", "2020-12-31")))[[0, 1, 3]].tolist() == [15, 16, 14]


def test_days_below_the_threshold_give_nothing_and_the_threshold_itself_counts():
    assert daily_erosivity(days([9.99, 10.0])).gt(0).tolist() == [False, True]
    assert daily_erosivity(days([9.69, 9.7]), "xie2016").gt(0).tolist() == [False, True]
    assert daily_erosivity(days([10.0, 11.9, 12.0]), threshold=12).gt(0).tolist() == [False, False, True]


def test_unknown_days_stay_unknown():
    result = daily_erosivity(days([0, np.nan, 30]))
    assert result.isna().tolist() == [False, True, False]


def test_the_snow_mask_takes_frozen_days_out_and_is_off_by_default():
    rain = days([20, 20, 20, 5], "2021-11-10")
    temperature = days([-2.0, 3.0, np.nan, np.nan], "2021-11-10")
    masked = daily_erosivity(rain, mean_temperature=temperature)
    assert daily_erosivity(rain).iloc[0] > 0
    assert masked.iloc[0] == 0
    assert masked.iloc[1] == daily_erosivity(rain).iloc[1]
    assert np.isnan(masked.iloc[2])
    assert masked.iloc[3] == 0


def test_another_table_changes_the_answer():
    rows = load("rain_erosivity").rows.copy()
    rows.loc[rows["parameter"] == "alpha_warm", "value"] *= 2
    doubled = daily_erosivity(days([50]), table=Table("rain_erosivity", rows))
    assert doubled.iloc[0] == pytest.approx(2 * 337.627, abs=1e-3)


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 300), st.floats(0, 300), st.sampled_from(["official", "xie2016"]), st.integers(1, 12))
def test_more_rain_never_erodes_less(depth, more, model, month):
    first = f"2021-{month:02}-10"
    less = daily_erosivity(days([depth], first), model).iloc[0]
    assert 0 <= less <= daily_erosivity(days([depth + more], first), model).iloc[0]


REFUSED = {
    "negative": (days([1, -99, 3]), r"row 2: rain of -99 mm on 2020-07-02.*not -99"),
    "absurd": (days([1, 32700]), r"row 2: rain of 32700 mm.*2000 mm.*read_daily_rain"),
    "infinite": (days([np.inf]), r"row 1: rain of inf mm"),
    "twice": (pd.Series([1.0, 2.0], pd.to_datetime(["2020-07-01", "2020-07-01"])), r"row 2: 2020-07-01 stands twice"),
    "backwards": (pd.Series([1.0, 2.0], pd.to_datetime(["2020-07-02", "2020-07-01"])), r"row 2: 2020-07-01 follows"),
    "no dates": (pd.Series([1.0, 2.0]), r"indexed by int64.*to_datetime"),
    "a missing date": (pd.Series([1.0, 2.0], pd.DatetimeIndex(["2020-07-02", None])), r"row 2: a row has no date"),
    "words": (pd.Series(["1", "trace"], pd.date_range("2020-07-01", periods=2)), r"row 2: rain of 'trace'"),
    "empty": (pd.Series([], index=pd.DatetimeIndex([]), dtype=float), r"no rows"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_rain_that_cannot_be_is_refused_with_its_row(case):
    rain, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        daily_erosivity(rain)


def year_of_rain(scale):
    """A made year of a dry country: a rainy day in five, 400 mm."""
    depths = np.zeros(365)
    depths[::5] = np.random.default_rng(3).exponential(5.5, 73).round(1)
    return days(depths * scale, "2021-01-01")


def test_metres_and_tenths_are_suspected_until_confirmed():
    assert daily_erosivity(year_of_rain(1)).sum() > 0
    with pytest.raises(InputError, match="Are these metres"):
        daily_erosivity(year_of_rain(0.001))
    with pytest.raises(InputError, match="Are these tenths of a millimetre"):
        daily_erosivity(year_of_rain(10).round())
    assert daily_erosivity(year_of_rain(0.001), units_confirmed=True).sum() == 0
    assert daily_erosivity(year_of_rain(10).round(), units_confirmed=True).sum() > 0


def test_a_few_whole_numbers_are_not_suspected():
    assert daily_erosivity(days([50, 20, 100])).sum() > 0


def test_stamps_at_eight_in_the_evening_count_for_their_date():
    evening = pd.Series([50.0], pd.DatetimeIndex(["2020-07-01 20:00"]))
    assert daily_erosivity(evening).index[0] == pd.Timestamp("2020-07-01")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: daily_erosivity(days([1]), "wischmeier"), "erosivity model 'wischmeier'"),
        (lambda: daily_erosivity(days([1]), threshold=-1), "erosive threshold -1 mm"),
        (lambda: daily_erosivity(days([20]), mean_temperature=pd.Series([1.0])), "temperature is indexed by"),
        (lambda: annual_erosivity(-5), "yearly rain of -5 mm"),
        (lambda: annual_erosivity(float("nan")), "yearly rain of nan mm"),
        (lambda: fournier_erosivity(np.ones((3, 11))), r"shape \(3, 11\)"),
        (lambda: fournier_erosivity([[-1.0] * 12]), "year 1, month 1"),
        (lambda: zhang_parameters(0, 0), "erosive rain of 0 mm"),
    ],
)
def test_parameters_that_cannot_be_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
