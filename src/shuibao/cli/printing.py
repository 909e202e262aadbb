"""What the commands print: headline, problems, comparison, tables. Chinese first, English beside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

if TYPE_CHECKING:
    import pandas as pd

    from ..studies.comparison import Comparison
    from ..studies.findings import Finding

console = Console(highlight=False, emoji=False)

CLASSES = {
    "slight": "微度",
    "light": "轻度",
    "moderate": "中度",
    "intense": "强烈",
    "very_intense": "极强烈",
    "severe": "剧烈",
}
KINDS = {"statutory": "法定口径 statutory", "scientific": "科学口径 scientific"}


def say(text: str) -> None:
    """Print one line or several, with markup."""
    console.print(text, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print JSON on standard output and nothing else; numbers that are none are null."""
    from ..io.manifest import plain

    print(json.dumps(plain(value), ensure_ascii=False, indent=1))


def print_summary(summary: Mapping[str, Any]) -> None:
    """Print the headline and the classes of one product."""
    made = "  [yellow]合成数据 SYNTHETIC[/yellow]" if summary["synthetic"] else ""
    say(f"\n[bold]{escape(summary['county']['name'])} {summary['year']}[/bold]  {KINDS[summary['kind']]}{made}")
    say(
        f"  水土保持率 conservation rate   [bold green]{summary['conservation_rate_percent']:.2f} %[/bold green]{_against_targets(summary)}"
    )
    say(f"  流失面积 eroded area           {summary['eroded_area_km2']:,.2f} of {summary['total_area_km2']:,.2f} km²")
    say(f"  平均侵蚀模数 mean modulus      {summary['mean_modulus_t_km2_a']:,.0f} t/(km²·a)")
    shares = "  ".join(f"{CLASSES[k]} {v:,.2f}" for k, v in summary["class_area_km2"].items())
    say(f"  分级面积 classes (km²)         {shares}")
    if summary["nodata_area_km2"] > 0:
        low, high = summary["rate_bounds_percent"]
        say(
            f"  [yellow]缺数据 unknown {summary['nodata_area_km2']:,.2f} km²；率界 bounds {low:.2f}–{high:.2f} %[/yellow]"
        )
    rows = len(summary["provisional_rows"])
    if rows or summary["warnings"]:
        say(f"  暂定参数 provisional rows {rows}，提示 warnings {len(summary['warnings'])}（见报告 see the report）")


def print_problems(findings: Sequence[Finding]) -> None:
    """Print every problem of a county, errors first."""
    for finding in sorted(findings, key=lambda f: f.severity):
        colour, mark = ("red", "错误 error") if finding.severity == "error" else ("yellow", "提示 warning")
        say(f"[{colour}]{mark}[/{colour}]  {escape(finding.message)}\n       {escape(finding.message_zh)}")
    wrong = sum(f.severity == "error" for f in findings)
    say(f"[red]{wrong} 处错误 errors[/red]" if wrong else "[green]可以计算 ready to run[/green]")


def show_comparison(result: Comparison) -> None:
    """Print how two products differ."""
    say(f"[bold]{result.before['year']} → {result.after['year']}[/bold]")
    for line in result.differences:
        say(f"  [yellow]不可直接比较 not alike: {escape(line)}[/yellow]")
    change = result.rate_change
    say(
        f"  水土保持率 conservation rate  {result.before['conservation_rate_percent']:.2f} → {result.after['conservation_rate_percent']:.2f} %  ({change:+.2f})"
    )
    named = result.classes.assign(**{"class": result.classes["class"].map(CLASSES)})
    print_frame(named.round(2).set_axis(["等级 class", "前 before km²", "后 after km²", "变化 change"], axis=1))
    places = result.places[["name", "conservation_rate_percent_before", "conservation_rate_percent_after", "change"]]
    print_frame(places.round(2).set_axis(["地区 place", "前 before %", "后 after %", "变化 change"], axis=1))


def print_frame(frame: pd.DataFrame) -> None:
    """Print a table as it stands."""
    import pandas as pd

    grid = Grid(show_edge=False, header_style="bold")
    for column in frame.columns:
        grid.add_column(
            escape(str(column)),
            justify="right" if pd.api.types.is_numeric_dtype(frame[column]) else "left",
            overflow="fold",
        )
    for row in frame.itertuples(index=False):
        grid.add_row(*(_cell(v) for v in row))
    console.print(grid)


def show_table(name: str | None, *, provisional: bool, as_json: bool) -> None:
    """Print one parameter table, or the list of them; `provisional` keeps only rows that await confirmation."""
    import pandas as pd

    from .. import tables

    if name is None and not provisional:
        frame = pd.DataFrame([_overview(n) for n in tables.names()])
    elif provisional:
        chosen = [name] if name else tables.names()
        frame = tables.provisional_rows(tables.load(n) for n in chosen)
    else:
        frame = tables.load(str(name)).rows
    if as_json:
        print_json(json.loads(frame.to_json(orient="records", force_ascii=False)))
    else:
        print_frame(frame)


def _overview(name: str) -> dict[str, Any]:
    from .. import tables

    rows = tables.load(name).rows
    return {"table": name, "rows": len(rows), **{s: int((rows["status"] == s).sum()) for s in tables.STATUSES}}


def _cell(value: Any) -> str:
    import pandas as pd

    if not isinstance(value, str) and pd.isna(value):
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else escape(str(value))


def _against_targets(summary: Mapping[str, Any]) -> str:
    due = [t for t in summary.get("targets", []) if t["year"] >= summary["year"]]
    if not due:
        return ""
    target = min(due, key=lambda t: t["year"])
    gap = summary["conservation_rate_percent"] - target["rate_percent"]
    return f"   {target['year']} 目标 target {target['rate_percent']:.2f} %  ({gap:+.2f})"
