"""Options of `shuibao monitor` made from the spec of the methods."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from ..studies.spec import Methods


def with_methods(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option a field of `Methods`; what the user sets arrives in its argument `methods`."""
    names = list(Methods.model_fields)

    @functools.wraps(command)
    def _wrapped(**given: Any) -> None:
        chosen = {n: v for n in names if (v := given.pop(n)) is not None}
        command(**given, methods=chosen)

    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "methods"]
    extra = [_option(n) for n in names]
    _wrapped.__signature__ = inspect.Signature([*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *extra])  # type: ignore[attr-defined]
    _wrapped.__annotations__ = {p.name: p.annotation for p in [*own, *extra]}
    return _wrapped


def _option(name: str) -> inspect.Parameter:
    info = Methods.model_fields[name]
    flag = f"--{name.replace('_', '-')}"
    kind, help_text = _plain(info.annotation), info.description or ""
    choices = [str(a) for a in get_args(info.annotation)] if get_origin(info.annotation) is Literal else []
    if choices:
        help_text += f" ({' | '.join(choices)})"
    flags = f"{flag}/--no-{name.replace('_', '-')}" if kind is bool else flag
    option = typer.Option(
        flags, help=help_text, rich_help_panel="Methods, instead of those in the county file", show_default=False
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _plain(annotation: Any) -> Any:
    if get_origin(annotation) is Literal:
        return str
    kinds = [a for a in get_args(annotation) if a is not type(None)]
    return kinds[0] if kinds else annotation
