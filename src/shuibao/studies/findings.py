"""What a study noticed: problems that stop it and warnings that travel with the product, in both languages."""

from dataclasses import asdict, dataclass
from typing import Literal

from ..errors import ShuibaoError


@dataclass(frozen=True)
class Finding:
    """One thing noticed.

    code: short, stable name, such as `unknown_ground`
    where: file, layer, or field of the county file
    """

    code: str
    message: str
    message_zh: str
    where: str = ""
    severity: Literal["error", "warning"] = "warning"

    def record(self) -> dict[str, str]:
        """As it stands in `summary.json`."""
        return asdict(self)


def from_error(error: ShuibaoError, where: str = "") -> Finding:
    """An error as a finding, so that a check can go on and list all of them."""
    place = error.where or where
    return Finding(type(error).__name__, str(error), f"{error.title_zh}：{place or error.found}", place, "error")
