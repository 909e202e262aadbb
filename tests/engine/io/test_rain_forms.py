"""Daily rain as offices hand it over: long, wide, archived, with odd stamps, blanks and names of stations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import InputError
from shuibao.io import read_daily_rain, read_stations, read_subdaily_rain

DEPTHS = st.one_of(st.none(), st.integers(0, 20_000))


def put(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def daily(tmp_path):
    """Read daily rain of a text."""

    def read(text, **options):
        return read_daily_rain(put(tmp_path / "rain.csv", text), **options)

    return read


DAYS = pd.date_range("2024-02-27", "2024-03-02")
TENTHS = {"53575": [0, 5, None, 123, 0], "53577": [1, None, 0, 0, 999]}
"""Rain of two stations around a leap day [0.1 mm], None for missing."""


class TestOneTruthInEveryForm:
    def forms(self):
        """The same rain as long, wide, archived and monthly text."""
        rows = [
            (station, day, depth) for station, depths in TENTHS.items() for day, depth in zip(DAYS, depths, strict=True)
        ]
        mm = {None: ""} | {d: f"{d / 10:g}" for _, _, d in rows if d is not None}
        long = "".join(f"{s},{d:%Y-%m-%d},{mm[p]}\n" for s, d, p in rows)
        wide = "".join(
            f"{day:%Y/%m/%d}," + ",".join(mm[TENTHS[s][k]] for s in TENTHS) + "\n" for k, day in enumerate(DAYS)
        )
        coded = "".join(f"{s},{d:%Y%m%d},{32766 if p is None else p}\n" for s, d, p in rows)
        month = "".join(
            f"{s} 3900 11218 14370 {d:%Y} {d.month:2d} {d.day:2d} 32766 32766 {32766 if p is None else p:5d} 0 0 0\n"
            for s, d, p in rows
        )
        return {
            "long": "station,date,p_mm\n" + long,
            "wide": "date,53575,53577\n" + wide,
            "cma": "site,date,prcp20_20\n" + coded,
            "month": month,
        }

    @pytest.mark.parametrize("form", ["long", "wide", "cma", "month"])
    def test_the_same_rain_is_read_from_it(self, daily, form):
        rain = daily(self.forms()[form])
        assert rain.attrs["form"] == {"month": "cma"}.get(form, form)
        for station, tenths in TENTHS.items():
            part = rain[rain.station == station]
            assert part.date.tolist() == DAYS.tolist()
            expected = [np.nan if t is None else t / 10 for t in tenths]
            assert np.allclose(part.p_mm, expected, equal_nan=True)
        assert rain.attrs["counts"]["missing"] == 2

    @pytest.mark.parametrize("form", ["long", "wide", "cma"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
    def test_it_may_be_in_any_encoding_and_with_windows_line_ends(self, tmp_path, form, encoding):
        text = self.forms()[form].replace("\n", "\r\n")
        rain = read_daily_rain(put(tmp_path / "a.csv", text, encoding))
        assert rain.p_mm.sum() == pytest.approx(112.8)

    @given(st.lists(DEPTHS, min_size=1, max_size=40).filter(lambda d: any(v is not None for v in d)))
    def test_long_and_wide_always_agree(self, tmp_path_factory, tenths):
        folder = tmp_path_factory.mktemp("rain")
        days = pd.date_range("2023-12-20", periods=len(tenths))
        cells = ["" if t is None else f"{t / 10:.1f}" for t in tenths]
        lines = [f"{d:%Y-%m-%d},{c}\n" for d, c in zip(days, cells, strict=True)]
        long = read_daily_rain(put(folder / "l.csv", "date,p_mm\n" + "".join(lines)))
        wide = read_daily_rain(put(folder / "w.csv", "date,1\n" + "".join(lines)))
        pd.testing.assert_frame_equal(long, wide, check_like=True)
        assert long.p_mm.isna().sum() == tenths.count(None)
        assert long.p_mm.sum() == pytest.approx(sum(t for t in tenths if t) / 10)


class TestStations:
    def test_one_station_written_in_several_ways_is_one_station(self, daily):
        rain = daily("id,date,p\n53577,2025-07-01,1\n53577.0,2025-07-02,2\n 53577 ,2025-07-03,3\n")
        assert rain.station.tolist() == ["53577"] * 3

    def test_a_leading_zero_makes_another_station(self, daily):
        rain = daily("id,date,p\n53577,2025-07-01,1\n053577,2025-07-01,2\n")
        assert rain.station.tolist() == ["053577", "53577"]

    def test_names_and_numbers_may_stand_in_one_column(self, daily):
        rain = daily("站点,日期,雨量\n宁武,2025-07-01,1\n53575,2025-07-01,2\n")
        assert set(rain.station) == {"宁武", "53575"}

    def test_each_station_runs_over_its_own_days(self, daily):
        rain = daily("id,date,p\na,2025-07-01,1\na,2025-07-03,1\nb,2025-08-01,1\n")
        assert rain.groupby("station").size().to_dict() == {"a": 3, "b": 1}
        assert rain.attrs["counts"]["inserted"] == 1

    def test_one_date_under_two_stations_is_no_double(self, daily):
        assert len(daily("id,date,p\na,2025-07-01,1\nb,2025-07-01,1\n")) == 2

    def test_of_many_stations_only_the_wanted_ones_are_kept_in_order(self, daily):
        text = "date,c,a,b\n2025-07-01,1,2,3\n"
        assert daily(text, stations=["c", "a"]).station.tolist() == ["a", "c"]

    def test_a_fault_at_a_station_that_is_not_wanted_still_refuses_the_file(self, daily):
        with pytest.raises(InputError, match="negative depths"):
            daily("id,date,p\na,2025-07-01,1\nb,2025-07-01,-1\n", stations=["a"])


class TestDays:
    def test_the_leap_day_is_a_day_like_any_other(self, daily):
        rain = daily("date,p\n2024-02-28,1\n2024-02-29,2\n2024-03-01,3\n")
        assert rain.p_mm.tolist() == [1, 2, 3]

    def test_a_leap_day_left_out_is_put_in_as_missing(self, daily):
        rain = daily("date,p\n2024-02-28,1\n2024-03-01,3\n")
        assert np.array_equal(rain.p_mm, [1, np.nan, 3], equal_nan=True)

    def test_a_common_year_needs_none(self, daily):
        assert len(daily("date,p\n2023-02-28,1\n2023-03-01,3\n")) == 2

    @pytest.mark.parametrize("day", ["2023-02-29", "2025-06-31", "20230229", "2025-13-01"])
    def test_a_day_that_never_was_is_refused_by_its_line(self, daily, day):
        with pytest.raises(InputError, match=f"what is not a date in line 3: '{day}'"):
            daily(f"date,p\n2023-01-01,1\n{day},1\n")

    @pytest.mark.parametrize("stamp", ["2025-07-01 24:00", "2025070124"])
    def test_a_stamp_of_24_hours_is_refused_as_its_day_cannot_be_told(self, daily, tmp_path, stamp):
        with pytest.raises(InputError, match="what is not a date in line 2"):
            daily(f"date,p\n{stamp},1\n")
        with pytest.raises(InputError, match="column 'time' holds what is not a date in line 2"):
            read_subdaily_rain(put(tmp_path / "s.csv", f"time,p\n{stamp},1\n"))

    def test_a_day_number_of_a_spreadsheet_is_refused_rather_than_guessed(self, daily):
        with pytest.raises(InputError, match="what is not a date in line 2: '45839'"):
            daily("date,p\n45839,1\n")

    def test_rows_may_come_in_any_order(self, daily):
        rain = daily("date,p\n2025-07-03,3\n2025-07-01,1\n2025-07-02,2\n")
        assert rain.p_mm.tolist() == [1, 2, 3]

    @pytest.mark.parametrize(
        "days", [("2025年7月1日", "2025年07月02日"), ("2025.7.1", "2025.7.2"), ("20250701", "20250702")]
    )
    def test_days_are_understood_as_offices_write_them(self, daily, days):
        rain = daily(f"日期,降水量(mm)\n{days[0]},1\n{days[1]},-\n")
        assert rain.date.tolist() == [pd.Timestamp("2025-07-01"), pd.Timestamp("2025-07-02")]
        assert np.isnan(rain.p_mm.iloc[1])


class TestCells:
    def test_blanks_around_cells_lines_without_cells_and_empty_columns_do_no_harm(self, daily):
        rain = daily("date , p ,\n2025-07-01 , 1 ,\n2025-07-02,2  ,\n\n , ,\n,,\n")
        assert rain.p_mm.tolist() == [1, 2]

    def test_a_decimal_comma_between_semicolons_is_refused_by_its_line(self, daily):
        with pytest.raises(InputError, match=r"what is not a number in line 2: '12,5'"):
            daily("date;p\n2025-07-01;12,5\n")

    @pytest.mark.parametrize("second", ["2025-07-02,3", "2025-07-02,3,1"])
    def test_a_decimal_comma_between_commas_is_never_cut_to_a_whole_number(self, daily, second):
        with pytest.raises(InputError, match=r"line 2 holds 3 cells, the line of names 2.*12\.5, not 12,5"):
            daily(f"date,p\n2025-07-01,12,5\n{second}\n")

    @pytest.mark.parametrize("cell", ["", "-", "/", "NA", "null", "无", "-9999", "999999"])
    def test_what_says_missing_is_missing_and_never_dry(self, daily, cell):
        rain = daily(f"date,p\n2025-07-01,{cell}\n2025-07-02,0\n")
        assert np.array_equal(rain.p_mm, [np.nan, 0], equal_nan=True)
        assert rain.attrs["counts"]["missing"] == 1

    @pytest.mark.parametrize("cell", ["T", "微量", "雪", "1.2.3", "12 mm"])
    def test_what_is_no_number_is_refused_by_its_line_rather_than_taken_as_missing(self, daily, cell):
        with pytest.raises(InputError, match=f"what is not a number in line 3: '{cell}'"):
            daily(f"date,p\n2025-07-01,1\n2025-07-02,{cell}\n")

    def test_a_column_of_words_among_stations_is_refused_by_its_cells(self, daily):
        with pytest.raises(InputError, match=r"in line 2: 'fair', line 3: 'wet'; expected numbers"):
            daily("date,53577,note\n2025-07-01,1,fair\n2025-07-02,2,wet\n")

    def test_two_columns_of_one_station_are_refused(self, daily):
        with pytest.raises(InputError, match="two columns are named '53577'"):
            daily("date,53577,53577\n2025-07-01,1,2\n")

    def test_many_faults_are_counted_and_the_first_five_shown(self, daily):
        text = "date,p\n" + "".join(f"2025-07-{d:02d},x\n" for d in range(1, 9))
        with pytest.raises(InputError, match=r"line 2: 'x', .*line 6: 'x' and 3 more"):
            daily(text)

    def test_a_month_of_the_archive_cut_within_a_line_is_refused(self, daily):
        line = "53577 3900 11218 14370 2015  7  {}     0     0   156 0 0 0\n"
        with pytest.raises(InputError, match="line 2"):
            daily(line.format(1) + "53577 3900 11218\n")
        assert len(daily(line.format(1) + line.format(2).replace("\n", "   \n\n"))) == 2


class TestWorkbooks:
    @pytest.fixture
    def book(self, tmp_path):
        days = pd.to_datetime(["2024-02-28", "2024-03-01"])
        with pd.ExcelWriter(tmp_path / "雨.xlsx") as book:
            frame = pd.DataFrame({"日期": days, "降水量(mm)": [1.5, None], "站号": [53577, 53577]})
            frame.to_excel(book, sheet_name="雨量", index=False)
            pd.DataFrame({"说明": ["20时至20时"]}).to_excel(book, sheet_name="说明", index=False)
        return tmp_path / "雨.xlsx"

    def test_the_sheet_of_the_rain_is_read_with_its_dates_and_whole_station_numbers(self, book):
        rain = read_daily_rain(book, sheet="雨量")
        assert rain.station.unique().tolist() == ["53577"]
        assert rain.date.tolist() == list(pd.date_range("2024-02-28", "2024-03-01"))
        assert np.array_equal(rain.p_mm, [1.5, np.nan, np.nan], equal_nan=True)
        assert rain.attrs["encoding"] == "sheet 雨量"

    def test_of_several_sheets_one_must_be_named(self, book):
        with pytest.raises(InputError, match="sheets with rows: 雨量, 说明"):
            read_daily_rain(book)

    def test_a_sheet_without_rain_is_refused_by_its_columns(self, book):
        with pytest.raises(InputError, match=r"no column of rain depths can be told.*说明"):
            read_daily_rain(book, sheet="说明")


class TestGauges:
    def test_marks_of_missing_rain_are_unknown(self, tmp_path):
        rain = read_subdaily_rain(put(tmp_path / "a.csv", "time,p\n2025-07-01 08:00,-9999\n2025-07-01 08:05,1\n"))
        assert rain.p_mm.isna().tolist() == [True, False]
        assert rain.attrs["interval_minutes"] == 5

    def test_one_record_has_no_interval(self, tmp_path):
        rain = read_subdaily_rain(put(tmp_path / "a.csv", "time,p\n2025-07-01 08:00,1\n"))
        assert rain.attrs["interval_minutes"] is None

    def test_negative_depths_are_refused(self, tmp_path):
        with pytest.raises(InputError, match="1 negative depths"):
            read_subdaily_rain(put(tmp_path / "a.csv", "time,p\n2025-07-01 08:00,-1\n"))

    def test_midnight_belongs_to_the_day_that_begins(self, tmp_path):
        rain = read_subdaily_rain(put(tmp_path / "a.csv", "time,p\n2025-06-30 23:00,1\n2025-07-01 00:00,2\n"))
        assert rain.time.iloc[-1] == pd.Timestamp("2025-07-01")
        assert rain.attrs["interval_minutes"] == 60


class TestLists:
    def test_small_latitudes_are_degrees_and_not_minutes(self, tmp_path):
        stations = read_stations(put(tmp_path / "a.csv", "id,lon,lat\n1,112.3,9.5\n"))
        assert stations.geometry.y[0] == 9.5
        assert stations.attrs["reading"] == []

    def test_minutes_of_sixty_and_more_cannot_be(self, tmp_path):
        with pytest.raises(InputError, match="latitude reaches 3975"):
            read_stations(put(tmp_path / "a.csv", "id,lon,lat\n1,11218,3975\n"))

    @given(st.integers(74, 134), st.integers(19, 53), st.integers(0, 59), st.integers(0, 59))
    def test_degrees_and_minutes_come_to_within_a_minute_of_the_place(self, tmp_path_factory, lon, lat, east, north):
        path = tmp_path_factory.mktemp("s") / "a.csv"
        stations = read_stations(put(path, f"id,lon,lat\n1,{lon}{east:02d},{lat}{north:02d}\n"))
        place = stations.geometry[0]
        assert (place.x, place.y) == pytest.approx((lon + east / 60, lat + north / 60))

    def test_altitudes_may_be_missing_for_some(self, tmp_path):
        stations = read_stations(put(tmp_path / "a.csv", "id,lon,lat,海拔\n1,112,39,1437\n2,113,39,\n"))
        assert np.array_equal(stations.altitude_m, [1437, np.nan], equal_nan=True)
