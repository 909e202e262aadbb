"""Locks, leftovers and folders: what a run leaves behind, and what it must not touch."""

import os
import sys

import pytest
from product_samples import NOON, writer

from shuibao.errors import ResourceError, SourceError
from shuibao.io import open_product
from shuibao.io.files import existing, sha256_of, sidecar, sidecars
from shuibao.io.product_folders import (
    WorkFolder,
    clear_leftovers,
    disk_trouble,
    is_product,
    refuse_strangers,
    require_space,
)

MANIFEST = '{"properties": {"shuibao:study": "annual_monitoring"}}'


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def product_at(place, year="2025"):
    """The least that counts as a product."""
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(MANIFEST, encoding="utf-8")
    (place / "year").write_text(year, encoding="utf-8")
    return place


def year_at(place):
    return (place / "year").read_text(encoding="utf-8")


class TestWorkFolder:
    def test_it_is_hidden_beside_its_place_and_locked_while_it_grows(self, tmp_path):
        work = WorkFolder(tmp_path / "p")
        assert names(tmp_path) == [work.path.name, f"{work.path.name}.lock"]
        assert work.path.name == f".p.partial-{os.getpid()}"
        work.discard()
        assert names(tmp_path) == []

    def test_a_place_in_folders_that_do_not_exist_yet_is_made(self, tmp_path):
        work = WorkFolder(tmp_path / "成果" / "2025" / "p")
        (work.path / "x").write_text("x")
        work.publish()
        assert names(tmp_path / "成果" / "2025") == ["p"]

    def test_a_second_one_for_the_same_place_is_refused_while_the_first_lives(self, tmp_path):
        first = WorkFolder(tmp_path / "p")
        with pytest.raises(ResourceError, match="another run is writing this product"):
            WorkFolder(tmp_path / "p")
        first.discard()
        WorkFolder(tmp_path / "p").discard()
        assert names(tmp_path) == []

    def test_two_places_in_one_folder_do_not_hinder_each_other(self, tmp_path):
        works = [WorkFolder(tmp_path / name) for name in ("2024", "2025", "202")]
        for work in works:
            work.publish()
        assert names(tmp_path) == ["202", "2024", "2025"]

    @pytest.mark.parametrize("name", ["a[1]", "p*", "what?", "宁武县 2025", "p.partial-1", ".hidden", "a'b"])
    @pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such names")
    def test_a_name_with_signs_of_patterns_is_a_name_like_any_other(self, tmp_path, name):
        (tmp_path / f".{name}.partial-0").mkdir()
        product_at(tmp_path / name, "2024")
        with writer(tmp_path / name) as product:
            product.finish({"year": 2025}, created=NOON)
        assert names(tmp_path) == [name]
        assert open_product(tmp_path / name).verify() == []

    def test_a_pattern_in_a_name_clears_nothing_of_its_neighbours(self, tmp_path):
        for other in ("pa", "pb"):
            (tmp_path / f".{other}.partial-0").mkdir()
        WorkFolder(tmp_path / "p*").discard()
        WorkFolder(tmp_path / "p[ab]").discard()
        assert names(tmp_path) == [".pa.partial-0", ".pb.partial-0"]

    def test_publishing_lets_go_of_the_lock(self, tmp_path):
        work = WorkFolder(tmp_path / "p")
        (work.path / "manifest.json").write_text(MANIFEST, encoding="utf-8")
        work.publish()
        assert names(tmp_path) == ["p"]
        WorkFolder(tmp_path / "p").discard()
        assert names(tmp_path) == ["p"]


class TestLeftovers:
    def test_what_dead_runs_left_is_taken_away_with_its_lock(self, tmp_path):
        left = tmp_path / ".p.partial-0"
        (left / "layers").mkdir(parents=True)
        (tmp_path / ".p.partial-0.lock").write_bytes(b"")
        clear_leftovers(tmp_path / "p")
        assert names(tmp_path) == []

    def test_leftovers_of_a_run_that_had_no_time_for_a_lock_go_as_well(self, tmp_path):
        (tmp_path / ".p.partial-0").mkdir()
        clear_leftovers(tmp_path / "p")
        assert names(tmp_path) == []

    def test_an_old_product_that_was_put_aside_comes_back(self, tmp_path):
        product_at(tmp_path / ".p.replaced", "2024")
        clear_leftovers(tmp_path / "p")
        assert names(tmp_path) == ["p"]
        assert year_at(tmp_path / "p") == "2024"

    def test_one_that_was_put_aside_goes_where_the_new_one_is_in_place(self, tmp_path):
        product_at(tmp_path / ".p.replaced", "2024")
        product_at(tmp_path / "p", "2025")
        clear_leftovers(tmp_path / "p")
        assert names(tmp_path) == ["p"]
        assert year_at(tmp_path / "p") == "2025"

    def test_files_of_other_names_stay(self, tmp_path):
        for name in ("p.partial-0", ".p.partial", ".q.partial-0", "p.lock"):
            (tmp_path / name).mkdir()
        clear_leftovers(tmp_path / "p")
        assert names(tmp_path) == sorted(["p.partial-0", ".p.partial", ".q.partial-0", "p.lock"])


class TestStrangers:
    def test_only_a_folder_with_our_manifest_is_a_product(self, tmp_path):
        assert is_product(product_at(tmp_path / "ours"))
        (tmp_path / "other").mkdir()
        (tmp_path / "other/manifest.json").write_text('{"name": "a web page"}', encoding="utf-8")
        assert not is_product(tmp_path / "other")
        assert not is_product(tmp_path / "none")

    def test_a_manifest_of_something_else_is_not_written_over(self, tmp_path):
        (tmp_path / "p").mkdir()
        (tmp_path / "p/manifest.json").write_text('{"name": "a web page"}', encoding="utf-8")
        with pytest.raises(SourceError, match=r"not a product .*Choose another folder, or move this one away"):
            refuse_strangers(tmp_path / "p")

    def test_a_link_that_leads_nowhere_is_a_stranger_too(self, tmp_path):
        (tmp_path / "p").symlink_to(tmp_path / "none")
        with pytest.raises(SourceError, match="not a product"):
            refuse_strangers(tmp_path / "p")


class TestDisk:
    def test_room_is_asked_of_the_disk_on_which_a_folder_will_be(self, tmp_path):
        require_space(tmp_path / "not" / "yet" / "there", 1)
        with pytest.raises(ResourceError, match=r"free; expected about .* MB\. Make room"):
            require_space(tmp_path / "not" / "yet" / "there", 10**18)

    def test_an_error_that_has_nothing_to_do_with_the_disk_passes(self, tmp_path):
        with pytest.raises(ZeroDivisionError), disk_trouble(tmp_path, 0):
            raise ZeroDivisionError

    @pytest.mark.parametrize("words", ["disk is full", "No space left on device"])
    def test_libraries_that_say_it_in_words_are_understood(self, tmp_path, words):
        with pytest.raises(ResourceError, match="the disk is full"), disk_trouble(tmp_path, 0):
            raise RuntimeError(f"sqlite: {words}")

    def test_the_cause_is_kept_for_whoever_looks_for_it(self, tmp_path):
        with pytest.raises(ResourceError) as error, disk_trouble(tmp_path, 0):
            raise OSError(28, "No space left on device")
        assert isinstance(error.value.__cause__, OSError)


class TestFiles:
    @pytest.mark.parametrize("content", [b"\xef\xbb\xbf<!DOCTYPE HTML>", b"\n\n  <HTML><body>", b"<html>"])
    def test_a_web_page_is_known_whatever_stands_before_it(self, tmp_path, content):
        (tmp_path / "dem.tif").write_bytes(content)
        with pytest.raises(SourceError, match="a web page was saved under this name"):
            existing(tmp_path / "dem.tif")

    def test_a_folder_is_taken_as_it_is(self, tmp_path):
        assert existing(tmp_path, "folder") == tmp_path

    def test_the_name_of_the_thing_stands_in_the_message(self, tmp_path):
        with pytest.raises(SourceError, match="there is no such rain table"):
            existing(tmp_path / "rain.csv", "rain table")

    def test_files_of_the_same_kind_are_named_where_no_name_is_alike(self, tmp_path):
        for name in ("one.tif", "two.tif", "three.csv"):
            (tmp_path / name).write_bytes(b"x")
        with pytest.raises(SourceError, match=r"Beside it stand one\.tif, two\.tif"):
            existing(tmp_path / "zzzzzzzz.tif")

    def test_a_folder_of_other_things_is_counted(self, tmp_path):
        (tmp_path / "a.txt").write_bytes(b"x")
        with pytest.raises(SourceError, match="holds 1 other files; check the name"):
            existing(tmp_path / "zzzzzzzz.tif")

    def test_a_fingerprint_changes_with_a_name_and_with_where_bytes_are_cut(self, tmp_path):
        for folder, parts in (
            ("a", {"x": b"12", "y": b"3"}),
            ("b", {"x": b"1", "y": b"23"}),
            ("c", {"x": b"12", "z": b"3"}),
        ):
            (tmp_path / folder).mkdir()
            for name, content in parts.items():
                (tmp_path / folder / name).write_bytes(content)
        assert len({sha256_of(tmp_path / folder) for folder in "abc"}) == 3

    def test_a_large_file_is_read_in_blocks_to_the_same_fingerprint(self, tmp_path, monkeypatch):
        (tmp_path / "a").write_bytes(bytes(range(256)) * 40)
        whole = sha256_of(tmp_path / "a")
        monkeypatch.setattr("shuibao.io.files.BLOCK", 7)
        assert sha256_of(tmp_path / "a") == whole

    def test_companions_of_a_shapefile_are_found_and_others_not(self, tmp_path):
        for name in ("a.shp", "A.PRJ", "a.dbf", "a.shp.xml", "ab.prj", "a.txt"):
            (tmp_path / name).write_bytes(b"x")
        assert [p.name for p in sidecars(tmp_path / "a.shp")] == ["A.PRJ", "a.dbf", "a.shp.xml"]
        assert sidecar(tmp_path / "a.shp", ".prj").name == "A.PRJ"
        assert sidecar(tmp_path / "a.shp", ".cpg") is None
        assert sidecars(tmp_path) == []
