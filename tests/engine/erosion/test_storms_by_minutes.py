"""Storms once more, minute by minute and in loops, sharing no code with the engine."""

import math
import random

import numpy as np
import pandas as pd
import pytest

from shuibao.erosion import storm_erosivity, storm_events


def made_record(seed, bursts=12):
    """Break points at whole minutes: bursts of records of 5 to 60 minutes, dry times of minutes to a day between."""
    dice = random.Random(seed)
    stamps, depths = [0], [0.0]
    for _ in range(bursts):
        stamps.append(stamps[-1] + dice.choice([20, 90, 350, 360, 365, 700, 1500]))
        depths.append(0.0)
        for _ in range(dice.randint(1, 8)):
            stamps.append(stamps[-1] + dice.choice([5, 7, 10, 30, 60]))
            depths.append(dice.choice([0.2, 0.4, 1.0, 3.0, 9.0]))
    return stamps, depths


def minutes_of(stamps, depths):
    """Depth of every minute."""
    out = [0.0] * stamps[-1]
    for begin, end, depth in zip(stamps, stamps[1:], depths[1:], strict=False):
        for minute in range(begin, end):
            out[minute] = depth / (end - begin)
    return out


def storms_of(minutes, light):
    """(first minute, minute after the last) of every storm: a dry time of six hours behind its last wet record."""
    wet = [m for m, depth in enumerate(minutes) if depth > 0]
    storms, first = [], wet[0]
    for this, following in zip(wet, [*wet[1:], math.inf], strict=True):
        behind = math.fsum(minutes[this + 1 : this + 361])
        if behind < light or behind == 0:
            storms.append((first, this + 1))
            first = following
    return storms


def energy(depth):
    return depth * 0.29 * (1 - 0.72 * math.exp(-0.05 * depth * 60))


def window(minutes, length):
    return max(math.fsum(minutes[m : m + length]) for m in range(len(minutes)))


@pytest.mark.parametrize("seed", range(12))
def test_storms_agree_with_a_count_of_minutes(seed):
    stamps, depths = made_record(seed)
    rain = pd.Series(depths, pd.Timestamp("2021-05-01") + pd.to_timedelta(stamps, unit="min"))
    minutes = minutes_of(stamps, depths)
    events = storm_events(rain)
    expected = storms_of(minutes, 0.0)
    assert len(events) == len(expected)
    for storm, (first, after) in zip(events.itertuples(), expected, strict=True):
        inside = minutes[first:after]
        assert storm.start == rain.index[0] + pd.Timedelta(minutes=first)
        assert storm.duration_h * 60 == pytest.approx(after - first)
        assert storm.depth_mm == pytest.approx(math.fsum(inside))
        assert storm.i30_mm_h == pytest.approx(2 * window(inside, 30))
        assert storm.i15_mm_h == pytest.approx(4 * window(inside, 15))
        assert storm.energy_MJ_hm2 == pytest.approx(math.fsum(map(energy, inside)))


@pytest.mark.parametrize("seed", range(6))
def test_the_light_rule_looks_behind_whole_records(seed):
    stamps, depths = made_record(seed)
    rain = pd.Series(depths, pd.Timestamp("2021-05-01") + pd.to_timedelta(stamps, unit="min"))
    strict, light = storm_events(rain), storm_events(rain, light_rule=True)
    assert light["depth_mm"].sum() == pytest.approx(strict["depth_mm"].sum())
    assert light["energy_MJ_hm2"].sum() == pytest.approx(strict["energy_MJ_hm2"].sum())
    assert len(light) >= len(strict)
    assert set(strict["start"]) <= set(light["start"])
    minutes = minutes_of(stamps, depths)
    for storm in light.itertuples():
        end = round((storm.end - rain.index[0]) / pd.Timedelta(minutes=1))
        assert math.fsum(minutes[end : end + 360]) < 1.27


def test_zones_of_time_are_kept():
    rain = pd.Series([0.0, 9.0, 9.0], pd.date_range("2021-07-01", periods=3, freq="10min", tz="Asia/Shanghai"))
    events = storm_events(rain)
    assert events["start"].dt.tz is not None
    assert events["erosivity"].iloc[0] == storm_events(rain.tz_localize(None))["erosivity"].iloc[0]


def test_r_of_many_years_is_the_mean_of_each_alone():
    random_numbers = np.random.default_rng(6)
    stamps = pd.date_range("2018-01-01 00:15", "2021-01-01", freq="15min")
    depths = np.zeros(len(stamps))
    for start in random_numbers.integers(0, len(stamps) - 20, 60):
        depths[start : start + 12] = random_numbers.exponential(2.0, 12).round(1)
    rain = pd.Series(depths, stamps)
    together = storm_erosivity(rain, erosive="rusle", energy="rusle2")
    alone = [
        storm_erosivity(
            rain[f"{year}-01-01 00:15" : f"{year + 1}-01-01"], erosive="rusle", energy="rusle2", allowed_unknown=0.5
        )
        for year in (2018, 2019, 2020)
    ]
    assert together.by_year.to_numpy() == pytest.approx([a.annual for a in alone], rel=1e-9)
    assert together.annual == pytest.approx(np.mean([a.annual for a in alone]))
    assert together.annual > storm_erosivity(rain, erosive="rusle", energy="rusle").annual
