"""R by half-months: means over years, unknown days, real rain."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_data import real_data

from shuibao.erosion import (
    HALF_MONTHS,
    AllowedMissing,
    annual_erosivity,
    daily_erosivity,
    half_month,
    half_month_erosivity,
)
from shuibao.errors import InputError

MODELS = ["official", "xie2016", "zhang2002"]


def made_rain(first=2001, last=2003, seed=1):
    """Daily rain with a wet summer, in tenths of a millimetre exactly."""
    dates = pd.date_range(f"{first}-01-01", f"{last}-12-31")
    random = np.random.default_rng(seed)
    wet = random.random(len(dates)) < np.where(np.isin(dates.month, [6, 7, 8]), 0.4, 0.1)
    return pd.Series(np.where(wet, random.exponential(9, len(dates)).round(1), 0.0), dates)


@pytest.mark.parametrize("model", MODELS)
def test_half_months_sum_to_the_year_and_shares_to_one(model):
    result = half_month_erosivity(made_rain(), model)
    assert result.values.shape == (HALF_MONTHS,)
    assert result.values.sum() == pytest.approx(result.annual)
    assert result.shares.sum() == pytest.approx(1)
    assert result.annual > 0
    assert result.shares == pytest.approx(result.values / result.annual)


def test_r_is_the_mean_of_the_yearly_sums_of_the_days():
    rain = made_rain()
    by_year = daily_erosivity(rain).groupby(rain.index.year).sum()
    result = half_month_erosivity(rain)
    assert result.annual == pytest.approx(by_year.mean())
    assert result.years == (2001, 2002, 2003)
    assert result.missing_days == 0
    assert half_month_erosivity(rain, first_year=2002, last_year=2002).annual == pytest.approx(by_year[2002])


def test_one_storm_lands_in_its_half_month():
    rain = pd.Series(0.0, pd.date_range("2020-01-01", "2020-12-31"))
    rain["2020-07-20"] = 50
    result = half_month_erosivity(rain)
    assert result.values[13] == pytest.approx(337.627, abs=5e-4)
    assert np.count_nonzero(result.values) == 1
    assert result.shares[13] == 1


def test_zhang_2002_reads_the_erosive_days_of_the_station():
    rain = pd.Series(0.0, pd.date_range("2021-01-01", "2021-12-31"))
    rain.iloc[150:250:10] = 22.0  # ten days: 22 mm in the mean, 220 mm a year
    beta = 0.8363 + 18.144 / 22 + 24.455 / 220
    expected = 10 * 21.586 * beta**-7.1891 * 22**beta
    assert half_month_erosivity(rain, "zhang2002").annual == pytest.approx(expected)


@pytest.mark.parametrize("model", MODELS)
def test_a_dry_country_has_no_erosivity_and_even_shares(model):
    rain = pd.Series(0.0, pd.date_range("2020-01-01", "2020-12-31"))
    result = half_month_erosivity(rain, model)
    assert result.annual == 0
    assert result.shares == pytest.approx(np.full(HALF_MONTHS, 1 / 24))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31))
def test_the_order_of_days_within_a_half_month_does_not_matter(seed):
    rain = made_rain(2001, 2001)
    group = half_month(rain.index)
    random = np.random.default_rng(seed)
    mixed = rain.groupby(group).transform(lambda part: random.permutation(part.to_numpy()))
    assert half_month_erosivity(mixed).values == pytest.approx(half_month_erosivity(rain).values)


@pytest.mark.parametrize("model", ["official", "xie2016"])
def test_rain_below_the_threshold_changes_nothing(model):
    rain = made_rain()
    drizzle = rain.where(rain > 0, 4.0)
    assert (half_month_erosivity(drizzle, model).values == half_month_erosivity(rain, model).values).all()


def test_more_rain_on_one_day_never_lowers_any_half_month():
    rain = made_rain()
    wetter = rain.copy()
    wetter["2002-07-08"] += 30
    change = half_month_erosivity(wetter).values - half_month_erosivity(rain).values
    assert change[12] > 0
    assert np.delete(change, 12) == pytest.approx(0)


def test_a_year_with_too_many_unknown_summer_days_is_left_out_aloud():
    rain = made_rain()
    rain["2002-07-01":"2002-07-06"] = np.nan
    result = half_month_erosivity(rain)
    assert result.years == (2001, 2003)
    assert "6 unknown days from month 5 to 9" in result.left_out[2002]
    assert any("Years left out: 2002" in note for note in result.notes)
    kept = rain[rain.index.year != 2002]
    alone = daily_erosivity(kept).groupby(kept.index.year).sum().mean()
    assert result.annual == pytest.approx(alone)


def test_unknown_days_count_as_the_mean_of_their_half_month_never_as_dry():
    rain = pd.Series(0.0, pd.date_range("2021-01-01", "2021-12-31"))
    rain["2021-07-01":"2021-07-15"] = 20.0
    whole = half_month_erosivity(rain)
    rain["2021-07-03":"2021-07-05"] = np.nan
    result = half_month_erosivity(rain)
    assert result.values[12] == pytest.approx(whole.values[12])
    assert result.missing_days == 3
    assert any("3 unknown days" in note for note in result.notes)


def test_dates_without_a_row_are_as_unknown_as_empty_cells():
    rain = made_rain()
    gap = rain.copy()
    gap["2002-08-01":"2002-08-04"] = np.nan
    dropped = gap.dropna()
    assert half_month_erosivity(dropped).values == pytest.approx(half_month_erosivity(gap).values)
    assert half_month_erosivity(dropped).missing_days == 4


def test_a_half_month_nobody_observed_is_unknown_and_so_is_the_year():
    rain = made_rain(2001, 2001)[:"2001-12-15"]
    result = half_month_erosivity(rain)
    assert np.isnan(result.values[23])
    assert np.isnan(result.annual)
    assert any("half-months 23" in note for note in result.notes)


def test_a_rainy_season_gauge_is_used_when_the_season_is_declared():
    rain = made_rain()
    season = rain[(rain.index.month >= 5) & (rain.index.month <= 9)]
    with pytest.raises(InputError, match=r"no year can be used.*season="):
        half_month_erosivity(season, first_year=2001, last_year=2003)
    result = half_month_erosivity(season, season=(5, 9))
    whole = half_month_erosivity(rain)
    assert result.values[8:18] == pytest.approx(whole.values[8:18])
    assert result.values[:8].sum() == result.values[18:].sum() == 0
    assert any("months 5 to 9 was declared" in note for note in result.notes)


def test_few_years_are_said_and_twenty_are_enough():
    assert any("rests on 3 years" in note for note in half_month_erosivity(made_rain()).notes)
    assert half_month_erosivity(made_rain(1991, 2010)).notes == ()


def test_the_allowance_for_unknown_days_can_be_widened():
    rain = made_rain(2001, 2001)
    rain["2001-07-01":"2001-07-10"] = np.nan
    with pytest.raises(InputError, match="10 unknown days"):
        half_month_erosivity(rain)
    assert half_month_erosivity(rain, allowed_missing=AllowedMissing(warm=10)).missing_days == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "fourier"}, "erosivity model 'fourier'"),
        ({"first_year": 2005, "last_year": 2001}, "period from 2005 to 2001"),
        ({"season": (9, 5)}, r"season \(9, 5\)"),
        ({"model": "zhang2002", "mean_temperature": made_rain()}, "snow mask with model zhang2002"),
        ({"first_year": 1990, "last_year": 1991}, "no year can be used"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        half_month_erosivity(made_rain(), **arguments)


STATIONS = {"taiyuan_53772": 404.0, "yulin_53646": 470.6, "yinchuan_53614": 185.0}


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize("model", MODELS)
def test_real_rain_of_1951_on_the_loess_gives_plausible_erosivity(station, model):
    table = pd.read_csv(real_data(f"rain/daily_1951_{station}.csv"), parse_dates=["date"])
    rain = table.set_index("date")["p_mm"]
    assert rain.sum() == pytest.approx(STATIONS[station], abs=0.05)
    result = half_month_erosivity(rain, model, season=(1, 10))
    by_sum = annual_erosivity(STATIONS[station])
    assert 0.8 * by_sum < result.annual < 2.4 * by_sum  # Yulin had 141.7 mm on one day, most of its year
    assert result.shares[8:18].sum() > 0.85
    if station == "taiyuan_53772":
        assert 900 < result.annual < 2500


def test_the_raw_codes_of_the_weather_service_are_refused():
    table = pd.read_csv(real_data("rain/daily_1951_taiyuan_53772.csv"), parse_dates=["date"])
    with pytest.raises(InputError, match="read_daily_rain decodes them"):
        half_month_erosivity(table.set_index("date")["prcp20_20"])


def test_the_great_day_of_yulin_is_most_of_its_year():
    table = pd.read_csv(real_data("rain/daily_1951_yulin_53646.csv"), parse_dates=["date"])
    rain = table.set_index("date")["p_mm"]
    assert rain.max() == pytest.approx(141.7)
    share = daily_erosivity(rain).max() / half_month_erosivity(rain, season=(1, 10)).annual
    assert 0.5 < share < 0.9


def test_real_rain_of_youwuzhen_gives_the_erosivity_of_the_red_soil_hills():
    table = pd.read_csv(real_data("youwuzhen/climate/pcp_daily.csv"), comment="#", parse_dates=["DATETIME"])
    rain = table.set_index("DATETIME")["81502750"]
    result = half_month_erosivity(rain)
    assert result.years == tuple(range(2012, 2018))
    assert result.missing_days == 0
    assert 5000 < result.annual < 10000
    assert result.shares[6:18].sum() > 0.6  # April to September
    assert any("rests on 6 years" in note for note in result.notes)


def test_every_note_speaks_chinese_as_well_and_survives_a_process():
    rain = made_rain(2001, 2003)
    rain["2002-07-01":"2002-07-09"] = np.nan
    rain["2003-07-01"] = np.nan
    notes = half_month_erosivity(rain, season=(2, 11)).notes
    assert len(notes) == 4
    assert "1 个缺测日" in notes[2].zh
    assert "2002" in notes[1].zh
    copy = pickle.loads(pickle.dumps(notes))
    assert [(n, n.zh) for n in copy] == [(n, n.zh) for n in notes]
