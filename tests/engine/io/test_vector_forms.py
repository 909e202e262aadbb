"""Vector files of every kind: what goes in comes out, and what a format cannot hold is said."""

import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import CoordinateError, InputError, SourceError
from shuibao.io import read_vector, vector_layers, write_geopackage

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*field name:RuntimeWarning", "ignore:.*Integer64:RuntimeWarning", "ignore:'crs' was not:UserWarning"
)

DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "gdb": "OpenFileGDB", "shp": "ESRI Shapefile"}
EVERY = pytest.mark.parametrize("ending", DRIVERS)


def patches(**columns):
    """Three patches, the second in two parts, the third with a hole."""
    shapes = [
        shapely.MultiPolygon([shapely.box(112.0, 38.0, 112.1, 38.1)]),
        shapely.MultiPolygon([shapely.box(112.2, 38.0, 112.3, 38.1), shapely.box(112.4, 38.0, 112.5, 38.1)]),
        shapely.MultiPolygon([shapely.box(112.6, 38.0, 112.9, 38.3) - shapely.box(112.7, 38.1, 112.8, 38.2)]),
    ]
    return gpd.GeoDataFrame({"bm": ["甲一", "乙二", "丙三"], **columns}, geometry=shapes, crs="EPSG:4490")


def written(folder, frame, ending, **options):
    path = folder / f"a.{ending}"
    pyogrio.write_dataframe(frame, path, driver=DRIVERS[ending], **options)
    return path


def in_order(frame):
    """FlatGeobuf sorts its rows by place, so rows are put back by their name."""
    return frame.set_index("bm").loc[["甲一", "乙二", "丙三"]]


class TestRoundTrips:
    @EVERY
    def test_parts_and_holes_of_areas_are_kept_to_a_tenth_of_a_millimetre(self, tmp_path, ending):
        frame = in_order(read_vector(written(tmp_path, patches(), ending), geometry="polygon"))
        found, given = frame.geometry.to_numpy(), patches().geometry.to_numpy()
        assert shapely.hausdorff_distance(found, given).max() < 2e-9, "degrees"
        assert shapely.area(found).tolist() == pytest.approx([0.01, 0.02, 0.08])

    @EVERY
    def test_numbers_are_kept_to_the_last_digit(self, tmp_path, ending):
        areas = [1 / 3, 1234567.125, -0.0625]
        frame = in_order(read_vector(written(tmp_path, patches(mj=areas), ending)))
        assert frame["mj"].tolist() == pytest.approx(areas, rel=1e-12)

    @EVERY
    def test_an_empty_number_stays_unknown_and_is_no_zero(self, tmp_path, ending):
        frame = in_order(read_vector(written(tmp_path, patches(mj=[1.0, np.nan, 3.0]), ending)))
        assert frame["mj"].isna().tolist() == [False, True, False]

    @EVERY
    def test_codes_with_a_leading_zero_stay_text(self, tmp_path, ending):
        frame = in_order(read_vector(written(tmp_path, patches(dm=["011", "0", "140925"]), ending)))
        assert frame["dm"].tolist() == ["011", "0", "140925"]

    @EVERY
    def test_codes_of_villages_with_twelve_digits_are_kept_as_numbers(self, tmp_path, ending):
        codes = [140925100207, 140925100209, 140925100210]
        frame = in_order(read_vector(written(tmp_path, patches(dm=codes), ending)))
        assert frame["dm"].astype("int64").tolist() == codes

    @pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "gdb"])
    def test_days_stay_days(self, tmp_path, ending):
        days = pd.to_datetime(["2025-07-01", None, "2024-02-29"])
        frame = in_order(read_vector(written(tmp_path, patches(rq=days), ending)))
        assert pd.to_datetime(frame["rq"]).dt.tz_localize(None).tolist()[::2] == days.tolist()[::2]
        assert pd.isna(frame["rq"].iloc[1])

    @EVERY
    @pytest.mark.parametrize("epsg", [4490, 4546, 4525, 2361])
    def test_the_system_is_recognised_however_the_format_writes_it(self, tmp_path, ending, epsg):
        moved = patches().to_crs(epsg)
        path = written(tmp_path, moved, ending, **({"RFC7946": "NO"} if ending == "geojson" else {}))
        frame = read_vector(path)
        assert frame.crs.to_epsg() == epsg
        assert np.allclose(in_order(frame).bounds, in_order(moved).bounds, rtol=0, atol=1e-4)

    @EVERY
    @pytest.mark.parametrize("kind", ["point", "line"])
    def test_points_and_lines_come_through_as_what_they_are(self, tmp_path, ending, kind):
        shape = {"point": shapely.Point(112.1, 38.2), "line": shapely.LineString([(112, 38), (112.1, 38.3)])}[kind]
        frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shape], crs="EPSG:4490")
        read = read_vector(written(tmp_path, frame, ending), geometry=kind)
        assert shapely.hausdorff_distance(read.geometry.iloc[0], shape) < 2e-9
        with pytest.raises(InputError, match=f"row 1 is a {kind}"):
            read_vector(tmp_path / f"a.{ending}", geometry="polygon")

    def test_the_geopackage_of_a_product_is_one_that_is_read_again(self, tmp_path):
        write_geopackage(tmp_path / "a.gpkg", patches(mj=[1.5, 2.0, np.nan]), "图斑")
        write_geopackage(tmp_path / "a.gpkg", patches().iloc[:1], "乡镇")
        assert vector_layers(tmp_path / "a.gpkg") == ["图斑", "乡镇"]
        assert len(read_vector(tmp_path / "a.gpkg", layer="图斑")) == 3
        assert read_vector(tmp_path / "a.gpkg", layer="乡镇")["bm"].tolist() == ["甲一"]

    @given(
        st.lists(
            st.tuples(st.floats(74, 134), st.floats(19, 53)), min_size=1, max_size=8, unique=True
        )
    )  # fmt: skip
    def test_places_in_a_flatgeobuf_are_the_same_places_in_some_order(self, tmp_path_factory, places):
        folder = tmp_path_factory.mktemp("fgb")
        frame = gpd.GeoDataFrame({"k": range(len(places))}, geometry=[shapely.Point(p) for p in places], crs=4490)
        read = read_vector(written(folder, frame, "fgb")).sort_values("k")
        assert shapely.get_coordinates(read.geometry).tolist() == [list(p) for p in places]


class TestGeoJson:
    @staticmethod
    def text(name="宁武县", **more):
        feature = {
            "type": "Feature",
            "properties": {"名称": name},
            "geometry": {"type": "Point", "coordinates": [112.3, 39.0]},
        }
        return json.dumps({"type": "FeatureCollection", "features": [feature], **more}, ensure_ascii=False)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_it_is_read_in_every_encoding_and_another_than_utf8_is_said(self, tmp_path, encoding):
        (tmp_path / "a.geojson").write_bytes(self.text("宁武县㐀𠀀").encode(encoding))
        frame = read_vector(tmp_path / "a.geojson", crs="EPSG:4490")
        assert frame["名称"].tolist() == ["宁武县㐀𠀀"]
        assert any("GeoJSON is to be UTF-8" in n for n in frame.attrs["reading"]) is (encoding != "utf-8")

    def test_an_encoding_that_was_named_but_is_not_that_of_the_file_is_refused(self, tmp_path):
        (tmp_path / "a.geojson").write_bytes(self.text().encode("gbk"))
        with pytest.raises(SourceError, match="its text is not utf-8; expected UTF-8"):
            read_vector(tmp_path / "a.geojson", encoding="utf-8")

    def test_without_a_system_it_is_wgs84_unless_another_is_given(self, tmp_path):
        (tmp_path / "a.json").write_text(self.text(), encoding="utf-8")
        assert read_vector(tmp_path / "a.json").crs.to_epsg() == 4326
        given = read_vector(tmp_path / "a.json", crs="EPSG:4490")
        assert given.crs.to_epsg() == 4490
        assert any("names WGS 84 even where it is not" in n for n in given.attrs["reading"])

    def test_a_line_that_broke_it_is_told(self, tmp_path):
        (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection",\n"features": [}\n', encoding="utf-8")
        with pytest.raises(SourceError, match=r"it is no whole JSON: .* in line 2"):
            read_vector(tmp_path / "a.geojson")

    def test_a_collection_of_nothing_is_refused(self, tmp_path):
        (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
        with pytest.raises((InputError, SourceError)):
            read_vector(tmp_path / "a.geojson")


class TestDrawings:
    LINES = (
        shapely.LineString([(600_000, 4.3e6), (600_100, 4.3e6), (600_100, 4_300_100), (600_000, 4.3e6)]),
        shapely.LineString([(600_000, 4.3e6), (600_300, 4_300_200)]),
    )

    def drawing(self, path, *names):
        pyogrio.write_dataframe(gpd.GeoDataFrame({"Layer": list(names)}, geometry=list(self.LINES)), path, driver="DXF")
        return path

    def test_the_layers_of_a_drawing_stand_in_a_column(self, tmp_path):
        path = self.drawing(tmp_path / "a.dxf", "HX", "ROAD")
        frame = read_vector(path, crs="EPSG:4546")
        assert frame["Layer"].tolist() == ["HX", "ROAD"]
        assert vector_layers(path) == ["entities"]
        assert frame.length.tolist() == pytest.approx([line.length for line in self.LINES])

    def test_chinese_names_of_layers_in_the_code_page_of_the_drawing_are_read(self, tmp_path):
        raw = self.drawing(tmp_path / "a.dxf", "HX", "ROAD").read_bytes()
        raw = raw.replace(b"ANSI_1252", b"ANSI_936").replace(b"\nHX\n", "\n红线\n".encode("gbk"))
        (tmp_path / "b.dxf").write_bytes(raw)
        assert read_vector(tmp_path / "b.dxf", crs="EPSG:4546")["Layer"].tolist() == ["红线", "ROAD"]

    def test_names_in_another_code_page_than_the_drawing_says_are_refused_as_garbled(self, tmp_path):
        path = self.drawing(tmp_path / "a.dxf", "红线", "道路")
        with pytest.raises(SourceError, match=r"is garbled .*it was perhaps '红线'"):
            read_vector(path, crs="EPSG:4546")

    def test_lines_of_a_drawing_are_not_taken_for_areas(self, tmp_path):
        with pytest.raises(InputError, match=r"row 1 is a line \(2 such rows\); expected polygons only"):
            read_vector(self.drawing(tmp_path / "a.dxf", "HX", "ROAD"), crs="EPSG:4546", geometry="polygon")


class TestArchives:
    def archive(self, path, members):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    def shape(self, folder, name):
        folder.mkdir(parents=True, exist_ok=True)
        pyogrio.write_dataframe(patches(), folder / f"{name}.shp", encoding="UTF-8")
        return {f.name: f.read_bytes() for f in folder.iterdir()}

    def test_what_macos_adds_is_not_taken_for_a_data_set(self, tmp_path):
        parts = self.shape(tmp_path / "s", "地块")
        members = {f"a/{n}": b for n, b in parts.items()} | {f"__MACOSX/a/._{n}": b"x" for n in parts}
        assert len(read_vector(self.archive(tmp_path / "a.zip", members))) == 3

    def test_endings_may_be_in_capitals(self, tmp_path):
        parts = self.shape(tmp_path / "s", "DK")
        members = {n.upper(): b for n, b in parts.items()}
        assert read_vector(self.archive(tmp_path / "a.zip", members))["bm"].tolist() == ["甲一", "乙二", "丙三"]

    @pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb"])
    def test_formats_of_one_file_are_read_out_of_an_archive_too(self, tmp_path, ending):
        raw = written(tmp_path, patches(), ending).read_bytes()
        path = self.archive(tmp_path / "a.zip", {f"成果/第一批/a.{ending}": raw, "说明.txt": "…"})
        assert len(read_vector(path)) == 3
        assert read_vector(path).attrs["path"] == str(path)

    def test_two_files_of_one_name_in_two_folders_cannot_be_told_apart(self, tmp_path):
        raw = written(tmp_path, patches(), "geojson").read_bytes()
        path = self.archive(tmp_path / "a.zip", {"2024/a.geojson": raw, "2025/a.geojson": raw})
        with pytest.raises(InputError, match="the archive holds 2 data sets: a, a"):
            read_vector(path, layer="a")

    def test_a_shapefile_without_its_table_is_refused_inside_an_archive_as_outside(self, tmp_path):
        parts = {n: b for n, b in self.shape(tmp_path / "s", "a").items() if not n.endswith(".dbf")}
        with pytest.raises(SourceError, match=r"its \.dbf are missing"):
            read_vector(self.archive(tmp_path / "a.zip", parts))

    def test_nothing_stays_behind_in_the_folder_of_temporary_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()
        path = self.archive(tmp_path / "a.zip", self.shape(tmp_path / "s", "a"))
        assert len(read_vector(path)) == 3
        assert vector_layers(path) == ["a"]
        assert list((tmp_path / "temporary").iterdir()) == []


class TestPlaces:
    def test_coordinates_that_are_no_numbers_are_refused(self, tmp_path):
        frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.LineString([(112, 38), (np.inf, 39)])], crs=4490)
        pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
        with pytest.raises((InputError, CoordinateError, SourceError)):
            read_vector(tmp_path / "a.gpkg")

    def test_a_layer_of_shapeless_rows_only_is_refused(self, tmp_path):
        frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[None, shapely.Polygon()], crs=4490)
        pyogrio.write_dataframe(frame, tmp_path / "a.gpkg", geometry_type="Polygon")
        with pytest.raises(InputError, match="no row has a shape"):
            read_vector(tmp_path / "a.gpkg")

    def test_a_table_without_any_shape_is_no_layer(self, tmp_path):
        pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), tmp_path / "a.gpkg", driver="GPKG")
        assert vector_layers(tmp_path / "a.gpkg") == []
        with pytest.raises(InputError, match="no layer holds geometry"):
            read_vector(tmp_path / "a.gpkg")

    def test_a_system_given_beside_another_in_the_file_is_refused_with_both(self, tmp_path):
        path = written(tmp_path, patches(), "gpkg")
        with pytest.raises(CoordinateError, match=r"the file is in .*EPSG:4490.*but .*EPSG:4326.* was given"):
            read_vector(path, crs="EPSG:4326")
        assert read_vector(path, crs="EPSG:4490").crs.to_epsg() == 4490
