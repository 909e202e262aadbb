"""The import contracts hold, and they can fail."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lint(folder):
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_hold():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "4 kept, 0 broken" in result.stdout


def test_a_formula_that_opens_files_is_caught(tmp_path):
    package = tmp_path / "src" / "house"
    for name in ("erosion", "io"):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text("from house import io\n" if name == "erosion" else "")
    (package / "__init__.py").write_text("")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n[importlinter:contract:1]\nname = order\ntype = layers\ncontainers = house\nlayers =\n    io\n    erosion\n"
    )
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert result.returncode == 1
    assert "house.erosion is not allowed to import house.io" in result.stdout
