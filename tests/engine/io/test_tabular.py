import gzip

import numpy as np
import pandas as pd
import pytest
from real_data import real_data

from shuibao.errors import InputError, SourceError
from shuibao.io import read_table
from shuibao.io.tabular import parse_dates, read_text_table

ROWS = "编号,名称,面积,日期\n011,东寨镇,12.5,2025-07-01\n012,涔山乡,,2025/7/2\n"
COLUMNS = {"编号": "text", "面积": "number", "日期": "date"}


def put(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_a_table_is_read_whatever_its_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = put(tmp_path / "a.csv", ROWS.replace(",", delimiter), encoding)
    table = read_table(path, columns=COLUMNS)
    assert table["编号"].tolist() == ["011", "012"]
    assert table["名称"].tolist() == ["东寨镇", "涔山乡"]
    assert table["面积"].iloc[0] == 12.5
    assert np.isnan(table["面积"].iloc[1])
    assert table["日期"].tolist() == [pd.Timestamp("2025-07-01"), pd.Timestamp("2025-07-02")]
    assert table.attrs["path"] == str(path)
    assert (table.attrs["reading"] == []) is (encoding in ("utf-8", "utf-8-sig"))


def test_columns_not_asked_for_become_numbers_unless_they_are_codes(tmp_path):
    table = read_table(
        put(tmp_path / "a.csv", "code,whole,part,mixed,place\n01,1,1.5,a,140925100\n12,2,,3,140925101\n")
    )
    assert table["code"].tolist() == ["01", "12"]
    assert table["whole"].dtype == np.int64
    assert table["part"].dtype == np.float64
    assert table["mixed"].tolist() == ["a", "3"]
    assert table["place"].tolist() == [140925100, 140925101]


def test_comments_are_left_out_and_kept_aside(tmp_path):
    path = put(tmp_path / "a.csv", "# made by hand\na,b\n#1,2\n3,4\n\n")
    table = read_table(path)
    assert table.to_numpy().tolist() == [[3, 4]]
    assert table.attrs["comments"] == ["made by hand", "1,2"]
    assert read_text_table(path).rows.index.tolist() == [4]
    assert read_table(put(tmp_path / "b.csv", "#id,b\n1,2\n"), comment="").columns.tolist() == ["#id", "b"]


def test_a_missing_column_names_those_that_resemble_it(tmp_path):
    path = put(tmp_path / "a.csv", "StationID,Lat,Lon\n1,2,3\n")
    with pytest.raises(
        InputError, match=r"column 'station_id' is missing; expected it among StationID, Lat, Lon\. Is it StationID\?"
    ):
        read_table(path, columns={"station_id": "text"})
    with pytest.raises(InputError, match=r"columns \['x', 'y'\] are missing"):
        read_table(path, columns={"x": "number", "y": "number"})
    with pytest.raises(InputError, match="type 'colour' for column 'Lat'"):
        read_table(path, columns={"Lat": "colour"})


def test_cells_of_another_type_are_named_by_their_line(tmp_path):
    path = put(tmp_path / "a.csv", "# note\nsoil,clay\n1,20\n2,many\n3,\n4,3O\n")
    with pytest.raises(InputError, match=r"column 'clay' holds what is not a number in line 4: 'many', line 6: '3O'"):
        read_table(path, columns={"clay": "number"})
    with pytest.raises(InputError, match=r"not an integer in line 4: 'many', line 5: '', line 6"):
        read_table(path, columns={"clay": "integer"})
    dates = put(tmp_path / "b.csv", "date\n2025-02-28\n2025-02-30\n")
    with pytest.raises(InputError, match=r"not a date in line 3: '2025-02-30'"):
        read_table(dates, columns={"date": "date"})


@pytest.mark.parametrize(
    "text", ["2015-07-01", "20150701", "2015/7/1", "2015年7月1日", "2015.07.01", "2015-07-01 00:00:00", "2015-7-1 0:00"]
)
def test_dates_are_understood_as_people_write_them(text):
    assert parse_dates(pd.Series([text])).iloc[0] == pd.Timestamp("2015-07-01")


def test_times_of_day_are_kept():
    times = parse_dates(pd.Series(["2015070108", "201507010830", "2015-07-01T08:30", "2015/7/1 8:30"]))
    assert [f"{t:%H:%M}" for t in times] == ["08:00", "08:30", "08:30", "08:30"]
    assert parse_dates(pd.Series(["", "yesterday", "20151301"])).isna().all()


@pytest.mark.parametrize("cells", ["", "-", "NA", "—", "无", "null", "  "])
def test_empty_cells_are_unknown_and_not_zero(tmp_path, cells):
    path = put(tmp_path / "a.csv", f"a,b\n1,{cells}\n")
    assert np.isnan(read_table(path, columns={"b": "number"})["b"].iloc[0])


def test_quotes_ragged_rows_and_twin_names(tmp_path):
    table = read_table(put(tmp_path / "a.csv", 'a,b\n"东,寨",1\n"x\ny",2\n'), columns={"b": "integer"})
    assert table["a"].tolist() == ["东,寨", "x\ny"]
    with pytest.raises(InputError, match="line 3 holds 3 cells, the line of names 2"):
        read_table(put(tmp_path / "b.csv", "a,b\n1,2\n1,2,3\n"))
    with pytest.raises(InputError, match="two columns are named 'a'"):
        read_table(put(tmp_path / "c.csv", "a,b,a\n1,2,3\n"))
    assert read_table(put(tmp_path / "d.csv", "a,b,\n1,2,\n")).columns.tolist() == ["a", "b"]


def test_what_holds_nothing_or_is_no_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="the table holds no rows"):
        read_table(put(tmp_path / "a.csv", "a,b\n"))
    with pytest.raises(InputError, match="the table is empty"):
        read_table(put(tmp_path / "b.csv", "\n\n"))
    with pytest.raises(SourceError, match="the file is empty"):
        read_table(put(tmp_path / "c.csv", ""))
    (tmp_path / "d.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    with pytest.raises(SourceError, match=r"before 2007 \(\.xls\).*save it as \.xlsx"):
        read_table(tmp_path / "d.xls")
    (tmp_path / "e.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(SourceError, match="neither UTF-8 nor GB 18030"):
        read_table(tmp_path / "e.csv")


def test_garbled_tables_are_refused(tmp_path):
    path = put(tmp_path / "a.csv", ROWS.encode("gb18030").decode("latin-1"))
    with pytest.raises(SourceError, match=r"text 1 is garbled \(mojibake\)"):
        read_table(path)
    with pytest.raises(SourceError, match="garbled"):
        read_table(put(tmp_path / "b.csv", "名称,a\n锟斤拷,1\n"))


def test_excel_is_read_by_its_sheet(tmp_path):
    path = tmp_path / "土壤.xlsx"
    first = pd.DataFrame(
        {"编号": ["011", "012"], "粘粒": [20.5, None], "日期": pd.to_datetime(["2025-07-01", "2025-07-02"])}
    )
    with pd.ExcelWriter(path) as book:
        first.to_excel(book, sheet_name="土壤", index=False)
        pd.DataFrame().to_excel(book, sheet_name="Sheet2", index=False)
    table = read_table(path, columns={"编号": "text", "粘粒": "number", "日期": "date"})
    assert table["编号"].tolist() == ["011", "012"]
    assert np.isnan(table["粘粒"].iloc[1])
    assert table["日期"].iloc[1] == pd.Timestamp("2025-07-02")
    assert table.attrs["encoding"] == "sheet 土壤"
    with pytest.raises(InputError, match="no sheet '别的'; expected one of 土壤, Sheet2"):
        read_table(path, sheet="别的")
    with pytest.raises(InputError, match="column '粘粒' holds what is not an integer in line 2"):
        read_table(path, columns={"粘粒": "integer"})


def test_several_filled_sheets_want_one_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("一", "二"):
            pd.DataFrame({"a": [1]}).to_excel(book, sheet_name=name, index=False)
    with pytest.raises(InputError, match="sheets with rows: 一, 二; expected one"):
        read_table(path)
    assert len(read_table(path, sheet="二")) == 1
    (tmp_path / "cut.xlsx").write_bytes(path.read_bytes()[:500])
    with pytest.raises(SourceError, match="cannot be read as Excel"):
        read_table(tmp_path / "cut.xlsx")
    (tmp_path / "false.xlsx").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="no whole Excel file"):
        read_table(tmp_path / "false.xlsx")


def test_packed_tables_are_read(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(ROWS.encode("gb18030")))
    assert read_table(tmp_path / "a.csv.gz")["名称"].tolist() == ["东寨镇", "涔山乡"]


def test_gbk_table_of_youwuzhen_is_read_without_being_told():
    table = read_table(
        real_data("youwuzhen/observed/SiteInfo.csv"), columns={"StationID": "integer", "Lat": "number", "Type": "text"}
    )
    assert table.attrs["encoding"] == "gb18030"
    assert table["Type"].tolist() == ["SED", "Q"]
    assert table.attrs["comments"][0].startswith("StationID为唯一正整数编号")
    assert table.attrs["reading"] == ["read as gb18030", "11 comment lines were left out"]


@pytest.mark.parametrize(
    ("name", "shape", "column"),
    [
        ("youwuzhen/lookup/soil_properties_lookup.csv", (5, 21), "SOL_OM"),
        ("youwuzhen/lookup/landcover_initial_parameters.csv", (7, 12), "USLE_P"),
        ("youwuzhen/scenario/BMP_index.csv", (17, 4), "PRIORITY"),
        ("youwuzhen/observed/observed_SED.csv", None, "VALUE"),
        ("ningwu/townships.csv", (14, 5), "name"),
        ("ningwu/villages.csv", (209, 6), "streetCode"),
        ("bulletin/province_erosion_share_percent.csv", (124, 10), "province"),
    ],
)
def test_real_tables_are_read(name, shape, column):
    table = read_table(real_data(name))
    assert column in table
    assert shape is None or table.shape == shape
    assert not table[column].isna().all()
