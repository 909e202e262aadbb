"""R and K once more, by loops over the files' own lines, sharing no code with the engine."""

import csv
import datetime as dt
import math
import random

import pandas as pd
import pytest
from real_data import real_data

from shuibao.erosion import (
    erodibility_diameter,
    erodibility_epic,
    fournier_erosivity,
    geometric_mean_diameter,
    half_month_erosivity,
)


def lines_of_youwuzhen():
    """(date, mm) of every line of the real file."""
    with real_data("youwuzhen/climate/pcp_daily.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    days = [(dt.date(*map(int, stamp.split(" ")[0].split("-"))), depth) for stamp, depth in rows[1:]]
    return [(day, float(depth)) for day, depth in days]


def series(lines):
    return pd.Series([depth for _, depth in lines], pd.to_datetime([day for day, _ in lines]))


def official(day, depth):
    alpha = 0.3937 if 5 <= day.month <= 9 else 0.3101
    return alpha * depth**1.7265 if depth >= 10 else 0.0


def xie(day, depth):
    return (
        0.2686 * (1 + 0.5412 * math.cos(math.pi * day.month / 6 - 7 * math.pi / 6)) * depth**1.7265
        if depth >= 9.7
        else 0.0
    )


def zhang(lines):
    years = len({day.year for day, _ in lines})
    erosive = [depth for _, depth in lines if depth >= 12]
    beta = 0.8363 + 18.144 / (sum(erosive) / len(erosive)) + 24.455 / (sum(erosive) / years)
    alpha = 21.586 * beta**-7.1891
    return lambda day, depth: alpha * depth**beta if depth >= 12 else 0.0


@pytest.mark.parametrize("model", ["official", "xie2016", "zhang2002"])
def test_real_r_and_its_half_months_agree_to_the_last_digits(model):
    lines = lines_of_youwuzhen()
    formula = {"official": official, "xie2016": xie, "zhang2002": zhang(lines)}[model]
    expected = [0.0] * 24
    for day, depth in lines:
        expected[2 * (day.month - 1) + (1 if day.day >= 16 else 0)] += formula(day, depth) / 6
    result = half_month_erosivity(series(lines), model)
    assert result.values.tolist() == pytest.approx(expected, rel=1e-11)
    assert result.annual == pytest.approx(sum(expected), rel=1e-11)


def test_the_fournier_index_of_real_rain_agrees():
    lines = lines_of_youwuzhen()
    sums = [[0.0] * 12 for _ in range(6)]
    for day, depth in lines:
        sums[day.year - 2012][day.month - 1] += depth
    index = sum(sum(m * m for m in year) / sum(year) for year in sums) / 6
    assert fournier_erosivity(sums) == pytest.approx(0.1833 * index**1.9957, rel=1e-12)


def test_the_models_agree_on_real_rain_within_a_factor_of_two():
    rain = series(lines_of_youwuzhen())
    amounts = [half_month_erosivity(rain, model).annual for model in ("official", "xie2016", "zhang2002")]
    assert max(amounts) < 2 * min(amounts)


def test_twice_the_same_year_is_the_same_mean():
    lines = [(day, depth) for day, depth in lines_of_youwuzhen() if day.year == 2013]
    again = [(day.replace(year=2014), depth) for day, depth in lines]
    assert half_month_erosivity(series(lines + again)).values == pytest.approx(
        half_month_erosivity(series(lines)).values
    )


def epic(sand, silt, clay, carbon):
    sn = 1 - sand / 100
    K = 0.2 + 0.3 * math.exp(-0.0256 * sand * (1 - silt / 100))
    K *= (silt / (clay + silt)) ** 0.3
    K *= 1 - 0.25 * carbon / (carbon + math.exp(3.72 - 2.95 * carbon))
    return 0.1317 * K * (1 - 0.7 * sn / (sn + math.exp(-5.51 + 22.9 * sn)))


def test_k_of_a_thousand_soils_agrees_to_the_last_digits():
    dice = random.Random(7)
    for _ in range(1000):
        sand = dice.uniform(1, 95)
        silt = dice.uniform(1, 99 - sand)
        soil = (sand, silt, 100 - sand - silt)
        carbon = dice.uniform(0, 6)
        diameter = math.exp(sum(p / 100 * math.log(m) for p, m in zip(soil, (1.025, 0.026, 0.001), strict=True)))
        bell = math.exp(-(((math.log10(diameter) + 1.659) / 0.7101) ** 2) / 2)
        assert float(erodibility_epic(*soil, carbon)) == pytest.approx(epic(*soil, carbon), rel=1e-11)
        assert float(geometric_mean_diameter(*soil)) == pytest.approx(diameter, rel=1e-11)
        assert float(erodibility_diameter(diameter)) == pytest.approx(
            0.1317 * 7.594 * (0.0034 + 0.0405 * bell), rel=1e-11
        )
