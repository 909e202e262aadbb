"""Notes: what a reader of the result must be told, in English and Chinese."""


class Note(str):
    """A sentence in English that carries its Chinese."""

    zh: str

    def __new__(cls, english: str, chinese: str) -> "Note":
        """Join both; the string itself is the English."""
        note = super().__new__(cls, english)
        note.zh = chinese
        return note

    def __reduce__(self) -> tuple[type["Note"], tuple[str, str]]:
        return Note, (str(self), self.zh)
