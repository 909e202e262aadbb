"""EI30 of storms: hand-computed, properties, published event results, guards."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_data import real_data

from shuibao.erosion import erosive_storms, rain_energy, storm_erosivity, storm_events
from shuibao.erosion.kernels import maximum_depth as window_kernel
from shuibao.erosion.kernels import storm_parting as parting_kernel
from shuibao.errors import InputError


def record(depths, minutes=10, first="2020-07-01 00:10"):
    return pd.Series(np.asarray(depths, float), pd.date_range(first, periods=len(depths), freq=f"{minutes}min"))


def brown_foster(intensity):
    return 0.29 * (1 - 0.72 * np.exp(-0.05 * intensity))


@pytest.mark.parametrize(
    ("equation", "intensity", "expected"),
    [
        ("rusle", 0, 0.0812),
        ("rusle", 20, 0.29 * (1 - 0.72 * 0.36787944)),
        ("rusle2", 20, 0.29 * (1 - 0.72 * 0.19398004)),
        ("usle", 10, 0.119 + 0.0873),
        ("usle", 76, 0.283),
        ("usle", 200, 0.283),
        ("usle", 0, 0.0),
    ],
)
def test_unit_energy_by_hand(equation, intensity, expected):
    assert rain_energy(intensity, equation) == pytest.approx(expected, abs=3e-4)


def test_unit_energy_rises_to_its_limit_and_keeps_the_unknown():
    rates = np.linspace(0.1, 300, 500)
    for equation in ("rusle", "rusle2", "usle"):
        energy = rain_energy(rates, equation)
        assert (np.diff(energy) >= -1e-3).all()
        assert energy.max() <= 0.29
        assert np.isnan(rain_energy(np.nan, equation))
    assert (rain_energy(rates, "rusle2") >= rain_energy(rates, "rusle")).all()


def test_a_storm_by_hand():
    depths = [1, 2, 6, 4, 1, 0.5]
    events = storm_events(record([0, *depths, 0]))
    assert len(events) == 1
    storm = events.iloc[0]
    energy = sum(d * brown_foster(6 * d) for d in depths)
    assert storm["start"] == pd.Timestamp("2020-07-01 00:10")
    assert storm["end"] == pd.Timestamp("2020-07-01 01:10")
    assert storm["depth_mm"] == pytest.approx(14.5)
    assert storm["duration_h"] == pytest.approx(1)
    assert storm["i30_mm_h"] == pytest.approx(2 * (6 + 4 + 2))
    assert storm["i15_mm_h"] == pytest.approx(4 * (6 + 4 / 2))
    assert storm["energy_MJ_hm2"] == pytest.approx(energy)
    assert storm["erosivity"] == pytest.approx(energy * 24)
    assert storm["complete"]


def test_break_points_of_wischmeiers_kind_by_hand():
    stamps = pd.to_datetime(
        ["2020-07-01 04:00", "2020-07-01 04:20", "2020-07-01 04:27", "2020-07-01 04:36", "2020-07-01 05:00"]
    )
    events = storm_events(pd.Series([0, 1.2, 3.1, 8.6, 2.0], stamps))
    # the best window reaches 23 minutes back from 04:50 or so: its end or start meets a break point
    cumulative = np.interp(np.arange(0, 61, 0.01), [0, 20, 27, 36, 60], np.cumsum([0, 1.2, 3.1, 8.6, 2.0]))
    best = (cumulative[3000:] - cumulative[:-3000]).max()
    energy = sum(d * brown_foster(60 * d / t) for d, t in zip([1.2, 3.1, 8.6, 2.0], [20, 7, 9, 24], strict=True))
    assert events["i30_mm_h"].iloc[0] == pytest.approx(2 * best, abs=1e-6)
    assert events["energy_MJ_hm2"].iloc[0] == pytest.approx(energy)


def test_a_storm_shorter_than_half_an_hour_has_twice_its_depth_as_i30():
    events = storm_events(record([0, 5, 0]))
    assert events["i30_mm_h"].iloc[0] == pytest.approx(10)
    assert events["i15_mm_h"].iloc[0] == pytest.approx(20)


@pytest.mark.parametrize(("dry_records", "storms"), [(35, 1), (36, 2), (37, 2)])
def test_six_dry_hours_part_storms(dry_records, storms):
    assert len(storm_events(record([0, 5, *[0] * dry_records, 5, 0]))) == storms


def test_the_light_rule_parts_where_little_falls_in_six_hours():
    drizzle = [0, 8, *[0, 0, 0.1, 0, 0, 0] * 8, 8, 0]  # 0.6 mm in six hours
    assert len(storm_events(record(drizzle))) == 1
    parted = storm_events(record(drizzle), light_rule=True)
    assert parted["depth_mm"].sum() == pytest.approx(sum(drizzle))
    assert (parted["depth_mm"] > 5).sum() == 2


def test_depth_behind_ends_inside_an_interval():
    begin, end, depth = np.array([0.0, 340.0]), np.array([10.0, 400.0]), np.array([5.0, 2.0])
    assert parting_kernel.depth_behind(begin, end, depth, 0, 360.0) == pytest.approx(1.0)
    assert parting_kernel.part_storms(begin, end, depth, 360.0, 1.27).tolist() == [0, 1]
    assert parting_kernel.part_storms(begin, end, depth, 360.0, 0.5).tolist() == [0, 0]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([0, 0, 0, 0.2, 1.0, 4.5]), min_size=3, max_size=200), st.sampled_from([5, 10, 15, 30]))
def test_nothing_is_lost_between_storms_and_peaks_stay_in_bounds(depths, minutes):
    events = storm_events(record([0, *depths], minutes))
    assert events["depth_mm"].sum() == pytest.approx(sum(depths))
    highest = max(depths) * 60 / minutes
    assert (events["i30_mm_h"] <= events["i15_mm_h"] + 1e-9).all()
    assert (events["i15_mm_h"] <= highest + 1e-9).all()
    assert (events["i30_mm_h"] <= 2 * events["depth_mm"] + 1e-9).all()
    assert (events["energy_MJ_hm2"] >= 0.0812 * events["depth_mm"] - 1e-9).all()
    assert (events["energy_MJ_hm2"] <= 0.29 * events["depth_mm"]).all()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 8), min_size=4, max_size=80))
def test_i30_agrees_with_a_rolling_sum_of_records(depths):
    rain = record([0, *depths, 0, 0, 0])
    events = storm_events(rain)
    rolling = rain.rolling(3).sum().max()
    if len(events):
        assert events["i30_mm_h"].max() == pytest.approx(2 * rolling, abs=1e-6)


def test_finer_records_of_the_same_uniform_rain_give_the_same_storm():
    coarse = storm_events(record([0, 6, 12, 3, 0], 30, "2020-07-01 00:30"))
    fine = storm_events(record(np.repeat(np.array([0, 6, 12, 3, 0]) / 6, 6), 5, "2020-07-01 00:05"))
    columns = ["depth_mm", "i30_mm_h", "i15_mm_h", "energy_MJ_hm2", "erosivity", "duration_h"]
    assert fine[columns].to_numpy() == pytest.approx(coarse[columns].to_numpy())


def test_stamps_at_the_start_and_sparse_records_say_the_same():
    ends = record([0, 1, 5, 2, 0, 0])
    starts = ends.set_axis(ends.index - pd.Timedelta(minutes=10))
    sparse = ends[ends > 0]
    expected = storm_events(ends).to_numpy().tolist()
    assert storm_events(starts, stamp="start").to_numpy().tolist() == expected
    assert storm_events(sparse, interval=10).to_numpy().tolist() == expected


def test_which_storms_erode_depends_on_the_rule():
    blank = [0] * 40
    events = storm_events(record([*blank, *[1.21] * 10, *blank, *[1.28] * 10, *blank, 6.5, *blank, 1.0, *blank], 15))
    assert events["depth_mm"].round(2).tolist() == [12.1, 12.8, 6.5, 1.0]
    assert erosive_storms(events, "china")["depth_mm"].round(2).tolist() == [12.1, 12.8]
    assert erosive_storms(events, "rusle")["depth_mm"].round(2).tolist() == [12.8, 6.5]
    assert erosive_storms(events, "all")["depth_mm"].round(2).tolist() == [12.1, 12.8, 6.5]
    with pytest.raises(InputError, match="rule 'usa'"):
        erosive_storms(events, "usa")


def two_years():
    rain = pd.Series(0.0, pd.date_range("2019-01-01 00:10", "2021-01-01 00:00", freq="10min"))
    rain["2019-07-20 10:10":"2019-07-20 11:00"] = 5.0
    rain["2020-08-02 10:10":"2020-08-02 11:00"] = 4.0
    rain["2020-05-02 10:10":"2020-05-02 10:20"] = 1.0
    return rain


def test_the_year_is_the_sum_of_its_erosive_storms():
    result = storm_erosivity(two_years())
    first = 30 * brown_foster(30) * 30
    second = 24 * brown_foster(24) * 24
    assert len(result.events) == 2
    assert result.by_year[2019] == pytest.approx(first)
    assert result.by_year[2020] == pytest.approx(second)
    assert result.annual == pytest.approx((first + second) / 2)
    assert result.values[13] == pytest.approx(first / 2)
    assert result.values[14] == pytest.approx(second / 2)
    assert result.values.sum() == pytest.approx(result.annual)
    assert storm_erosivity(two_years(), erosive="all").annual > result.annual


def test_years_with_much_unknown_are_left_out_aloud():
    rain = two_years()
    rain["2020-03-01":"2020-05-30"] = np.nan
    result = storm_erosivity(rain)
    assert result.by_year.index.tolist() == [2019]
    assert "25 % of its time is unknown" in result.left_out[2020]
    rain["2019-02-01":] = np.nan
    with pytest.raises(InputError, match=r"no year can be used.*allowed_unknown"):
        storm_erosivity(rain)


def test_a_storm_beside_unknown_records_is_marked_a_lower_bound():
    rain = two_years()
    rain["2019-07-20 12:00":"2019-07-20 13:00"] = np.nan
    result = storm_erosivity(rain)
    assert result.events["complete"].tolist() == [False, True]
    assert any("1 storms have unknown records" in note for note in result.notes)


def test_hourly_records_are_said_to_be_too_coarse():
    rain = two_years()
    rain["2019-07-20 10:30"] = 15.0
    result = storm_erosivity(rain.resample("60min", label="right", closed="right").sum())
    assert any("too small" in note for note in result.notes)
    assert 0 < result.annual < 0.9 * storm_erosivity(rain).annual


def test_a_dry_record_has_no_storms():
    rain = pd.Series(0.0, pd.date_range("2020-01-01", "2021-01-01", freq="60min"))
    result = storm_erosivity(rain)
    assert len(result.events) == 0
    assert result.annual == 0


REFUSED = {
    "negative": (record([0, -1]), {}, r"row 2: rain of -1 mm at 2020-07-01 00:20"),
    "unordered": (record([0, 1])[::-1], {}, r"row 2: .*times in order"),
    "daily": (record([0, 30.0], 1440), {}, r"row 2: 30 mm at .* fell within 1440 minutes.*`interval`"),
    "too fast": (record([0, 300.0]), {}, r"at most 1000 mm/h.*running totals"),
    "overlap": (record([0, 1, 1]), {"interval": 30}, r"begins before the one before ends"),
    "words": (record([0, 1]).astype(object).where([True, False], "wet"), {}, r"row 2: rain of 'wet'"),
    "alone": (record([1]), {}, r"1 records"),
    "stamp": (record([0, 1]), {"stamp": "middle"}, r"stamp 'middle'"),
    "energy": (record([0, 1]), {"energy": "joule"}, r"energy equation 'joule'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_records_that_cannot_be_are_refused(case):
    rain, arguments, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        storm_events(rain, **arguments)


def test_negative_intensity_is_refused():
    with pytest.raises(InputError, match="intensity of -1 mm/h"):
        rain_energy([-1, 2])


def plain(kernel, monkeypatch, module):
    """The kernel without its compiled form, and without that of the kernels it calls."""
    for name, value in list(vars(module).items()):
        if hasattr(value, "py_func"):
            monkeypatch.setattr(module, name, value.py_func)
    return getattr(module, kernel)


def test_kernels_compiled_and_plain_agree(monkeypatch):
    random = np.random.default_rng(5)
    begin = np.cumsum(random.choice([5.0, 10.0, 400.0], 60))
    end, depth = begin + 5.0, random.uniform(0.1, 4, 60)
    total = np.cumsum(depth) - depth
    compiled = [parting_kernel.part_storms(begin, end, depth, 360.0, light) for light in (0.0, 1.27)]
    bounds = np.append(np.flatnonzero(np.diff(compiled[0], prepend=-1)), 60)
    out, again = np.empty(len(bounds) - 1), np.empty(len(bounds) - 1)
    window_kernel.maximum_depths(begin, end, depth, total, bounds, 30.0, out)
    part = plain("part_storms", monkeypatch, parting_kernel)
    maximum = plain("maximum_depths", monkeypatch, window_kernel)
    maximum(begin, end, depth, total, bounds, 30.0, again)
    assert (out == again).all()
    assert [part(begin, end, depth, 360.0, light).tolist() for light in (0.0, 1.27)] == [c.tolist() for c in compiled]


@pytest.fixture(scope="module")
def flemish_storms():
    """1 010 published storms of nine Flemish stations, from records of 10 minutes with the RUSLE energy."""
    return pd.read_csv(real_data("erosivity/test_data_brown_and_foster_maximum_intensity.csv"))


def test_published_storms_lie_in_the_bounds_of_our_energy(flemish_storms):
    depth, i30 = flemish_storms["event_rain_cum"], flemish_storms["max_30min_intensity"]
    energy = flemish_storms["event_energy"]
    assert (energy * i30).to_numpy() == pytest.approx(flemish_storms["erosivity"].to_numpy())
    assert (energy >= depth * rain_energy(0.0)).all()
    assert (energy <= depth * rain_energy(3 * i30)).all()  # ten minutes hold at most all of the 30 minutes' depth


def test_published_short_storms_are_matched_by_our_storms_of_the_same_depth(flemish_storms):
    short = flemish_storms[np.isclose(flemish_storms["max_30min_intensity"], 2 * flemish_storms["event_rain_cum"])]
    assert len(short) > 0
    for row in short.itertuples():
        depth = row.event_rain_cum
        even, steep = (storm_events(record(shape)) for shape in ([0, *[depth / 3] * 3], [0, depth]))
        assert even["i30_mm_h"].iloc[0] == pytest.approx(row.max_30min_intensity, abs=0.011)
        assert even["erosivity"].iloc[0] <= row.erosivity + 0.01
        assert row.erosivity <= steep["erosivity"].iloc[0] + 0.01


def test_published_yearly_sums_are_reached_by_adding_storms(flemish_storms):
    sums = flemish_storms.groupby("tag")["erosivity"].sum()
    assert sums.to_numpy() == pytest.approx(flemish_storms.groupby("tag")["erosivity_cum"].max().to_numpy())
    assert 300 < sums.median() < 1500  # Flanders, MJ mm hm-2 h-1 a-1
