"""What must be true of the house itself."""

import ast
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from shuibao import quantities, tables
from shuibao.studies.spec_page import county_file_page

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
CODE = "\n".join(p.read_text(encoding="utf-8") for p in SOURCES)


@pytest.mark.parametrize("quantity", quantities.all_quantities().values(), ids=lambda q: q.name)
def test_a_quantity_has_names_unit_range_and_source(quantity):
    assert re.search(r"[\u4e00-\u9fff]", quantity.zh), "Chinese name"
    assert quantity.en
    assert quantity.units
    assert quantity.source
    assert quantity.low < quantity.high
    assert quantity.kind in ("continuous", "categorical")
    assert quantity.align in ("average", "bilinear", "nearest", "mode")
    assert (quantity.kind == "categorical") <= (quantity.align in ("nearest", "mode")), "codes cannot be averaged"


SLOTS = {"construction_county"}
"""Tables that ship empty, for the user to fill."""


@pytest.mark.parametrize("name", tables.names())
def test_every_row_of_a_table_has_source_and_status(name):
    rows = tables.load(name).rows
    assert rows.empty == (name in SLOTS)
    assert rows["source"].astype(str).str.strip().str.len().gt(2).all()
    assert set(rows["status"]) <= set(tables.STATUSES)
    begun = pd.to_datetime(rows["valid_from"], errors="raise")
    ended = pd.to_datetime(rows["valid_to"], errors="raise")
    assert not (begun > ended).any()


def test_a_table_knows_its_provisional_rows():
    found = pd.concat([tables.load(n).provisional() for n in tables.names()])
    assert len(found) > 20
    assert set(found.columns) == {"table", "row", "source"}


def test_every_decision_is_listed_and_every_listed_decision_exists():
    folder = ROOT / "docs/decisions"
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {p.name for p in folder.glob("0*.md")}
    assert len(listed) >= 5


def test_the_glossary_names_every_quantity_and_nothing_that_the_code_lacks():
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\|[^|]*\|[^|]*\| `(\w+)` \|", text, re.M))
    assert set(quantities.all_quantities()) <= named
    known = CODE + "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.csv") if p.parent.name == "tables"
    )
    assert sorted(n for n in named if not re.search(rf"\b{n}\w*", known)) == []


def test_the_page_of_the_county_file_is_that_of_the_spec():
    page = (ROOT / "docs/county_file.md").read_text(encoding="utf-8")
    assert page == county_file_page(), "run: python -m shuibao.studies.spec_page > docs/county_file.md"


def outer(tree):
    """What stands in a module or its classes, without what functions keep to themselves."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.ClassDef):
            yield from node.body


def test_every_public_function_of_the_engine_says_what_it_does():
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in outer(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert len(SOURCES) > 30
    assert bare == []


def test_no_file_names_a_machine_or_a_registry():
    suspects = re.compile(r"/(?:root|work|home/\w+)/|pypi\.org/simple|registry\.npmjs|deb\.debian\.org")
    texts = [
        p
        for p in ROOT.rglob("*")
        if p.suffix in {".py", ".md", ".toml", ".csv", ".html", ".cff", ".j2", ""} and p.is_file()
    ]
    ours = [
        p
        for p in texts
        if not {".git", ".venv", ".cache", ".hypothesis", "demo"} & set(p.relative_to(ROOT).parts)
        and "cache" not in str(p)
    ]
    own = Path(__file__).resolve()
    found = [
        str(p) for p in ours if p.resolve() != own and suspects.search(p.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert len(ours) > 50
    assert found == []


def test_the_version_stands_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    import shuibao

    assert f"version: {shuibao.__version__}" in citation
    assert f"## {shuibao.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_timing_decides_a_test():
    own = Path(__file__).resolve()
    guilty = [
        p.name
        for p in (ROOT / "tests").rglob("test_*.py")
        if p.resolve() != own and "perf_counter" in p.read_text(encoding="utf-8")
    ]
    assert guilty == []
