import json
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from real_data import real_data

from shuibao.errors import CoordinateError, InputError, SourceError
from shuibao.io import read_vector, vector_layers

pytestmark = pytest.mark.filterwarnings("ignore:.*field name:RuntimeWarning", "ignore:.*driver:UserWarning")

FIELDS = {"图斑编号": ["甲一", "乙二"], "地类": ["旱地", "有林地"], "面积": [1.5, 2.0]}


@pytest.fixture
def patches():
    shapes = [shapely.box(112.0, 38.0, 112.1, 38.1), shapely.box(112.1, 38.0, 112.2, 38.1)]
    return gpd.GeoDataFrame(FIELDS, geometry=shapes, crs="EPSG:4490")


def gbk_shapefile(folder, frame, name="地块"):
    """A Shapefile in GBK as old desktop programs write it, without a .cpg."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.shp"
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    return path


class GbkMember(zipfile.ZipInfo):
    """A member whose name is written in GBK without saying so, as Chinese Windows does."""

    def _encodeFilenameFlags(self):  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zipped(path, folder, inside, member=zipfile.ZipInfo):
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.writestr(member(f"{inside}/{file.name}"), file.read_bytes())
    return path


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "gdb", "shp"])
def test_every_format_keeps_chinese_names_places_and_system(tmp_path, patches, ending):
    path = tmp_path / f"图斑.{ending}"
    driver = {"gdb": "OpenFileGDB", "shp": "ESRI Shapefile"}.get(ending)
    options = {"encoding": "GB18030"} if ending == "shp" else {}
    pyogrio.write_dataframe(patches, path, driver=driver, **options)
    frame = read_vector(path, geometry="polygon").sort_values("图斑编号", ascending=False, ignore_index=True)
    assert frame.crs.to_epsg() == 4490
    assert frame["图斑编号"].tolist() == ["甲一", "乙二"]
    assert frame["地类"].tolist() == ["旱地", "有林地"]
    assert np.allclose(shapely.bounds(frame.geometry.to_numpy()), shapely.bounds(patches.geometry.to_numpy()))
    assert frame.attrs["layer"] == "图斑"
    assert frame.attrs["findings"] == []
    assert vector_layers(path) == ["图斑"]


def test_kml_is_read_in_wgs84_and_its_heights_are_dropped(tmp_path, patches):
    path = tmp_path / "a.kml"
    raised = patches.set_geometry(shapely.force_3d(patches.geometry.to_numpy(), 1500.0)).set_crs(
        4326, allow_override=True
    )
    pyogrio.write_dataframe(raised, path, driver="KML")
    frame = read_vector(path)
    assert frame.crs.to_epsg() == 4326
    assert not frame.has_z.any()
    assert "heights of the points were dropped" in frame.attrs["reading"]
    assert read_vector(path, crs="EPSG:4490").crs.to_epsg() == 4490


def test_dxf_has_no_system_so_one_must_be_given(tmp_path, patches):
    path = tmp_path / "红线.dxf"
    pyogrio.write_dataframe(patches[["geometry"]].to_crs(4546), path)
    with pytest.raises(CoordinateError, match=r"no coordinate system is named.*eastings of 6 digits"):
        read_vector(path)
    assert read_vector(path, crs="EPSG:4546").crs.to_epsg() == 4546
    with pytest.raises(CoordinateError, match="the eastings carry no zone number"):
        read_vector(path, crs="EPSG:4525")


@pytest.mark.parametrize("cpg", [None, "UTF-8", "ISO-8859-1", "936", "GBK"])
def test_gbk_text_is_found_whatever_the_cpg_says(tmp_path, patches, cpg):
    path = gbk_shapefile(tmp_path / "gbk", patches)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    frame = read_vector(path)
    assert frame["图斑编号"].tolist() == ["甲一", "乙二"]
    assert frame.attrs["encoding"] == "gb18030"
    right = cpg in ("936", "GBK")
    assert bool(frame.attrs["reading"]) is not right


def test_a_utf8_shapefile_whose_names_were_cut_within_a_character_is_read(tmp_path, patches):
    path = tmp_path / "a.shp"
    pyogrio.write_dataframe(patches, path, driver="ESRI Shapefile", encoding="UTF-8")
    frame = read_vector(path)
    assert frame.columns.tolist()[:2] == ["图斑编", "地类"]
    assert frame["地类"].tolist() == ["旱地", "有林地"]
    assert any("lost that half character" in note for note in frame.attrs["reading"])
    assert frame["面积"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("member", [zipfile.ZipInfo, GbkMember])
def test_zipped_shapefiles_with_chinese_folders_are_read(tmp_path, patches, member):
    shape = gbk_shapefile(tmp_path / "gbk", patches)
    path = zipped(tmp_path / "数据.zip", shape.parent, "第一批", member)
    frame = read_vector(path)
    assert frame["图斑编号"].tolist() == ["甲一", "乙二"]
    assert frame.attrs["path"] == str(path)
    assert vector_layers(path) == ["地块"]


def test_a_zipped_geodatabase_is_read(tmp_path, patches):
    pyogrio.write_dataframe(patches, tmp_path / "a.gdb", driver="OpenFileGDB", layer="图斑")
    path = zipped(tmp_path / "a.zip", tmp_path / "a.gdb", "交付/a.gdb")
    assert read_vector(path)["地类"].tolist() == ["旱地", "有林地"]
    assert vector_layers(path) == ["图斑"]


def test_archives_without_or_with_several_data_sets_say_so(tmp_path, patches):
    shape = gbk_shapefile(tmp_path / "two", patches, "甲")
    gbk_shapefile(tmp_path / "two", patches.iloc[:1], "乙")
    path = zipped(tmp_path / "two.zip", shape.parent, "x")
    with pytest.raises(InputError, match="the archive holds 2 data sets: 乙, 甲"):
        read_vector(path)
    assert len(read_vector(path, layer="乙")) == 1
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(SourceError, match="the archive holds no geodata"):
        read_vector(tmp_path / "none.zip")
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:200])
    with pytest.raises(SourceError, match="no whole zip file"):
        read_vector(tmp_path / "cut.zip")


def test_members_of_an_archive_cannot_leave_its_folder(tmp_path, patches):
    pyogrio.write_dataframe(patches, tmp_path / "a.geojson")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.write(tmp_path / "a.geojson", "../../../../evil.geojson")
    assert len(read_vector(tmp_path / "evil.zip")) == 2
    assert not list(tmp_path.parent.rglob("evil.geojson"))


def test_several_layers_are_listed(tmp_path, patches):
    for name in ("甲", "乙"):
        pyogrio.write_dataframe(patches, tmp_path / "two.gpkg", layer=name, append=name == "乙")
    with pytest.raises(InputError, match="2 layers: 甲, 乙; expected one"):
        read_vector(tmp_path / "two.gpkg")
    with pytest.raises(InputError, match="no layer '丙'; expected one of 甲, 乙"):
        read_vector(tmp_path / "two.gpkg", layer="丙")
    assert read_vector(tmp_path / "two.gpkg", layer="乙").attrs["layer"] == "乙"


def test_a_shapefile_without_its_companions_is_refused_by_what_is_missing(tmp_path, patches):
    path = gbk_shapefile(tmp_path / "gbk", patches)
    path.with_suffix(".dbf").rename(tmp_path / "kept.dbf")
    with pytest.raises(SourceError, match=r"its \.dbf are missing"):
        read_vector(path)
    shutil.move(tmp_path / "kept.dbf", path.with_suffix(".dbf"))
    path.with_suffix(".prj").unlink()
    with pytest.raises(CoordinateError, match=r"no coordinate system is named; .* are degrees"):
        read_vector(path)
    assert read_vector(path, crs="EPSG:4490").crs.to_epsg() == 4490


def test_a_missing_prj_is_guessed_from_the_zone_before_the_easting(tmp_path, patches):
    path = gbk_shapefile(tmp_path / "gbk", patches.to_crs(4525))
    path.with_suffix(".prj").unlink()
    with pytest.raises(CoordinateError, match=r"begin with zone 37: CGCS2000 / 3-degree .*EPSG:4525.* or Xian 1980"):
        read_vector(path)


def test_text_garbled_before_it_was_saved_is_refused(tmp_path, patches):
    patches["地类"] = [t.encode("gbk").decode("latin-1") for t in patches["地类"]]
    pyogrio.write_dataframe(patches, tmp_path / "a.gpkg")
    with pytest.raises(SourceError, match=r"is garbled \(mojibake\).*it was perhaps '旱地'"):
        read_vector(tmp_path / "a.gpkg")


def test_geojson_in_gbk_is_read_and_one_cut_short_is_refused(tmp_path, patches):
    text = patches.to_json(ensure_ascii=False)
    (tmp_path / "gbk.geojson").write_bytes(text.encode("gbk"))
    frame = read_vector(tmp_path / "gbk.geojson", crs="EPSG:4490")
    assert frame["地类"].tolist() == ["旱地", "有林地"]
    assert frame.attrs["reading"][0] == "its text was read as gb18030, though GeoJSON is to be UTF-8"
    (tmp_path / "cut.geojson").write_text(text[: len(text) // 2])
    with pytest.raises(SourceError, match="it is no whole JSON"):
        read_vector(tmp_path / "cut.geojson")
    (tmp_path / "other.geojson").write_text(json.dumps({"a": 1}))
    with pytest.raises(SourceError, match="it cannot be read"):
        read_vector(tmp_path / "other.geojson")


def test_a_geojson_in_metres_that_says_nothing_is_refused(tmp_path, patches):
    moved = patches.to_crs(4525)
    text = json.loads(moved.to_json(to_wgs84=False, drop_id=True))
    text.pop("crs", None)
    (tmp_path / "a.geojson").write_text(json.dumps(text))
    with pytest.raises(CoordinateError, match=r"the system is WGS 84 .* are no degrees.*zone 37"):
        read_vector(tmp_path / "a.geojson")
    assert read_vector(tmp_path / "a.geojson", crs="EPSG:4525").crs.to_epsg() == 4525


BOW_TIE = shapely.Polygon([(500, 100), (540, 140), (540, 100), (500, 140), (500, 100)])


def test_self_crossing_areas_are_found_with_their_places_and_mended_on_request(tmp_path, patches):
    bow = shapely.transform(BOW_TIE, lambda p: p + np.array([500_000, 4_300_000]))
    frame = patches.to_crs(4546)
    frame.geometry = gpd.GeoSeries([bow, frame.geometry.iloc[1]], crs=4546)
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with pytest.raises(
        InputError, match=r"1 of 2 areas are not valid: row 1 \(甲一\): it crosses itself at 500520\.00, 4300120\.00"
    ):
        read_vector(tmp_path / "a.gpkg")
    mended = read_vector(tmp_path / "a.gpkg", repair=True)
    assert mended.is_valid.all()
    assert mended.area.iloc[0] == pytest.approx(800)
    assert any("1 areas that crossed themselves were mended" in note for note in mended.attrs["reading"])


def test_mending_tells_by_how_much_the_area_changed(tmp_path):
    twisted = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50, -20), (0, 100)])
    moved = shapely.transform(twisted, lambda p: p + np.array([500_000, 4_300_000]))
    gpd.GeoDataFrame({"a": [1]}, geometry=[moved], crs="EPSG:4546").to_file(tmp_path / "a.gpkg")
    mended = read_vector(tmp_path / "a.gpkg", repair=True)
    change = 100 * (mended.area.sum() - abs(moved.area)) / abs(moved.area)
    assert change > 1
    assert f"changed by {change:+.4g} %" in mended.attrs["reading"][-1]


def test_rows_without_a_shape_are_left_out_and_counted(tmp_path, patches):
    patches.loc[2] = ["丙三", "草地", 3.0, None]
    pyogrio.write_dataframe(patches, tmp_path / "a.gpkg")
    frame = read_vector(tmp_path / "a.gpkg")
    assert len(frame) == 2
    assert frame.attrs["reading"][0].startswith("1 rows without a shape were left out (rows 3")


def test_empty_and_mixed_layers(tmp_path, patches):
    pyogrio.write_dataframe(patches.iloc[:0], tmp_path / "empty.gpkg", geometry_type="Polygon")
    with pytest.raises(InputError, match="the layer holds no rows"):
        read_vector(tmp_path / "empty.gpkg")
    patches.geometry = [patches.geometry.iloc[0], shapely.Point(112, 38)]
    pyogrio.write_dataframe(patches, tmp_path / "mixed.gpkg")
    assert "it mixes point, polygon" in read_vector(tmp_path / "mixed.gpkg").attrs["reading"]
    with pytest.raises(InputError, match=r"row 2 is a point \(1 such rows\); expected polygons only"):
        read_vector(tmp_path / "mixed.gpkg", geometry="polygon")


def test_exchanged_axes_and_wrong_zones_are_refused(tmp_path, patches):
    swapped = patches.set_geometry(shapely.transform(patches.geometry.to_numpy(), lambda p: p[:, ::-1])).set_crs(4490)
    pyogrio.write_dataframe(swapped, tmp_path / "a.gpkg")
    with pytest.raises(CoordinateError, match="longitude and latitude are exchanged"):
        read_vector(tmp_path / "a.gpkg")
    mislabelled = patches.to_crs(4547).set_crs(4546, allow_override=True)
    pyogrio.write_dataframe(mislabelled, tmp_path / "b.gpkg")
    with pytest.raises(
        CoordinateError, match=r"but the county at 112\.10 E 38\.05 N; .*EPSG:4547.* would place them there"
    ):
        read_vector(tmp_path / "b.gpkg", near=(112.1, 38.05))


@pytest.mark.parametrize(
    "content", [b"", b"version https://git-lfs.github.com/spec/v1\n", b"<html></html>", b"SQLite format 3\0cut"]
)
def test_what_is_no_vector_file_is_refused(tmp_path, content):
    (tmp_path / "a.gpkg").write_bytes(content)
    with pytest.raises(SourceError):
        read_vector(tmp_path / "a.gpkg")


def test_a_drawing_that_cannot_be_read_names_the_way_out(tmp_path):
    (tmp_path / "a.dwg").write_bytes(b"AC1032" + bytes(200))
    with pytest.raises(SourceError, match="save it as DXF"):
        read_vector(tmp_path / "a.dwg")


@pytest.mark.parametrize(
    ("name", "rows", "epsg"),
    [
        ("ningwu/ningwu_140925_tianditu_wgs84.geojson", 1, 4326),
        ("ningwu/ningwu_140925_amap_wgs84.geojson", 1, 4326),
        ("ningwu/ningwu_140925_cnmaps.geojson", 1, 4326),
        ("ningwu/ningwu_142227_1to4m_1999.geojson", 1, 4326),
        ("ningwu/xinzhou_and_neighbours_tianditu_wgs84.geojson", 17, 4326),
        ("ningwu/hyd1_4l_shanxi.geojson", 4, 4326),
        ("ningwu/hyd2_4l_shanxi.geojson", 47, 4326),
        ("youwuzhen/outlet_beijing1954.shp", 1, 2415),
        ("youwuzhen/thiessen_pcp.shp", 1, 2415),
        ("youwuzhen/thiessen_meteo.shp", 1, 2415),
    ],
)
def test_real_vectors_are_read(name, rows, epsg):
    frame = read_vector(real_data(name))
    assert len(frame) == rows
    assert frame.crs == CRS.from_epsg(epsg)
    assert frame.is_valid.all()


def test_the_names_of_ningwu_come_through():
    frame = read_vector(
        real_data("ningwu/ningwu_140925_tianditu_wgs84.geojson"), geometry="polygon", near=(112.3, 39.0)
    )
    assert frame["district_name"].iloc[0] == "宁武县"
    assert shapely.get_num_coordinates(frame.geometry.iloc[0]) == 168
