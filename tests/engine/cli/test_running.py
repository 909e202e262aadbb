"""Running the command line: errors become a sentence and a code, progress goes to standard error."""

import pytest
import typer
from rich.console import Console

from shuibao.cli import running
from shuibao.cli.running import progress_bar, run
from shuibao.errors import (
    Cancelled,
    CoordinateError,
    InputError,
    ResourceError,
    ShuibaoError,
    SourceError,
)


def failing(error):
    """An app whose one command fails so."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    return app


@pytest.fixture
def alone(monkeypatch):
    """No arguments of the test runner reach the app."""
    monkeypatch.setattr("sys.argv", ["shuibao"])


@pytest.fixture
def heard(monkeypatch):
    """What goes to the console of errors, as plain text."""
    console = Console(record=True, width=200, highlight=False, file=open("/dev/null", "w"))  # noqa: SIM115
    monkeypatch.setattr(running, "errors", console)
    yield console.export_text
    console.file.close()


@pytest.mark.usefixtures("alone")
class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "code", "title"),
        [
            (InputError, 2, "数据有误"),
            (SourceError, 3, "文件有误"),
            (CoordinateError, 4, "坐标有误"),
            (ResourceError, 5, "资源不足"),
            (Cancelled, 130, "已取消"),
            (ShuibaoError, 1, "出错"),
        ],
    )
    def test_each_kind_ends_with_its_code_under_its_chinese_title(self, heard, kind, code, title):
        with pytest.raises(SystemExit) as end:
            run(failing(kind("the cell is too large", where="county.toml", remedy="Make it smaller.")))
        assert end.value.code == code
        assert heard() == f"{title} {kind.__name__}  county.toml: the cell is too large. Make it smaller.\n"

    @pytest.mark.parametrize("name", ["[red]县[/red]", "[/]", "[link=x]", "a[0]", "[b]"])
    def test_names_that_look_like_markup_are_shown_as_they_are(self, heard, name):
        with pytest.raises(SystemExit):
            run(failing(InputError(f"no township {name}")))
        assert f"no township {name}." in heard()

    def test_a_long_message_is_not_broken_into_lines(self, heard):
        with pytest.raises(SystemExit):
            run(failing(InputError("数" * 300)))
        assert heard().count("\n") == 1

    def test_an_error_that_nobody_foresaw_keeps_its_trace(self):
        with pytest.raises(ZeroDivisionError):
            run(failing(ZeroDivisionError("a defect of ours")))

    def test_nothing_of_an_error_goes_to_standard_output(self, capsys):
        with pytest.raises(SystemExit):
            run(failing(InputError("no rows")))
        assert capsys.readouterr().out == ""


class TestProgress:
    def test_without_a_terminal_each_stage_is_one_line_on_standard_error(self, capsys):
        with progress_bar() as report:
            for done in (0.0, 0.01, 0.02):
                report(done, "reading the ground")
            report(0.5, "letting it rain")
            report(1.0, "done")
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == ["  0%  reading the ground", " 50%  letting it rain", "100%  done"]

    def test_a_stage_that_comes_again_later_is_told_again(self, capsys):
        with progress_bar() as report:
            for message in ("filling", "carving", "filling"):
                report(0.3, message)
        assert [line.split()[-1] for line in capsys.readouterr().err.splitlines()] == ["filling", "carving", "filling"]

    def test_brackets_in_a_stage_are_no_markup(self, capsys):
        with progress_bar() as report:
            report(0.25, "reading [red]县[/red]")
        assert capsys.readouterr().err == " 25%  reading [red]县[/red]\n"

    def test_quiet_says_nothing_at_all(self, capsys):
        with progress_bar(quiet=True) as report:
            report(0.5, "half way")
        assert capsys.readouterr() == ("", "")

    def test_on_a_terminal_a_bar_moves_and_is_gone_afterwards(self, monkeypatch, tmp_path):
        with (tmp_path / "screen").open("w+", encoding="utf-8") as screen:
            console = Console(file=screen, force_terminal=True, width=100, color_system=None, highlight=False)
            monkeypatch.setattr(running, "errors", console)
            with progress_bar() as report:
                report(0.42, "carving the ground")
            screen.seek(0)
            shown = screen.read()
        assert "carving the ground" in shown
        assert "42%" in shown
        assert shown.rstrip().endswith("\x1b[2K"), "the line of the bar is wiped"

    def test_names_in_brackets_stay_whole_on_a_terminal(self, monkeypatch, tmp_path):
        with (tmp_path / "screen").open("w+", encoding="utf-8") as screen:
            console = Console(file=screen, force_terminal=True, width=100, color_system=None, highlight=False)
            monkeypatch.setattr(running, "errors", console)
            with progress_bar() as report:
                report(0.5, "reading [red]县[/red] [/]")
            screen.seek(0)
            assert "reading [red]县[/red] [/]" in screen.read()

    @pytest.mark.parametrize("quiet", [False, True])
    def test_ctrl_c_becomes_a_word_and_no_trace(self, quiet):
        with pytest.raises(Cancelled, match="stopped by the user") as stopped, progress_bar(quiet=quiet):
            raise KeyboardInterrupt
        assert stopped.value.exit_code == 130
        assert stopped.value.__suppress_context__

    def test_other_errors_pass_the_bar_unchanged(self):
        error = InputError("no rows")
        with pytest.raises(InputError) as passed, progress_bar():
            raise error
        assert passed.value is error
