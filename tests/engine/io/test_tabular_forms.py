"""Tables of offices: delimiters, quotes, ragged rows, types of cells, sheets; every fault by its line."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import InputError, SourceError
from shuibao.io import read_table
from shuibao.io.tabular import convert, parse_dates, read_text_table

WORDS = st.text(st.sampled_from("甲乙丙丁宁武abc,;\t|\"' 12"), max_size=8)
DELIMITERS = [",", "\t", ";", "|", "，"]


def put(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def read(tmp_path):
    def _read(text, **options):
        return read_table(put(tmp_path / "t.csv", text), **options)

    return _read


class TestRows:
    @given(st.lists(st.tuples(WORDS, st.integers(-999, 999)), min_size=1, max_size=6))
    def test_quoted_cells_of_any_kind_come_back_and_no_row_is_lost(self, tmp_path_factory, rows):
        frame = pd.DataFrame(rows, columns=["word", "number"])
        path = tmp_path_factory.mktemp("q") / "t.csv"
        frame.to_csv(path, index=False, quoting=2)
        table = read_table(path, columns={"word": "text", "number": "integer"}, comment="")
        assert table["number"].tolist() == frame["number"].tolist()
        empty = ("", "-", "—", "/", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "无")
        assert table["word"].tolist() == ["" if w.strip() in empty else w.strip() for w in frame["word"]]

    @pytest.mark.parametrize("delimiter", DELIMITERS)
    @pytest.mark.parametrize("row", [2, 3])
    def test_a_row_with_more_cells_than_names_is_refused_wherever_it_stands(self, read, delimiter, row):
        lines = ["a,b", "1,2", "3,4"]
        lines[row - 1] += ",5"
        with pytest.raises(InputError, match=f"line {row} holds 3 cells, the line of names 2"):
            read("\n".join(lines).replace(",", delimiter) + "\n")

    @pytest.mark.parametrize("delimiter", DELIMITERS)
    def test_empty_cells_at_the_end_of_rows_do_no_harm(self, read, delimiter):
        table = read("a,b\n1,2,\n3,4,,\n".replace(",", delimiter))
        assert table.to_dict("list") == {"a": [1, 3], "b": [2, 4]}

    def test_a_row_with_fewer_cells_is_unknown_where_it_ends(self, read):
        table = read("a,b,c\n1,2\n3,4,5\n")
        assert np.array_equal(table["c"], [np.nan, 5], equal_nan=True)

    def test_names_that_stand_before_the_rows_are_not_taken_for_a_column_of_their_own(self, read):
        with pytest.raises(InputError, match="line 2 holds 3 cells, the line of names 2"):
            read("a,b\nfirst,1,2\nsecond,3,4\n")

    def test_a_quoted_cell_with_the_delimiter_is_one_cell(self, read):
        assert read('a,b\n"1,5",2\n')["a"].tolist() == ["1,5"]

    def test_a_quoted_cell_over_two_lines_is_no_ragged_row(self, read):
        table = read('a,b\n"one\n1,2,3,4",5\nx,6\n')
        assert table["b"].tolist() == [5, 6]

    def test_lines_are_counted_as_an_editor_counts_them(self, read):
        with pytest.raises(InputError, match="in line 6: 'x'"):
            read("# comment\na,b\n\n1,2\n# more\n3,x\n", columns={"b": "number"})

    def test_packed_files_are_told_by_their_bytes_and_not_by_their_names(self, tmp_path):
        (tmp_path / "t.csv").write_bytes(gzip.compress("名称,b\n甲,2\n".encode()))
        assert read_table(tmp_path / "t.csv")["名称"].tolist() == ["甲"]

    def test_the_text_of_a_table_has_the_line_of_every_row(self, tmp_path):
        table = read_text_table(put(tmp_path / "t.csv", "a\n1\n\n# x\n2\n"))
        assert table.rows.index.tolist() == [2, 5]
        assert table.comments == ("x",)


class TestTypes:
    @pytest.mark.parametrize("cell", ["1e3", "1000", "+1000", " 1000 ", "1000.0"])
    def test_numbers_are_understood_as_programs_write_them(self, read, cell):
        assert read(f"a,b\n{cell},x\n", columns={"a": "number"})["a"].tolist() == [1000]

    @pytest.mark.parametrize("cell", ["1,000", "12 mm", "1 2", "1/2", "12%", "--", "一"])
    def test_what_only_looks_like_a_number_is_refused(self, read, cell):
        with pytest.raises(InputError, match="holds what is not a number in line 2"):
            read(f"a;b\n{cell};x\n", columns={"a": "number"})

    def test_an_integer_may_not_be_missing_or_broken(self, read):
        for cell in ("", "1.5", "x"):
            with pytest.raises(InputError, match="holds what is not an integer in line 2"):
                read(f"a,b\n{cell},1\n", columns={"a": "integer"})

    def test_whole_numbers_that_a_spreadsheet_made_decimals_are_integers(self, read):
        assert read("a\n3.0\n", columns={"a": "integer"})["a"].tolist() == [3]

    def test_a_type_that_does_not_exist_is_refused(self, read):
        with pytest.raises(
            InputError, match="type 'float' for column 'a'; expected one of text, number, integer, date"
        ):
            read("a\n1\n", columns={"a": "float"})

    @pytest.mark.parametrize("cells", [["01", "02"], ["1", "x"], ["140925-1", "2"]])
    def test_codes_stay_text_where_nobody_says_what_they_are(self, read, cells):
        assert read("a\n" + "\n".join(cells) + "\n")["a"].tolist() == cells

    def test_codes_of_villages_stay_whole(self, read):
        table = read("a,b\n140925100207,1\n140925100209,2\n")
        assert table["a"].tolist() == [140925100207, 140925100209]

    def test_numbers_too_long_for_an_integer_are_not_cut_to_another_one(self, read):
        assert read("a\n12345678901234567890\n")["a"].dtype == float

    def test_a_column_of_nothing_is_text(self, read):
        assert read("a,b\n,1\n-,2\n")["a"].tolist() == ["", ""]

    @given(st.dates(pd.Timestamp("1900-01-01").date(), pd.Timestamp("2200-01-01").date()))
    def test_a_day_is_the_same_day_in_every_way_of_writing_it(self, day):
        ways = [
            f"{day:%Y-%m-%d}",
            f"{day:%Y%m%d}",
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day:%Y-%m-%d} 00:00:00",
        ]
        for way in ways:
            assert parse_dates(pd.Series([way])).tolist() == [pd.Timestamp(day)], way

    @pytest.mark.parametrize("text", ["", "x", "2025-02-30", "20250230", "99999999", "2025"])
    def test_what_is_no_day_is_none_but_never_another_day(self, text):
        found = parse_dates(pd.Series([text]))[0]
        assert pd.isna(found) or (text == "2025" and found == pd.Timestamp("2025-01-01"))

    def test_faulty_cells_of_a_repeated_line_are_shown_as_they_are(self):
        cells = pd.Series(["1", "wet", "2", "fair"], index=pd.Index([2, 2, 3, 3], name="line"), name="p")
        with pytest.raises(InputError, match=r"in line 2: 'wet', line 3: 'fair'; expected numbers"):
            convert(cells, "number", "a.csv")


class TestBooks:
    @pytest.fixture
    def book(self, tmp_path):
        def write(**sheets):
            with pd.ExcelWriter(tmp_path / "t.xlsx") as file:
                for name, frame in sheets.items():
                    frame.to_excel(file, sheet_name=name, index=False)
            return tmp_path / "t.xlsx"

        return write

    FRAME = pd.DataFrame({"编号": ["011", "012"], "面积": [1.5, None], "数": [3, 4]})

    def test_the_only_sheet_with_rows_is_taken(self, book):
        path = book(空=pd.DataFrame({"a": []}), 数据=self.FRAME)
        table = read_table(path)
        assert table["编号"].tolist() == ["011", "012"]
        assert table.attrs["encoding"] == "sheet 数据"

    def test_a_named_sheet_without_rows_is_refused(self, book):
        with pytest.raises(InputError, match="the table holds no rows"):
            read_table(book(空=pd.DataFrame({"a": []}), 数据=self.FRAME), sheet="空")

    def test_empty_rows_between_do_not_count_and_lines_stay_those_of_excel(self, book):
        frame = pd.DataFrame({"a": ["1", None, "x"], "b": ["2", None, "3"]})
        path = book(一=frame)
        assert len(read_table(path)) == 2
        with pytest.raises(InputError, match="in line 4: 'x'"):
            read_table(path, columns={"a": "number"})

    def test_names_with_blanks_around_are_found(self, book):
        path = book(一=pd.DataFrame({" 面积 ": [1.5]}))
        assert read_table(path, columns={"面积": "number"})["面积"].tolist() == [1.5]

    def test_garbled_cells_of_a_workbook_are_refused(self, book):
        with pytest.raises(SourceError, match=r"is garbled .*it was perhaps '图斑'"):
            read_table(book(一=pd.DataFrame({"名": ["Í¼°ß"]})))

    def test_a_workbook_under_the_name_of_a_csv_is_read_all_the_same(self, book, tmp_path):
        book(一=self.FRAME).rename(tmp_path / "t.csv")
        assert len(read_table(tmp_path / "t.csv")) == 2

    def test_two_columns_of_one_name_are_refused_in_a_workbook_too(self, tmp_path):
        frame = pd.DataFrame([[1, 2]], columns=["面积", "面积"])
        frame.to_excel(tmp_path / "t.xlsx", index=False)
        with pytest.raises(InputError, match="two columns are named '面积'"):
            read_table(tmp_path / "t.xlsx")
