"""Options made from the spec of the methods: what the user sets arrives, what he leaves out does not."""

from typing import Annotated, Literal, get_args, get_origin

import pytest
import typer
from typer.testing import CliRunner

from shuibao.cli.methods import with_methods
from shuibao.studies.spec import Methods

FIELDS = Methods.model_fields
SWITCHES = [n for n, f in FIELDS.items() if f.annotation is bool]
CHOICES = {n: get_args(f.annotation) for n, f in FIELDS.items() if get_origin(f.annotation) is Literal}
NUMBERS = [n for n in FIELDS if n not in SWITCHES and n not in CHOICES]


def option(name):
    return "--" + name.replace("_", "-")


@pytest.fixture
def call():
    """Run a command of two own arguments; returns what arrived, and how it ended."""
    app, arrived = typer.Typer(), {}

    @app.command()
    @with_methods
    def monitor(
        county: Annotated[str, typer.Argument(help="county file")],
        year: Annotated[int, typer.Option(help="year")] = 2025,
        *,
        methods: dict[str, object],
    ) -> None:
        """Compute one year."""
        arrived.update(county=county, year=year, methods=methods)

    def run(*arguments):
        arrived.clear()
        result = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "300", "TERM": "dumb"})
        return dict(arrived), result

    return run


def test_what_is_not_said_does_not_arrive_so_that_the_county_file_decides(call):
    arrived, result = call("x.toml")
    assert result.exit_code == 0, result.output
    assert arrived == {"county": "x.toml", "year": 2025, "methods": {}}


def test_the_commands_own_options_stay_beside_the_methods(call):
    arrived, _ = call("x.toml", "--year", 2024, "--max-length", 60)
    assert arrived == {"county": "x.toml", "year": 2024, "methods": {"max_length": 60.0}}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_arrives_as_true_and_its_contrary_as_false(call, name):
    assert call("x.toml", option(name))[0]["methods"] == {name: True}
    assert call("x.toml", option(name).replace("--", "--no-", 1))[0]["methods"] == {name: False}


@pytest.mark.parametrize(("name", "choice"), [(n, c) for n, choices in CHOICES.items() for c in choices])
def test_every_choice_of_the_spec_passes_and_is_one_for_the_spec(call, name, choice):
    arrived, _ = call("x.toml", option(name), choice)
    assert arrived["methods"] == {name: choice}
    assert getattr(Methods(**arrived["methods"]), name) == choice


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_arrives_as_a_number_and_a_word_is_refused(call, name):
    arrived, _ = call("x.toml", option(name), "0.5")
    assert arrived["methods"] == {name: 0.5}
    arrived, result = call("x.toml", option(name), "much")
    assert arrived == {}
    assert result.exit_code == 2
    assert option(name) in result.output


@pytest.mark.parametrize("name", NUMBERS)
def test_zero_is_a_value_and_not_the_absence_of_one(call, name):
    assert call("x.toml", option(name), "0")[0]["methods"] == {name: 0.0}


def test_an_unknown_option_is_refused(call):
    arrived, result = call("x.toml", "--slope-lenght", "60")
    assert arrived == {}
    assert result.exit_code == 2


@pytest.mark.parametrize("name", FIELDS)
def test_help_names_every_method_with_its_description_and_its_choices(call, name):
    text = " ".join(call("--help")[1].output.replace("│", " ").split())
    assert option(name) in text
    assert str(FIELDS[name].description).split("[")[0].strip() in text
    assert all(choice in text for choice in CHOICES.get(name, ()))


@pytest.mark.parametrize("name", FIELDS)
def test_every_method_says_in_the_spec_what_it_is(name):
    assert FIELDS[name].description


def test_there_are_methods_of_every_sort():
    assert SWITCHES
    assert CHOICES
    assert NUMBERS
