"""The commands. Each opens the part it needs when it runs, so that `shuibao --help` is quick."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from .. import __version__
from ..errors import InputError
from .methods import with_methods
from .printing import print_json, print_problems, print_summary, say, show_comparison, show_table
from .running import progress_bar, run

app = typer.Typer(
    help="Shuibao 水保: from a county's files to its conservation rate (水土保持率).",
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich",
)  # fmt: skip

CountyPath = Annotated[Path, typer.Argument(metavar="COUNTY.toml", help="county file")]
ProductPath = Annotated[Path, typer.Argument(metavar="PRODUCT", help="product folder")]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="folder of the data, instead of that in the county file")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON for a program")]
CellOption = Annotated[float, typer.Option(min=10, max=500, help="cell size [m]")]
SeedOption = Annotated[int, typer.Option(min=0, help="seed of the made ground")]


def main() -> None:
    """Run the command line; errors become a sentence and an exit code."""
    run(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"shuibao {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    pass


@app.command("demo")
def demo(
    folder: Annotated[Path, typer.Argument(help="where to put it")] = Path("demo"),
    cell: CellOption = 30.0,
    seed: SeedOption = 1,
    show: Annotated[bool, typer.Option("--open", help="open the report where there is a browser")] = False,
) -> None:
    """Make the demonstration county, monitor two years, and say where the report is."""
    from ..studies.demonstration import run_demonstration

    with progress_bar() as progress:
        products = run_demonstration(folder, cell=cell, seed=seed, created=_now(), progress=progress)
    for product in products:
        print_summary(product.summary)
    report = products[-1].folder / "report.html"
    say(f"\n报告 report: [bold]{escape(str(report))}[/bold]")
    if show:
        _open(report)


@app.command("demo-county")
def demo_county(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a new or empty folder")],
    cell: CellOption = 30.0,
    seed: SeedOption = 1,
) -> None:
    """Write the files of the demonstration county: made ground in the frame of Ningwu."""
    from ..studies.demonstration import write_demonstration_county

    with progress_bar() as progress:
        path = write_demonstration_county(folder, cell=cell, seed=seed, progress=progress)
    say(
        f"县文件 county file: [bold]{escape(str(path))}[/bold]\n"
        f"  shuibao monitor {escape(str(path))} --year 2025 --out {escape(str(folder / 'products' / '2025'))}"
    )


@app.command("check")
def check(county: CountyPath, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Find every mistake in a county file and in the files it names."""
    from ..studies.checking import check_county

    with progress_bar(quiet=as_json) as progress:
        findings = check_county(county, data, progress=progress)
    if as_json:
        print_json([f.record() for f in findings])
    else:
        print_problems(findings)
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(InputError.exit_code)


@app.command("monitor")
@with_methods
def monitor(
    county: CountyPath,
    year: Annotated[int, typer.Option(help="year to monitor")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="product folder")],
    baseline: Annotated[
        Path | None, typer.Option(metavar="PRODUCT", help="product of an earlier year to compare with")
    ] = None,
    kind: Annotated[str, typer.Option(help="statutory or scientific")] = "statutory",
    data: DataOption = None,
    as_json: JsonOption = False,
    *,
    methods: dict[str, object],
) -> None:
    """Compute one year: factors, modulus, classes, conservation rate, tables, maps, report."""
    from ..studies.annual_monitoring import monitor_year

    with progress_bar(quiet=as_json) as progress:
        product = monitor_year(
            county,
            year,
            out,
            kind=kind,
            data=data,
            baseline=baseline,
            methods=methods,
            created=_now(),
            progress=progress,
        )
    if as_json:
        print_json(product.summary)
    else:
        print_summary(product.summary)
        say(f"\n报告 report: [bold]{escape(str(product.folder / 'report.html'))}[/bold]")


@app.command("compare")
def compare(
    before: ProductPath, after: ProductPath,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.xlsx", help="write the tables to an Excel file")] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Compare two products: rate, classes, transitions; first whether they are alike in method."""
    from ..studies.comparison import compare_products

    result = compare_products(before, after, workbook=out)
    if as_json:
        print_json(result.record())
    else:
        show_comparison(result)


@app.command("show")
def show(
    product: ProductPath,
    verify: Annotated[bool, typer.Option("--verify", help="check every file against its checksum")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the headline of a product."""
    from ..io import open_product

    opened = open_product(product)
    changed = opened.verify() if verify else []
    if as_json:
        print_json({**opened.summary, "changed_files": changed} if verify else opened.summary)
    else:
        print_summary(opened.summary)
        if verify:
            say(
                "[red]改动的文件 changed: " + escape(", ".join(changed)) + "[/red]"
                if changed
                else "[green]校验一致 all checksums hold[/green]"
            )
    if changed:
        raise typer.Exit(3)


@app.command("tables")
def tables(
    name: Annotated[str | None, typer.Argument(help="one table; all of them, if absent")] = None,
    provisional: Annotated[bool, typer.Option("--provisional", help="only rows that await confirmation")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the parameter tables with source and status."""
    show_table(name, provisional=provisional, as_json=as_json)


@app.command("warm-up")
def warm_up() -> None:
    """Compile the kernels once, so that the first run is as quick as the next."""
    from ..studies.warm_up import compile_kernels

    with progress_bar() as progress:
        compile_kernels(progress)


def _now() -> dt.datetime:
    """The clock is asked here and nowhere else."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _open(report: Path) -> None:
    import os
    import sys
    import webbrowser

    if os.environ.get("CI") or (
        sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    ):
        say("没有图形桌面，请用浏览器打开上面的报告 (no desktop here: open the report in a browser)")
        return
    webbrowser.open(report.resolve().as_uri())
