import geopandas as gpd
import pyogrio
import pytest
import shapely

from shuibao.errors import SourceError
from shuibao.io.shapefiles import complete_or_refuse, shapefile_encoding

pytestmark = pytest.mark.filterwarnings("ignore:.*field name:RuntimeWarning")


def shapefile(folder, texts, encoding, column="名称"):
    path = folder / "a.shp"
    frame = gpd.GeoDataFrame({column: texts}, geometry=[shapely.Point(112, 38)] * len(texts), crs="EPSG:4490")
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    return path


@pytest.mark.parametrize(("written", "found"), [("GB18030", "gb18030"), ("UTF-8", "utf-8")])
def test_the_bytes_tell_the_encoding_where_there_is_no_cpg(tmp_path, written, found):
    encoding, notes = shapefile_encoding(shapefile(tmp_path, ["旱地", "有林地"], written))
    assert encoding == found
    assert notes == [f"its text was read as {found}, as it has no .cpg and its bytes tell"]


def test_plain_ascii_needs_no_word(tmp_path):
    assert shapefile_encoding(shapefile(tmp_path, ["a", "b"], "UTF-8", column="name")) == ("utf-8", [])


@pytest.mark.parametrize("said", ["936", "GBK", "GB2312", "gb18030", "CP936", "ANSI 936", "OEM 936"])
def test_names_of_the_chinese_code_page_are_understood(tmp_path, said):
    path = shapefile(tmp_path, ["旱地"], "GB18030")
    path.with_suffix(".cpg").write_text(said)
    assert shapefile_encoding(path) == ("gb18030", [])


@pytest.mark.parametrize("said", ["UTF-8", "ISO-8859-1", "1252", "nonsense", ""])
def test_a_wrong_cpg_gives_way_to_the_bytes(tmp_path, said):
    path = shapefile(tmp_path, ["旱地"], "GB18030")
    path.with_suffix(".cpg").write_text(said)
    encoding, notes = shapefile_encoding(path)
    assert encoding == "gb18030"
    assert len(notes) == 1


def test_text_of_no_known_encoding_asks_for_its_name(tmp_path):
    path = shapefile(tmp_path, ["a"], "UTF-8", column="name")
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    data[-10:-6] = b"\xff\xff\xfe\xff"
    dbf.write_bytes(bytes(data))
    with pytest.raises(SourceError, match=r"neither UTF-8 nor GB 18030.*encoding = \"big5\""):
        shapefile_encoding(path)


@pytest.mark.parametrize("ending", [".shx", ".dbf"])
def test_a_missing_part_is_named(tmp_path, ending):
    path = shapefile(tmp_path, ["旱地"], "GB18030")
    complete_or_refuse(path)
    path.with_suffix(ending).unlink()
    with pytest.raises(SourceError, match=rf"its \{ending} are missing; expected \.shp, \.shx and \.dbf"):
        complete_or_refuse(path)
