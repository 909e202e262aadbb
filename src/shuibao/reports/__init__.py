"""Reports: the page, the map sheets and the charts of a product, from what a study hands over.

`write_report(ReportContent(...), folder)` is the door; colours and hatches stand in `style.toml`, headings in `headings.csv`.
"""

from .content import ReportContent
from .style import style
from .write import write_report

__all__ = ["ReportContent", "style", "write_report"]
