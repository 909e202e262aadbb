import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_data import real_data

from shuibao.errors import InputError
from shuibao.io import decode_cma, read_daily_rain, read_stations, read_subdaily_rain

LONG = "站号,日期,降水量\n53577,2025-07-01,12.5\n53577,2025-07-02,\n53577,2025-07-04,0\n"


def put(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_missing_days_stay_unknown_and_are_counted(tmp_path, encoding):
    rain = read_daily_rain(put(tmp_path / "a.csv", LONG, encoding))
    assert rain.columns.tolist() == ["station", "date", "p_mm"]
    assert rain.station.unique().tolist() == ["53577"]
    assert rain.date.tolist() == list(pd.date_range("2025-07-01", "2025-07-04"))
    assert np.array_equal(rain.p_mm, [12.5, np.nan, np.nan, 0], equal_nan=True)
    assert rain.attrs["counts"] == {"marked": 0, "days": 4, "missing": 2, "inserted": 1}
    assert rain.attrs["reading"] == ["1 days without a row were put in as missing"]
    assert rain.attrs["form"] == "long"


def test_one_column_a_station_gives_the_same_as_one_row_a_record(tmp_path):
    wide = read_daily_rain(put(tmp_path / "a.csv", "date,53577,53575\n20250701,1,2\n20250702,3,4\n"))
    text = "id,date,p_mm\n53577,20250702,3\n53575,20250701,2\n53577,20250701,1\n53575,20250702,4\n"
    long = read_daily_rain(put(tmp_path / "b.csv", text))
    pd.testing.assert_frame_equal(wide, long, check_like=True)
    assert wide.attrs["form"] == "wide"
    only = read_daily_rain(tmp_path / "a.csv", stations=["53575"])
    assert only.p_mm.tolist() == [2, 4]
    with pytest.raises(InputError, match="no station 99999; expected one of 53575, 53577"):
        read_daily_rain(tmp_path / "a.csv", stations=["99999"])


def test_dates_may_stand_in_three_columns_and_units_in_brackets(tmp_path):
    rain = read_daily_rain(
        put(tmp_path / "a.csv", "区站号,年,月,日,20-20时降水量(mm)\n53577,2025,7,1,3.5\n53577,2025,7,2,0\n")
    )
    assert rain.date.iloc[0] == pd.Timestamp("2025-07-01")
    assert rain.p_mm.tolist() == [3.5, 0]


ARCHIVE = pd.Series([0, 123, 32700, 32005, 31015, 30020, 32766, 32744, np.nan], index=range(2, 11))


def test_codes_of_the_archive_are_decoded_one_by_one():
    depth, counts = decode_cma(ARCHIVE)
    expected = [0, 12.3, 0, 0.5, 1.5, 2.0, np.nan, np.nan, np.nan]
    assert np.allclose(depth, expected, equal_nan=True)
    assert counts == {"rain": 2, "snow": 1, "rain_and_snow": 1, "dew_fog_frost": 1, "trace": 1, "missing": 3}


@given(st.lists(st.integers(0, 29999), min_size=1))
def test_plain_numbers_of_the_archive_are_tenths_of_a_millimetre(tenths):
    depth, counts = decode_cma(pd.Series(tenths))
    assert np.allclose(depth * 10, tenths)
    assert counts["rain"] == len(tenths)


def test_a_number_outside_the_table_of_codes_is_refused():
    with pytest.raises(InputError, match="32767 in line 5 is no code of the archive"):
        decode_cma(pd.Series([1.0, 32767.0], index=[4, 5]))
    with pytest.raises(InputError, match="-1 in line 0 is no code"):
        decode_cma(pd.Series([-1.0]))


def test_archived_columns_are_told_by_their_name_and_counted(tmp_path):
    depths = {"01": 123, "02": 32700, "03": 32766, "04": 31010}
    text = "site,date,prcp20_20\n" + "".join(f"53772,2025-07-{day},{depth}\n" for day, depth in depths.items())
    rain = read_daily_rain(put(tmp_path / "a.csv", text))
    assert np.array_equal(rain.p_mm, [12.3, 0, np.nan, 1.0], equal_nan=True)
    assert rain.attrs["form"] == "cma"
    assert rain.attrs["counts"]["trace"] == 1
    assert rain.attrs["reading"] == ["archived tenths of a millimetre were decoded: 1 of rain and snow, 1 of trace"]
    other = put(tmp_path / "b.csv", text.replace("prcp20_20", "p"))
    with pytest.raises(InputError, match=r"a depth of 32700 mm in line 3.*form = \"cma\""):
        read_daily_rain(other)
    pd.testing.assert_frame_equal(read_daily_rain(other, form="cma"), rain, check_like=True)


def test_monthly_files_of_the_archive_without_names_of_columns_are_read(tmp_path):
    lines = [
        "53577 3900 11218 14370 2015  7  1 32766     0   156 8 0 0",
        "53577 3900 11218 14370 2015  7  2     0     0 32700 0 0 0",
        "53575 3906 11212 15250 2015  7  1     0     0 32766 0 0 8",
    ]
    rain = read_daily_rain(put(tmp_path / "SURF_CLI_CHN_MUL_DAY-PRE-13011-201507.TXT", "\n".join(lines) + "\n"))
    assert rain.attrs["form"] == "cma"
    assert rain.station.tolist() == ["53575", "53577", "53577"]
    assert np.array_equal(rain.p_mm, [np.nan, 15.6, 0], equal_nan=True)


def test_marks_of_missing_rain_are_taken_as_unknown_and_said(tmp_path):
    rain = read_daily_rain(put(tmp_path / "a.csv", "date,p\n2025-07-01,-9999\n2025-07-02,999999\n2025-07-03,4\n"))
    assert rain.p_mm.isna().tolist() == [True, True, False]
    assert rain.attrs["reading"] == ["2 depths of -9999, 999999 were taken as missing"]


def test_negative_rain_is_refused_with_its_lines(tmp_path):
    path = put(tmp_path / "a.csv", "date,p\n2025-07-01,1\n2025-07-02,-0.5\n2025-07-03,-2\n")
    with pytest.raises(
        InputError, match=r"2 negative depths of rain \(line 3: -0.5; line 4: -2\); expected 0 mm or more"
    ):
        read_daily_rain(path)


def test_a_date_that_stands_twice_is_refused_with_its_lines(tmp_path):
    path = put(tmp_path / "a.csv", "# rain\ndate,p\n2025-07-01,1\n2025-07-02,2\n2025-07-01,3\n")
    with pytest.raises(
        InputError, match=r"2025-07-01 of station 1 stands 2 times \(lines 3, 5\), and so 1 days in all"
    ):
        read_daily_rain(path)


def test_tenths_taken_for_millimetres_are_refused_or_turned_when_said(tmp_path):
    path = put(tmp_path / "a.csv", "date,p\n2025-07-01,2500\n2025-07-02,10\n")
    with pytest.raises(InputError, match=r'a depth of 2500 mm in line 2; expected at most 2000 mm.*unit = "0.1 mm"'):
        read_daily_rain(path)
    rain = read_daily_rain(path, unit="0.1 mm")
    assert rain.p_mm.tolist() == [250, 1]
    assert rain.attrs["reading"] == ["tenths of a millimetre were turned into millimetres"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,wind\n", "holds no rows"),
        ("station,p\n1,2\n", "no column of dates can be told"),
        ("station,wind\n1,2\n", "no column of rain depths can be told"),
        ("date,p\nyesterday,2\n", "column 'date' holds what is not a date in line 2: 'yesterday'"),
        ("date,p\n,2\n", "no date in line 2"),
        ("date,p\n2025-07-01,wet\n", "column 'rain' holds what is not a number in line 2: 'wet'"),
        ("date,p\n2025-07-01 08:00,1\n2025-07-01 20:00,2\n", "several records a day.*read_subdaily_rain"),
        ("date,p\n2025-07-01,20000\n", "a depth of 20000 mm"),
    ],
)
def test_tables_that_are_no_daily_rain_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_daily_rain(put(tmp_path / "a.csv", text))


def test_parameters_that_do_not_exist_are_refused(tmp_path):
    path = put(tmp_path / "a.csv", LONG)
    with pytest.raises(InputError, match="form 'broad'; expected auto, long, wide or cma"):
        read_daily_rain(path, form="broad")
    with pytest.raises(InputError, match="unit 'inch'"):
        read_daily_rain(path, unit="inch")


def test_which_day_is_meant_is_stated(tmp_path):
    at_20 = read_daily_rain(put(tmp_path / "a.csv", "date,p\n2025-07-01 20:00:00,1\n2025-07-02 20:00:00,2\n"))
    assert at_20.attrs["day"] == "20-20 h, the day on which it ends"
    assert at_20.date.iloc[0] == pd.Timestamp("2025-07-01")
    said = read_daily_rain(put(tmp_path / "b.csv", "#UTCTIME\ndate,p\n2025-07-01 00:00:00,1\n"))
    assert said.attrs["day"] == "the date as written; the file says UTCTIME"


def test_records_of_a_gauge_are_read_in_order_with_their_interval(tmp_path):
    text = "time,p\n2025-07-01 08:10,0.2\n2025-07-01 08:00,0.1\n2025-07-01 08:20,\n"
    rain = read_subdaily_rain(put(tmp_path / "a.csv", text))
    assert rain.columns.tolist() == ["station", "time", "p_mm"]
    assert rain.time.is_monotonic_increasing
    assert rain.attrs["interval_minutes"] == 10
    assert rain.attrs["counts"] == {"marked": 0, "records": 3, "missing": 1}
    uneven = put(tmp_path / "b.csv", "time,p\n2025070108,1\n2025070109,1\n2025070112,1\n")
    assert read_subdaily_rain(uneven).attrs["interval_minutes"] is None


def test_records_that_stand_twice_or_belong_to_several_gauges_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"2025-07-01 08:00:00 stands twice \(lines 2, 3\)"):
        read_subdaily_rain(put(tmp_path / "a.csv", "time,p\n2025-07-01 08:00,1\n2025-07-01 08:00,1\n"))
    two = put(tmp_path / "b.csv", "station,time,p\na,2025-07-01 08:00,1\nb,2025-07-01 08:00,2\n")
    with pytest.raises(InputError, match="stations a, b; expected one"):
        read_subdaily_rain(two)
    assert read_subdaily_rain(two, station="b").p_mm.tolist() == [2]


def test_stations_are_points_in_degrees(tmp_path):
    stations = read_stations(
        put(tmp_path / "a.csv", "站号,站名,经度,纬度,海拔\n53577.0,宁武,112.3,39,1437\n", "gb18030")
    )
    assert stations.columns.tolist() == ["station", "name", "altitude_m", "geometry"]
    assert stations.station.tolist() == ["53577"]
    assert stations.crs.to_epsg() == 4490
    assert (stations.geometry.x[0], stations.geometry.y[0]) == (112.3, 39)


def test_stations_in_degrees_and_minutes_are_turned_into_degrees(tmp_path):
    stations = read_stations(put(tmp_path / "a.csv", "id,lon,lat\n53577,11218,3900\n53575,11212,3906\n"))
    assert stations.geometry.y.tolist() == pytest.approx([39.0, 39.1])
    assert stations.geometry.x.tolist() == pytest.approx([112.3, 112.2])
    assert "turned into degrees" in stations.attrs["reading"][0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,lon\n1,112\n", "column 'lat' is missing"),
        ("id,lon,lat\n1,112,39\n1,113,39\n", "station 1 stands twice"),
        ("id,lon,lat\n1,39,112\n", r"latitude reaches 112.*Exchange longitude and latitude"),
        ("id,lon,lat\n1,112,\n", "no place in line 2"),
        ("id,lon,lat\n1,500000,4300000\n", "latitude reaches 4.3e"),
    ],
)
def test_lists_of_stations_that_cannot_be_right_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_stations(put(tmp_path / "a.csv", text))


@pytest.mark.parametrize(
    ("name", "days", "missing", "total"),
    [
        ("taiyuan_53772", 304, 0, 404.0),
        ("yulin_53646", 304, 0, 470.6),
        ("yanan_53845", 304, 33, 399.4),
        ("hohhot_53463", 273, 0, 320.1),
        ("yinchuan_53614", 304, 0, 185.0),
    ],
)
def test_archived_rain_of_1951_agrees_with_its_decoded_depths(name, days, missing, total):
    path = real_data(f"rain/daily_1951_{name}.csv")
    rain, truth = read_daily_rain(path), pd.read_csv(path, parse_dates=["date"])
    assert rain.attrs["form"] == "cma"
    assert len(rain) == days
    assert rain.attrs["counts"]["missing"] == missing
    assert rain.date.tolist() == truth.date.tolist()
    assert np.allclose(rain.p_mm, truth.p_mm, equal_nan=True, atol=1e-9)
    assert rain.p_mm.sum() == pytest.approx(total)


def test_the_wettest_day_of_yulin_is_kept():
    rain = read_daily_rain(real_data("rain/daily_1951_yulin_53646.csv"))
    assert rain.p_mm.max() == 141.7


def test_rain_of_youwuzhen_is_one_column_a_station_under_a_comment():
    rain = read_daily_rain(real_data("youwuzhen/climate/pcp_daily.csv"), stations=["81502750"])
    assert rain.attrs["form"] == "wide"
    assert rain.attrs["counts"]["days"] == 2192
    assert rain.attrs["day"] == "the date as written; the file says UTCTIME"
    assert rain.groupby(rain.date.dt.year).p_mm.sum().round(1).to_dict() == {
        2012: 2168.0, 2013: 1433.0, 2014: 1253.5, 2015: 1416.5, 2016: 2467.6, 2017: 1519.2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("ningwu/stations.csv", 9, "53577"),
        ("rain/st_met2370-(1951-2016).csv", 2370, "50136"),
        ("youwuzhen/climate/Sites_P.csv", 1, "81502750"),
        ("youwuzhen/climate/Sites_M.csv", 1, "58911"),
    ],
)
def test_real_lists_of_stations_are_read(name, count, first):
    stations = read_stations(real_data(name))
    assert len(stations) == count
    assert stations.station[0] == first
    assert stations.total_bounds[0] > 73
