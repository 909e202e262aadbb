"""Run the app: progress on standard error, errors as a sentence, Ctrl-C without a trace."""

import contextlib
import sys
from collections.abc import Iterator

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..errors import Cancelled, ShuibaoError
from ..progress import Progress as Report
from ..progress import silent
from .compiling import WORD, is_compiled

errors = Console(stderr=True, highlight=False, emoji=False)


def run(app: typer.Typer) -> None:
    """Run the command line and leave with its exit code; typer deals with wrong options itself."""
    try:
        app()
    except ShuibaoError as error:
        errors.print(
            f"[bold red]{error.title_zh} {type(error).__name__}[/bold red]  {escape(str(error))}", soft_wrap=True
        )
        sys.exit(error.exit_code)


@contextlib.contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Report]:
    """A progress callback that draws a bar on a terminal, and prints each stage once elsewhere; Ctrl-C becomes `Cancelled`."""
    try:
        with _bar(quiet) as report:
            yield report
    except KeyboardInterrupt:
        raise Cancelled("stopped by the user", remedy="Nothing half-written was left behind.") from None


@contextlib.contextmanager
def _bar(quiet: bool) -> Iterator[Report]:
    if quiet:
        yield silent
        return
    if not is_compiled():
        errors.print(f"[yellow]{WORD}[/yellow]", soft_wrap=True)
    if errors.is_terminal:
        columns = (
            TextColumn("{task.description:<44}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=errors, transient=True) as bar:
            task = bar.add_task("…", total=1.0)
            yield lambda done, message: bar.update(task, completed=done, description=message)
    else:
        yield _lines()


def _lines() -> Report:
    last = ""

    def _report(done: float, message: str) -> None:
        nonlocal last
        if message != last:
            last = message
            print(f"{done:4.0%}  {message}", file=sys.stderr, flush=True)

    return _report
