"""How each number of the report was made: the formula, its basis and rounding, in both languages."""

from dataclasses import dataclass

from .content import ReportContent


@dataclass(frozen=True)
class Method:
    """One number: names, formula, explanation."""

    zh: str
    en: str
    formula: str
    text_zh: str
    text_en: str


METHODS = (
    Method(
        "水土保持率", "Conservation rate", "SWCR = (A − A流失) / A × 100 %",
        "A 为国土面积，A流失 为轻度及以上侵蚀面积；建设用地与水域保留在分母中。以未取整面积计算，结果四舍五入保留两位小数。",
        "A is the area of the territory, A流失 that of the light class and above; built-up land and water stay in the denominator. Computed from unrounded areas, then rounded half up to two decimals.",
    ),
    Method(
        "土壤流失量", "Soil loss", "A = R · K · L · S · B · E · T",
        "中国土壤流失方程（CSLE），单位 t/(hm²·a)；任一因子未知的栅格记为未知，不作零处理。",
        "The Chinese soil loss equation (CSLE), t/(hm²·a); a cell with any unknown factor is unknown, never zero.",
    ),
    Method(
        "侵蚀模数", "Erosion modulus", "M = 100 · A，平均模数 = Σ(M·a) / Σa",
        "单位 t/(km²·a)；平均值以椭球面栅格面积 a 加权，只计已知栅格。",
        "t/(km²·a); means are weighted by the cells' area a on the ellipsoid and count known cells only.",
    ),
    Method(
        "强度等级", "Intensity class", "容许流失量 ≤ 轻度 < 2500 ≤ 中度 < 5000 ≤ 强烈 < 8000 ≤ 极强烈 < 15000 ≤ 剧烈",
        "SL 190—2007，t/(km²·a)；低于所在类型区容许土壤流失量者为微度，容许值取自分区图层。",
        "SL 190-2007, t/(km²·a); slight is below the allowable loss of the zone, which is read from the zone layer.",
    ),
    Method(
        "面积", "Areas", "a = 平面面积 / 面积比例因子",
        "图上面积为椭球面面积，界线切割的栅格按实际比例计入；法定面积为登记数，两者分列。各等级之和等于总面积减未知面积。",
        "Map areas are areas on the ellipsoid, cells cut by a border count by their share inside; the statutory area is the registered one and stands apart.",
    ),
    Method(
        "与目标相差", "Distance to a target", "ΔA = (SWCR − 目标) / 100 × A",
        "百分点之差由两位小数的公布值相减；面积之差由未取整的水土保持率和图上总面积计算。",
        "Points are the difference of the two published values of two decimals; the area follows from the unrounded rate and the map area.",
    ),
    Method(
        "未知面积的影响", "Effect of unknown ground", "下限 = (A − A流失 − A未知) / A，上限 = (A − A流失) / A",
        "下限假定未知土地全部流失，上限假定全部未流失。",
        "The lower bound takes all unknown ground for eroded, the upper one none of it.",
    ),
)  # fmt: skip

COMPARED = Method(
    "与上期比较", "Change since the baseline", "Δ = 本期 − 上期",
    "仅在两期口径、R、K、LS、DEM、边界与程序版本一致时可直接比较。",
    "Only comparable where kind, R, K, LS, elevations, borders and version are the same for both.",
)  # fmt: skip


def methods(content: ReportContent) -> list[Method]:
    """The explanations that concern this report."""
    return [*METHODS, COMPARED] if content.baseline is not None else list(METHODS)
