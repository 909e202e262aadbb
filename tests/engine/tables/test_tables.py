"""Parameter tables: narrowing, dates of validity, single numbers, and what awaits confirmation."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao import tables
from shuibao.errors import InputError
from shuibao.tables import Table

COLUMNS = ["code", "kind", "factor", "source", "status", "valid_from", "valid_to", "note"]
ROWS = [
    (1, "terrace", 0.10, "Standard A", "official", None, "2015-12-31", "old"),
    (1, "terrace", 0.12, "Standard B", "official", "2016-01-01", None, "new"),
    (2, "dam", 0.05, "Paper C", "published", None, None, None),
    (3, "pond", np.nan, "Estimated", "provisional", "2000-01-01", "2030-06-30", None),
    (4, "hedge", 0.60, "Estimated", "provisional", None, None, None),
]


@pytest.fixture
def measures():
    return Table("measures", pd.DataFrame(ROWS, columns=COLUMNS))


class TestWhere:
    def test_one_value_keeps_its_rows(self, measures):
        assert measures.where(kind="dam").rows["factor"].tolist() == [0.05]

    @pytest.mark.parametrize("wanted", [[2, 4], (2, 4), {2, 4}, frozenset({2, 4})])
    def test_a_list_or_set_admits_any_of_its_members(self, measures, wanted):
        assert measures.where(code=wanted).rows["kind"].tolist() == ["dam", "hedge"]

    def test_several_columns_must_all_agree(self, measures):
        assert measures.where(kind="terrace", note="new").rows["factor"].tolist() == [0.12]
        with pytest.raises(InputError, match=r"table measures: no row for"):
            measures.where(kind="dam", note="new")

    def test_no_row_left_says_what_was_asked_and_how_to_see_the_rows(self, measures):
        with pytest.raises(InputError, match=r"no row for \{'kind': 'wall'\}.*`shuibao tables` lists the rows"):
            measures.where(kind="wall")

    def test_an_unknown_column_names_the_known_ones(self, measures):
        with pytest.raises(InputError, match=r"no column 'sort'.*'code', 'kind', 'factor'"):
            measures.where(sort="dam")

    def test_the_narrowed_table_keeps_its_name_and_the_whole_one_its_rows(self, measures):
        narrowed = measures.where(status="provisional")
        assert narrowed.name == "measures"
        assert len(narrowed.rows) == 2
        assert len(measures.rows) == len(ROWS)

    def test_a_number_written_as_text_is_another_value(self, measures):
        with pytest.raises(InputError, match="no row"):
            measures.where(code="1")


class TestOn:
    @pytest.mark.parametrize(
        ("day", "factors"),
        [
            (dt.date(1990, 1, 1), [0.10]),
            (dt.date(2015, 12, 31), [0.10]),
            (dt.date(2016, 1, 1), [0.12]),
            (dt.date(2099, 1, 1), [0.12]),
        ],
    )
    def test_the_row_in_force_on_a_day_is_the_one_kept(self, measures, day, factors):
        assert measures.where(kind="terrace").on(day).rows["factor"].tolist() == factors

    def test_the_first_and_the_last_day_count(self, measures):
        pond = measures.where(kind="pond")
        days = [dt.date(1999, 12, 31), dt.date(2000, 1, 1), dt.date(2030, 6, 30), dt.date(2030, 7, 1)]
        assert [len(pond.on(day).rows) for day in days] == [0, 1, 1, 0]

    @given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)))
    def test_open_ends_hold_for_ever(self, day):
        table = Table("measures", pd.DataFrame(ROWS, columns=COLUMNS))
        assert {"dam", "hedge"} <= set(table.on(day).rows["kind"])

    @given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1)))
    def test_on_no_day_do_two_editions_hold(self, day):
        table = Table("measures", pd.DataFrame(ROWS, columns=COLUMNS))
        assert (table.on(day).rows["code"] == 1).sum() == 1

    def test_a_time_of_day_or_a_text_serves_as_well(self, measures):
        at_noon = measures.where(kind="terrace").on(pd.Timestamp("2016-01-01 12:00"))
        assert at_noon.rows["factor"].tolist() == [0.12]


class TestNumber:
    def test_the_one_value_comes_as_a_float(self, measures):
        value = measures.number("factor", kind="dam")
        assert value == 0.05
        assert type(value) is float

    def test_two_rows_are_refused_rather_than_the_first_taken(self, measures):
        with pytest.raises(InputError, match=r"2 rows for \{'kind': 'terrace'\}; expected one row"):
            measures.number("factor", kind="terrace")

    def test_a_table_narrowed_to_one_row_needs_no_further_key(self, measures):
        assert measures.where(kind="terrace").on(dt.date(2020, 1, 1)).number("factor") == 0.12

    def test_none_is_refused(self, measures):
        with pytest.raises(InputError, match="no row"):
            measures.number("factor", kind="wall")

    def test_an_empty_cell_is_unknown_and_not_zero(self, measures):
        assert np.isnan(measures.number("factor", kind="pond"))


class TestMapping:
    def test_codes_lead_to_values_and_empty_cells_are_left_out(self, measures):
        assert measures.on(dt.date(2020, 1, 1)).mapping("code", "factor") == {1: 0.12, 2: 0.05, 4: 0.60}

    def test_codes_that_a_spreadsheet_made_decimals_are_integers_again(self, measures):
        rows = measures.rows.assign(code=measures.rows["code"].astype(float))
        assert all(type(k) is int for k in Table("measures", rows).mapping("code", "factor"))


class TestProvisional:
    def test_rows_that_await_confirmation_tell_table_row_and_source(self, measures):
        found = measures.provisional()
        assert list(found) == ["table", "row", "source"]
        assert set(found["table"]) == {"measures"}
        assert found["row"].tolist() == ["code=3, kind=pond", "code=4, kind=hedge, factor=0.6"]
        assert found["source"].tolist() == ["Estimated", "Estimated"]

    def test_a_sound_table_has_none_but_keeps_the_columns(self, measures):
        found = measures.where(status="official").provisional()
        assert found.empty
        assert list(found) == ["table", "row", "source"]

    def test_rows_of_several_tables_come_together_and_once(self, measures):
        other = Table("others", measures.where(kind="hedge").rows)
        found = tables.provisional_rows([measures, measures, other])
        assert found["table"].tolist() == ["measures", "measures", "others"]
        assert found.index.tolist() == [0, 1, 2]

    def test_where_no_table_was_used_there_is_nothing_to_confirm(self):
        found = tables.provisional_rows([])
        assert found.empty
        assert list(found) == ["table", "row", "source"]

    def test_a_generator_of_tables_will_do(self):
        found = tables.provisional_rows(tables.load(n) for n in tables.names())
        assert set(found["table"]) <= set(tables.names())
        assert not found.duplicated().any()


class TestLoading:
    def test_an_unknown_table_names_the_known_ones(self):
        with pytest.raises(InputError, match=r"no table 'nonsense'; expected one of allowable_loss, "):
            tables.load("nonsense")

    def test_a_name_cannot_lead_out_of_the_folder(self):
        with pytest.raises(InputError, match="no table"):
            tables.load("../tables/allowable_loss")

    def test_the_list_of_quantities_is_no_parameter_table(self):
        assert "quantities" not in tables.names()
        with pytest.raises(InputError, match="no table 'quantities'"):
            tables.load("quantities")

    def test_names_are_in_alphabetical_order(self):
        assert tables.names() == sorted(tables.names())

    def test_a_table_is_read_once(self):
        assert tables.load("allowable_loss") is tables.load("allowable_loss")


@pytest.mark.parametrize("name", tables.names())
class TestEveryTable:
    def test_every_row_is_whole(self, name):
        rows = tables.load(name).rows
        assert {"source", "status", "valid_from", "valid_to", "note"} <= set(rows)
        assert not any(c.startswith("Unnamed") for c in rows), "a row with more cells than names"
        assert not rows.drop(columns="note").isna().all(axis=1).any(), "a blank row"

    def test_no_row_stands_twice(self, name):
        rows = tables.load(name).rows.drop(columns=["note", "source"])
        assert not rows.duplicated().any()

    def test_columns_of_numbers_hold_nothing_else(self, name):
        rows = tables.load(name).rows
        for column in rows.columns.intersection(["value", "factor", "low", "high", "from_degrees", "gain"]):
            assert pd.api.types.is_numeric_dtype(rows[column]), column

    def test_every_provisional_row_can_be_shown_to_a_reader(self, name):
        found = tables.load(name).provisional()
        assert len(found) == (tables.load(name).rows["status"] == "provisional").sum()
        assert found["row"].astype(str).str.contains("=").all()


@pytest.mark.parametrize("name", ["land_use_classes", "engineering_measures", "intensity_classes", "allowable_loss"])
def test_a_code_has_one_meaning_on_every_day(name):
    rows = tables.load(name).on(dt.date(2025, 12, 31)).rows
    assert not rows["code"].duplicated().any()


def test_intensity_classes_rise_with_their_code():
    rows = tables.load("intensity_classes").rows.sort_values("code")
    assert rows["name"].tolist() == ["slight", "light", "moderate", "intense", "very_intense", "severe"]
    bounds = rows["from_modulus"].dropna()
    assert bounds.is_monotonic_increasing
    assert bounds.is_unique


def test_factors_of_measures_lie_between_nothing_and_all():
    for name, column in (("engineering_measures", "engineering_factor"), ("tillage_practices", "tillage_factor")):
        assert tables.load(name).rows[column].dropna().between(0, 1).all()


def test_grades_follow_each_other_without_gap():
    for name in ("slope_grades", "cover_grades"):
        for (_, _), rows in tables.load(name).rows.groupby(["system", "quantity"]):
            ordered = rows.sort_values("low")
            assert ordered["high"].iloc[:-1].tolist() == ordered["low"].iloc[1:].tolist()
