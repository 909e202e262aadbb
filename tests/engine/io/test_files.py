import hashlib

import pytest

from shuibao.errors import SourceError
from shuibao.io import existing, sha256_of, sidecars


def test_the_fingerprint_of_a_file_is_that_of_its_bytes(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)
    assert sha256_of(path) == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_the_fingerprint_of_a_folder_follows_names_and_bytes_but_not_locks(tmp_path):
    folder = tmp_path / "a.gdb"
    folder.mkdir()
    (folder / "b").write_bytes(b"2")
    (folder / "a").write_bytes(b"1")
    first = sha256_of(folder)
    (folder / "a.sr.lock").write_bytes(b"busy")
    assert sha256_of(folder) == first
    (folder / "b").write_bytes(b"3")
    changed = sha256_of(folder)
    (folder / "b").rename(folder / "c")
    assert len({first, changed, sha256_of(folder)}) == 3


def test_companions_are_found_whatever_their_case(tmp_path):
    for name in ("地块.SHP", "地块.DBF", "地块.shx", "地块.prj", "地块.shp.xml", "别的.prj", "地块2.dbf"):
        (tmp_path / name).write_bytes(b"1")
    assert [f.name for f in sidecars(tmp_path / "地块.SHP")] == ["地块.DBF", "地块.prj", "地块.shp.xml", "地块.shx"]
    assert sidecars(tmp_path) == []


def test_a_missing_file_tells_the_nearest_names_or_the_folder_that_is_wrong(tmp_path):
    for name in ("landuse_2024.tif", "landuse_2025.tif", "readme.txt"):
        (tmp_path / name).write_bytes(b"1")
    with pytest.raises(SourceError, match=r"landuse_2025\.tif") as error:
        existing(tmp_path / "landuse2025.tif")
    assert "readme.txt" not in str(error.value)
    with pytest.raises(SourceError, match=f"right as far as {tmp_path}"):
        existing(tmp_path / "2025" / "inputs" / "a.tif")
    with pytest.raises(SourceError, match="there is no such file"):
        sha256_of(tmp_path / "nothing")


def test_a_page_is_only_refused_where_data_are_expected(tmp_path):
    (tmp_path / "report.html").write_text("<html></html>")
    assert existing(tmp_path / "report.html").name == "report.html"
    (tmp_path / "dem.tif").write_text("<html></html>")
    with pytest.raises(SourceError, match="a web page"):
        existing(tmp_path / "dem.tif")
