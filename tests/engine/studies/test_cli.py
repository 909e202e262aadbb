"""The command line as a user meets it: help, headline, JSON for programs, exit codes."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from shuibao import __version__, tables
from shuibao.cli.app import app
from shuibao.studies.spec import Methods


def shuibao(*arguments):
    """Run the command in a process of its own; returns exit code, standard output and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "shuibao.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def call(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_version_is_printed():
    assert call("--version").output.strip() == f"shuibao {__version__}"


def test_every_method_of_the_spec_is_an_option():
    text = subprocess.run(
        [sys.executable, "-m", "shuibao.cli", "monitor", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "TERM": "dumb"},
    ).stdout
    assert all(f"--{name.replace('_', '-')}" in text for name in Methods.model_fields)


def test_a_run_prints_its_headline_and_says_where_the_report_is(pristine, tmp_path):
    code, out, err = shuibao("monitor", pristine, "--year", 2024, "--out", tmp_path / "p", "--max-length", 60)
    assert code == 0, err
    assert "水土保持率 conservation rate" in out
    assert "report.html" in out
    assert "100%" in err
    manifest = json.loads((tmp_path / "p/manifest.json").read_text(encoding="utf-8"))
    assert manifest["properties"]["shuibao:parameters"]["max_length"] == 60


def test_a_program_reads_json_and_nothing_else(products):
    result = call("show", products[2025].folder, "--json")
    assert json.loads(result.output) == json.loads(json.dumps(dict(products[2025].summary)))


def test_two_products_are_compared(products):
    first, second = products[2024].folder, products[2025].folder
    told = json.loads(call("compare", first, second, "--json").output)
    rates = [products[y].summary["conservation_rate_percent"] for y in (2024, 2025)]
    assert told["rate_change_points"] == pytest.approx(rates[1] - rates[0])
    assert told["differences"] == []
    assert sum(row["change"] for row in told["classes"]) == pytest.approx(0, abs=1e-9)
    assert "→" in call("compare", first, second).output


def test_a_comparison_can_be_kept_as_a_workbook(products, tmp_path):
    import pandas as pd

    path = tmp_path / "change.xlsx"
    assert call("compare", products[2024].folder, products[2025].folder, "--out", path).exit_code == 0
    sheets = pd.read_excel(path, sheet_name=None, header=None)
    assert len(sheets) == 4
    assert any("2024 → 2025" in str(v) for v in next(iter(sheets.values())).to_numpy().ravel())


def test_a_changed_file_is_found_by_verify(products, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(products[2024].folder, copy)
    (copy / "tables/land_use.csv").write_text("spoilt", encoding="utf-8")
    result = call("show", copy, "--verify")
    assert result.exit_code == 3
    assert "tables/land_use.csv" in result.output
    assert call("show", products[2024].folder, "--verify").exit_code == 0


def test_check_lists_problems_for_people_and_for_programs(county):
    (county.parent / "rain.csv").unlink()
    (county.parent / "dem.tif").unlink()
    result = call("check", county)
    assert result.exit_code == 2
    assert "rain.csv" in result.output
    assert "dem.tif" in result.output
    assert "2 处错误" in result.output
    found = json.loads(call("check", county, "--json").stdout)
    assert [f["severity"] for f in found].count("error") == 2


def test_check_of_a_sound_county_says_so(pristine):
    result = call("check", pristine)
    assert result.exit_code == 0
    assert "可以计算" in result.output


@pytest.mark.parametrize(
    ("spoil", "code", "told"),
    [
        (lambda text: text.replace("cell = 30.0", "cel = 30.0"), 2, "did you mean 'cell'"),
        (lambda text: text.replace("[grid]", "[grid"), 3, "not valid TOML"),
        (lambda text: text.replace("cell = 30.0", "cell = -1"), 2, "greater than 0"),
        (lambda text: text.replace('crs = "EPSG:4546"', 'crs = "EPSG:4490"'), 4, "not in metres"),
    ],
)
def test_a_wrong_county_file_ends_with_a_sentence_and_a_code(county, tmp_path, spoil, code, told):
    county.write_text(spoil(county.read_text(encoding="utf-8")), encoding="utf-8")
    found, out, err = shuibao("monitor", county, "--year", 2024, "--out", tmp_path / "p")
    assert found == code
    assert told in " ".join(err.split())
    assert "Traceback" not in err
    assert out == ""


def test_a_folder_that_is_no_product_is_said_to_be_none(tmp_path):
    code, _, err = shuibao("show", tmp_path)
    assert code == 3
    assert "not a product" in err


def test_the_tables_are_listed_with_their_status():
    listed = json.loads(call("tables", "--json").output)
    assert {row["table"] for row in listed} == set(tables.names())
    rows = json.loads(call("tables", "engineering_measures", "--json").output)
    assert rows[0].keys() >= {"code", "engineering_factor", "source", "status"}
    waiting = json.loads(call("tables", "--provisional", "--json").output)
    assert len(waiting) > 20
    assert "engineering_measures" in call("tables").output


def test_an_unknown_table_names_the_known_ones():
    code, _, err = shuibao("tables", "nonsense")
    assert code == 2
    assert "land_use_classes" in err
