"""What can go wrong, in five classes.

Every message says where it is, what was found, what was expected and the way out.
"""


class ShuibaoError(Exception):
    """The mother of all errors of Shuibao.

    found: what was found, a sentence without its full stop
    expected: what was expected instead
    where: the file, layer, row or parameter concerned
    remedy: the way out, a whole sentence
    """

    title_zh = "出错"
    exit_code = 1

    def __init__(self, found: str, *, expected: str = "", where: str = "", remedy: str = "") -> None:
        self.found, self.expected, self.where, self.remedy = found, expected, where, remedy
        text = f"{where}: {found}" if where else found
        text += f"; expected {expected}" if expected else ""
        super().__init__(f"{text.rstrip('.')}.{' ' + remedy if remedy else ''}")


class InputError(ShuibaoError):
    """A value, a parameter or a table row that cannot be right (数据有误)."""

    title_zh = "数据有误"
    exit_code = 2


class SourceError(ShuibaoError):
    """A file that is missing, broken, of another kind or in an unknown encoding (文件有误)."""

    title_zh = "文件有误"
    exit_code = 3


class CoordinateError(ShuibaoError):
    """A coordinate system, datum, zone or grid that is wrong, missing or does not fit (坐标有误)."""

    title_zh = "坐标有误"
    exit_code = 4


class ResourceError(ShuibaoError):
    """Not enough disk, memory or rights (资源不足)."""

    title_zh = "资源不足"
    exit_code = 5


class Cancelled(ShuibaoError):  # noqa: N818  it is no error
    """The user stopped the work (已取消)."""

    title_zh = "已取消"
    exit_code = 130
