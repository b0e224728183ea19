"""The tables of a release, for people who download them."""

from functions.api.http.queries import Query
from functions.api.release import Release
from functions.api.schemas.tables import TableAnswer, TableColumn, TableList
from functions.api.table_files import formats_of
from shared.table_columns import TABLES, columns_of, rows_of


def tables(release: Release, query: Query) -> TableList:
    """The tables of a release: what a row and each column mean, and in which formats each can be downloaded."""
    organisation = release.programme.organisation
    article = organisation.with_article.partition(" ")[0]
    words = {"one": organisation.one, "many": organisation.many, "an": article}
    answers = []
    for output in release.manifest.outputs:
        if output.name in TABLES:
            columns = tuple(
                TableColumn(column=one.name, cells=one.cells, words=one.words) for one in columns_of(output.name, words)
            )
            answers.append(
                TableAnswer(
                    table=output.name,
                    words=rows_of(output.name, words),
                    rows=output.rows,
                    formats=formats_of(output.rows * len(columns), in_parts=release.in_parts(output.name)),
                    by_metric=release.in_parts(output.name),
                    columns=columns,
                )
            )
    return TableList(tables=tuple(answers))
