"""A product appears whole or not at all, whatever ends the run."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from processes import hear_ctrl_c
from product_samples import NOON, small, soil_loss, writer

from shuibao.errors import Cancelled, InputError, ResourceError, SourceError
from shuibao.io import open_product, product_folders, products

SAMPLES = Path(__file__).parents[1]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_the_folder_appears_only_at_the_end(tmp_path):
    with writer(tmp_path / "p") as product:
        product.raster("soil_loss", soil_loss())
        assert not (tmp_path / "p").exists()
        product.finish({}, created=NOON)
        assert not (tmp_path / "p").exists()
    assert names(tmp_path) == ["p"]


def test_an_older_product_is_replaced_whole(tmp_path):
    small(tmp_path / "p")
    with writer(tmp_path / "p", year=2026) as product:
        product.finish({"year": 2026}, created=NOON)
        assert open_product(tmp_path / "p").summary["year"] == 2025
    assert open_product(tmp_path / "p").summary["year"] == 2026
    assert names(tmp_path / "p") == ["manifest.json", "summary.json"]
    assert names(tmp_path) == ["p"]


def test_where_folders_cannot_change_places_the_old_one_steps_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(product_folders, "_exchange", lambda one, other: False)
    test_an_older_product_is_replaced_whole(tmp_path)


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), Cancelled("stopped")])
def test_whatever_goes_wrong_the_old_product_stays(tmp_path, error):
    small(tmp_path / "p")
    before = open_product(tmp_path / "p").manifest
    with pytest.raises(type(error)), writer(tmp_path / "p") as product:  # noqa: PT012
        product.raster("soil_loss", soil_loss(3))
        product.finish({}, created=NOON)
        raise error
    assert open_product(tmp_path / "p").manifest == before
    assert open_product(tmp_path / "p").verify() == []
    assert names(tmp_path) == ["p"]


def test_a_product_without_finish_is_none(tmp_path):
    with pytest.raises(InputError, match="without `finish`"), writer(tmp_path / "p") as product:
        product.raster("soil_loss", soil_loss())
    assert names(tmp_path) == []


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from product_samples import soil_loss, writer
with writer(Path(sys.argv[2])) as product:
    product.raster("soil_loss", soil_loss(5))
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def running(tmp_path):
    """A process in the middle of writing over a product."""
    small(tmp_path / "p")
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(SAMPLES), str(tmp_path / "p")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c)
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.wait()


def test_a_killed_run_leaves_the_old_product_and_the_next_run_clears_up(tmp_path, running):
    left = f".p.partial-{running.pid}"
    assert names(tmp_path) == sorted([left, f"{left}.lock", "p"])
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert open_product(tmp_path / "p").verify() == []
    assert (tmp_path / left / "layers/soil_loss.tif").exists()
    small(tmp_path / "p", year=2024)
    assert names(tmp_path) == ["p"]
    assert open_product(tmp_path / "p").summary["year"] == 2024


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one child")
def test_ctrl_c_leaves_nothing_but_the_old_product(tmp_path, running):
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) != 0
    assert names(tmp_path) == ["p"]
    assert open_product(tmp_path / "p").verify() == []


def test_a_run_beside_a_living_one_is_refused(tmp_path, running):
    with pytest.raises(ResourceError, match=r"another run is writing.*one run at a time"), writer(tmp_path / "p"):
        pass
    assert running.poll() is None
    assert len(names(tmp_path)) == 3


def test_a_run_killed_between_the_two_renames_is_mended(tmp_path):
    small(tmp_path / "p")
    (tmp_path / "p").rename(tmp_path / ".p.replaced")
    with pytest.raises(ValueError, match="stop"), writer(tmp_path / "p"):  # noqa: PT012
        assert open_product(tmp_path / "p").summary["year"] == 2025
        raise ValueError("stop")
    assert names(tmp_path) == ["p"]


def test_leftovers_of_another_product_stay(tmp_path):
    (tmp_path / ".pq.partial-1").mkdir()
    (tmp_path / ".p2.partial-1").mkdir()
    small(tmp_path / "p")
    assert names(tmp_path) == [".p2.partial-1", ".pq.partial-1", "p"]


class TestStrangers:
    def refused(self, place: Path) -> None:
        with pytest.raises(SourceError, match="not a product"), writer(place):
            pytest.fail("the block began")

    def test_a_folder_with_other_things(self, tmp_path):
        (tmp_path / "p").mkdir()
        (tmp_path / "p" / "thesis.docx").write_bytes(b"years of work")
        self.refused(tmp_path / "p")
        assert (tmp_path / "p" / "thesis.docx").exists()

    def test_a_file(self, tmp_path):
        (tmp_path / "p").write_bytes(b"x")
        self.refused(tmp_path / "p")

    def test_a_link(self, tmp_path):
        small(tmp_path / "real")
        (tmp_path / "p").symlink_to(tmp_path / "real")
        self.refused(tmp_path / "p")

    def test_a_stranger_that_came_during_the_run(self, tmp_path):
        with pytest.raises(SourceError, match="not a product"), writer(tmp_path / "p") as product:  # noqa: PT012
            product.finish({}, created=NOON)
            (tmp_path / "p").mkdir()
            (tmp_path / "p" / "thesis.docx").write_bytes(b"years of work")
        assert names(tmp_path) == ["p"]
        assert names(tmp_path / "p") == ["thesis.docx"]

    def test_an_empty_folder_is_free(self, tmp_path):
        (tmp_path / "p").mkdir()
        assert open_product(small(tmp_path / "p")).verify() == []


class TestFullDisk:
    def test_too_little_room_is_told_before_the_work(self, tmp_path, monkeypatch):
        usage = shutil.disk_usage(tmp_path)._replace(free=7_000_000)
        monkeypatch.setattr(product_folders.shutil, "disk_usage", lambda path: usage)
        with pytest.raises(ResourceError, match=r"7 MB free; expected about \d\d MB"), writer(tmp_path / "p"):
            pytest.fail("the block began")
        assert names(tmp_path) == []

    def test_no_space_left_becomes_a_plain_word(self, tmp_path, monkeypatch):
        small(tmp_path / "p")

        def full(*_, **__):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(products.shutil, "copyfile", full)
        with pytest.raises(ResourceError, match="the disk is full"), writer(tmp_path / "p") as product:
            product.file(Path(__file__), "pictures/x.png", "visual")
        assert open_product(tmp_path / "p").verify() == []
        assert names(tmp_path) == ["p"]

    def test_a_small_disk_that_fills_up(self, tmp_path, monkeypatch):
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("NO SMALL DISK: only root can mount a tmpfs; the full disk is simulated elsewhere")
        try:
            monkeypatch.setattr(products, "require_space", lambda folder, needed: None)
            monkeypatch.setattr("shuibao.io.analytic_rasters.require_space", lambda folder, needed: None)
            with pytest.raises(ResourceError, match="the disk is full: 1 MB free"), writer(disk / "p") as product:
                product.raster("soil_loss", soil_loss())
            with pytest.raises(ResourceError, match="the disk is full"), writer(disk / "p") as product:
                product.file(bytes(2_000_000), "pictures/x.png", "visual")
            assert names(disk) == []
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def test_a_disk_that_forbids(self, tmp_path, monkeypatch):
        def forbidden(*_, **__):
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", forbidden)
        with pytest.raises(ResourceError, match="no right to write"), writer(tmp_path / "p"):
            pytest.fail("the block began")


def test_an_error_of_our_own_passes_unchanged(tmp_path):
    with pytest.raises(InputError, match="mine"), product_folders.disk_trouble(tmp_path, 1 << 60):
        raise InputError("mine")
