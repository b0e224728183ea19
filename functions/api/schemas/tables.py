"""Answers about the tables of a release: what each row and column means."""

from functions.api.schemas.base import Answer


class TableColumn(Answer):
    """A column of a table. `cells`: what its cells are, in words."""

    column: str
    cells: str
    words: str


class TableAnswer(Answer):
    """A table of a release. `words` says what one row is; `formats` are those in which it can be downloaded as one
    file. `by_metric`: whether the rows of one metric can be downloaded alone, with the parameter `metric`."""

    table: str
    words: str
    rows: int
    formats: tuple[str, ...]
    by_metric: bool
    columns: tuple[TableColumn, ...]


class TableList(Answer):
    """The tables of a release, each with its columns."""

    tables: tuple[TableAnswer, ...]
