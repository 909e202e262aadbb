"""The commands: which arguments they take, what they hand on, what they print and with which code they end."""

import datetime as dt
import json
from pathlib import Path

import pytest
from product_samples import NOON, writer
from typer.testing import CliRunner

from shuibao.cli.app import app
from shuibao.errors import Cancelled, InputError

SUMMARY = {
    "year": 2025, "kind": "statutory", "county": {"name": "宁武县", "code": "140925"}, "synthetic": True,
    "conservation_rate_percent": 56.0, "eroded_area_km2": 800.0, "total_area_km2": 1900.0, "mean_modulus_t_km2_a": 900.0,
    "class_area_km2": {"slight": 1100.0}, "nodata_area_km2": 0.0, "rate_bounds_percent": [56.0, 56.0],
    "provisional_rows": [], "warnings": [], "targets": [],
}  # fmt: skip
COMMANDS = ("demo", "demo-county", "check", "monitor", "compare", "show", "tables", "warm-up")


def call(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200", "TERM": "dumb"})


class Made:
    """What a study hands back."""

    def __init__(self, folder):
        self.folder, self.summary = Path(folder), SUMMARY


@pytest.fixture
def asked(monkeypatch):
    """What the studies are asked for, in place of their work."""
    found = {}

    def demonstration(folder, **options):
        found.update(folder=folder, **options)
        return [Made(folder / "2024"), Made(folder / "2025")]

    def county(folder, **options):
        found.update(folder=folder, **options)
        return folder / "county.toml"

    def year(county, year, out, **options):
        found.update(county=county, year=year, out=out, **options)
        return Made(out)

    monkeypatch.setattr("shuibao.studies.demonstration.run_demonstration", demonstration)
    monkeypatch.setattr("shuibao.studies.demonstration.write_demonstration_county", county)
    monkeypatch.setattr("shuibao.studies.annual_monitoring.monitor_year", year)
    return found


def test_without_a_command_the_commands_are_listed():
    text = call().output
    assert all(command in text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_in_one_sentence_what_it_does(command):
    result = call(command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output
    assert result.output.count(".") >= 1


class TestMonitor:
    def test_what_is_not_said_is_left_to_the_county_file(self, asked, tmp_path):
        result = call("monitor", "x.toml", "--year", 2025, "--out", tmp_path / "p")
        assert result.exit_code == 0, result.output
        assert asked["county"] == Path("x.toml")
        assert (asked["year"], asked["out"]) == (2025, tmp_path / "p")
        assert (asked["kind"], asked["methods"], asked["baseline"], asked["data"]) == ("statutory", {}, None, None)

    def test_every_option_arrives_where_it_belongs(self, asked, tmp_path):
        call("monitor", "x.toml", "--year", 2025, "--out", "p", "--kind", "scientific", "--data", tmp_path,
             "--baseline", "old", "--slope", "steepest", "--no-ephemeral-gullies")  # fmt: skip
        assert asked["kind"] == "scientific"
        assert asked["data"] == tmp_path
        assert asked["baseline"] == Path("old")
        assert asked["methods"] == {"slope": "steepest", "ephemeral_gullies": False}

    def test_the_clock_is_asked_once_and_has_its_zone(self, asked):
        call("monitor", "x.toml", "--year", 2025, "--out", "p")
        assert asked["created"].tzinfo == dt.UTC
        assert asked["created"].microsecond == 0

    @pytest.mark.parametrize("folder", ["[red]成果[/red]", "[b]p", "p[/]"])
    def test_a_folder_that_looks_like_markup_is_shown_as_it_is(self, asked, folder):
        result = call("monitor", "x.toml", "--year", 2025, "--out", folder)
        assert str(Path(folder) / "report.html") in result.output

    def test_a_program_gets_json_and_no_progress(self, asked):
        result = call("monitor", "x.toml", "--year", 2025, "--out", "p", "--json")
        assert json.loads(result.stdout) == SUMMARY
        assert result.stderr == ""

    @pytest.mark.parametrize("missing", ["--year", "--out"])
    def test_what_must_be_said_is_asked_for(self, asked, missing):
        options = {"--year": "2025", "--out": "p"}
        options.pop(missing)
        result = call("monitor", "x.toml", *[part for pair in options.items() for part in pair])
        assert result.exit_code == 2
        assert missing in result.output
        assert asked == {}

    def test_ctrl_c_during_the_work_is_a_cancelled_run(self, monkeypatch):
        def stopped(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr("shuibao.studies.annual_monitoring.monitor_year", stopped)
        result = call("monitor", "x.toml", "--year", 2025, "--out", "p")
        assert isinstance(result.exception, Cancelled)


class TestDemonstration:
    def test_both_years_are_shown_and_the_way_to_the_report(self, asked, tmp_path):
        result = call("demo", tmp_path / "d", "--cell", 240, "--seed", 7)
        assert result.exit_code == 0, result.output
        assert (asked["folder"], asked["cell"], asked["seed"]) == (tmp_path / "d", 240.0, 7)
        assert result.output.count("合成数据 SYNTHETIC") == 2
        assert str(tmp_path / "d" / "2025" / "report.html") in result.output

    @pytest.mark.parametrize("option", [("--cell", 9), ("--cell", 501), ("--seed", -1), ("--cell", "fine")])
    @pytest.mark.parametrize("command", ["demo", "demo-county"])
    def test_bounds_are_told_before_any_work(self, asked, tmp_path, command, option):
        result = call(command, tmp_path / "d", *option)
        assert result.exit_code == 2
        assert option[0] in result.output
        assert asked == {}

    def test_the_next_command_is_written_out_for_the_county_that_was_made(self, asked, tmp_path):
        result = call("demo-county", tmp_path / "[a]")
        assert f"shuibao monitor {tmp_path / '[a]' / 'county.toml'} --year 2025" in result.output

    def test_without_a_desktop_the_report_is_not_opened_but_its_place_told(self, asked, monkeypatch, tmp_path):
        monkeypatch.setenv("CI", "1")
        monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail(f"opened {url}"))
        assert "no desktop here" in call("demo", tmp_path / "d", "--open").output

    def test_with_a_desktop_it_is_opened_by_its_address(self, asked, monkeypatch, tmp_path):
        opened = []
        monkeypatch.delenv("CI", raising=False)
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setattr("webbrowser.open", opened.append)
        call("demo", tmp_path / "d", "--open")
        assert opened == [(tmp_path / "d" / "2025" / "report.html").as_uri()]


class TestShow:
    @pytest.fixture
    def product(self, tmp_path):
        with writer(tmp_path / "p") as product:
            product.file(b"x", "pictures/[red]图[/red].png", "visual")
            product.finish(SUMMARY, created=NOON)
        return tmp_path / "p"

    def test_a_changed_file_is_named_as_it_is_and_ends_with_the_code_of_files(self, product):
        (product / "pictures/[red]图[/red].png").write_bytes(b"y")
        result = call("show", product, "--verify")
        assert result.exit_code == 3
        assert "改动的文件 changed: pictures/[red]图[/red].png" in result.output

    def test_a_program_is_told_of_changed_files_too(self, product):
        (product / "notes.txt").write_text("mine")
        result = call("show", product, "--verify", "--json")
        assert result.exit_code == 3
        assert json.loads(result.stdout)["changed_files"] == ["notes.txt"]

    def test_without_verify_nothing_is_said_of_checksums(self, product):
        (product / "notes.txt").write_text("mine")
        result = call("show", product)
        assert result.exit_code == 0
        assert "checksums" not in result.output
        assert "changed_files" not in json.loads(call("show", product, "--json").stdout)


def test_a_study_that_fails_hands_its_error_on_unchanged(monkeypatch):
    error = InputError("no rain of 2025")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr("shuibao.studies.annual_monitoring.monitor_year", fail)
    assert call("monitor", "x.toml", "--year", 2025, "--out", "p").exception is error


def test_kernels_are_compiled_with_progress_on_standard_error(monkeypatch):
    monkeypatch.setattr("shuibao.studies.warm_up.compile_kernels", lambda progress: progress(1.0, "compiled"))
    result = call("warm-up")
    assert result.exit_code == 0
    assert "100%  compiled" in result.stderr
    assert result.stdout == ""
