"""The headline in plain sentences, Chinese and English, with the numbers as data."""

from markupsafe import Markup

from .content import ReportContent
from .findings import Change, Verdict, change, verdicts
from .numbers import datum, is_number

Sentence = tuple[Markup, Markup]


def headline(content: ReportContent) -> list[Sentence]:
    """What a reader should take away, most important first."""
    sentences = [_rate(content), *(_verdict(v, content) for v in verdicts(content))]
    compared = change(content)
    if compared is not None:
        sentences.append(_change(compared))
    return [*sentences, *_unknown(content)]


def _rate(content: ReportContent) -> Sentence:
    summary = content.summary
    rate, eroded, total = (
        datum(summary[k], kind)
        for k, kind in (
            ("conservation_rate_percent", "percent"),
            ("eroded_area_km2", "area"),
            ("total_area_km2", "area"),
        )
    )
    zh = Markup("{}年，{}水土保持率为 <b>{} %</b>：{} km² 土地中，轻度及以上侵蚀面积 {} km²。").format(
        summary["year"], content.county or "全区", rate, total, eroded
    )
    en = Markup(
        "In {} the conservation rate is <b>{} %</b>: of {} km² of land, {} km² erode at the light class or above."
    ).format(summary["year"], rate, total, eroded)
    return zh, en


def _verdict(verdict: Verdict, content: ReportContent) -> Sentence:
    target, points, area = (
        datum(verdict.target_percent, "percent"),
        datum(abs(verdict.points), "points"),
        datum(abs(verdict.area_km2), "area"),
    )
    due = verdict.year <= int(content.summary["year"])
    if verdict.met:
        zh = Markup("{}年目标 {} %：<b class='good'>已达到</b>，高出 {} 个百分点，相当于 {} km²。")
        en = Markup("Target {}, {} %: <b class='good'>met</b>, by {} points or {} km².")
    else:
        zh = Markup(
            "{}年目标 {} %%：<b class='%s'>%s</b>，相差 {} 个百分点，须再治理 {} km²。"
            % (("bad", "未达到") if due else ("open", "尚未达到"))
        )
        en = Markup(
            "Target {}, {} %%: <b class='%s'>%s</b>, short by {} points; {} km² remain to be treated."
            % (("bad", "missed") if due else ("open", "not yet met"))
        )
    if not verdict.certain:
        zh += Markup("<b class='bad'>未知面积足以改变这一判断。</b>")
        en += Markup(" <b class='bad'>The unknown ground could turn this verdict.</b>")
    numbers = (verdict.year, target, points, area)
    return zh.format(*numbers), en.format(*numbers)


def _change(compared: Change) -> Sentence:
    zh, en = _risen(compared) if compared.points or compared.eroded_area_km2 else _unchanged(compared)
    if not compared.same_kind:
        zh += Markup("<b class='bad'>两期口径不同，不可直接比较。</b>")
        en += Markup(" <b class='bad'>The two are of different kinds and cannot be compared directly.</b>")
    return zh, en


def _risen(compared: Change) -> Sentence:
    up, more = compared.points >= 0, compared.eroded_area_km2 > 0
    points, area = datum(abs(compared.points), "points"), datum(abs(compared.eroded_area_km2), "area")
    zh = Markup("与{}年相比，水土保持率{} {} 个百分点，水土流失面积{} {} km²。").format(
        compared.year, "上升" if up else "下降", points, "增加" if more else "减少", area
    )
    en = Markup("Since {} the rate has {} by {} points and the eroded area has {} by {} km².").format(
        compared.year, "risen" if up else "fallen", points, "grown" if more else "shrunk", area
    )
    return zh, en


def _unchanged(compared: Change) -> Sentence:
    zh = Markup("与{}年相比，水土保持率未变，水土流失面积未变。").format(compared.year)
    return zh, Markup("Since {} the rate and the eroded area are unchanged.").format(compared.year)


def _unknown(content: ReportContent) -> list[Sentence]:
    summary = content.summary
    area, bounds = summary.get("nodata_area_km2"), summary.get("rate_bounds_percent")
    if not is_number(area) or area == 0:
        return []
    zh = Markup("另有 {} km² 缺少数据，未判定等级").format(datum(area, "area"))
    en = Markup("{} km² lack data and have no class").format(datum(area, "area"))
    if bounds and all(is_number(b) for b in bounds):
        low, high = (datum(b, "percent") for b in bounds)
        zh += Markup("：若全部为流失，水土保持率为 {} %；若全部未流失，为 {} %").format(low, high)
        en += Markup(": if all of it erodes the rate is {} %, if none does it is {} %").format(low, high)
    return [(zh + "。", en + ".")]
