"""Downloads: the tables of a release with their columns, lists as files, and the API."""

from typing import NamedTuple

from functions.api.pages.ask import Asking
from functions.api.pages.page import Page, PageRequest
from functions.api.schemas.figures import Methodology, ProgrammeAnswer, TrustList
from functions.api.schemas.tables import TableAnswer, TableList
from shared.method.names import capital

KINDS = (("csv", "CSV"), ("xlsx", "Excel"), ("parquet", "Parquet"))


class TableFiles(NamedTuple):
    """A table, the formats for which it is too large, and those to use instead: none if each metric is a file."""

    answer: TableAnswer
    too_large: str
    instead: str


def downloads(ask: Asking, _request: PageRequest) -> Page:
    """The page `/downloads`."""
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    tables = ask.get(TableList, "/v1/tables").tables
    caution, *_ = ask.get(Methodology, "/v1/methodology").cautions
    trusts = ask.get(TrustList, "/v1/trusts", {"limit": "1"}).trusts
    code = trusts[0].trust_code if trusts else "CODE"
    return Page(
        "downloads.jinja",
        "Downloads",
        {
            "tables": [_files(table) for table in tables],
            "kinds": KINDS,
            "caution": caution,
            "lists": (("/trusts", f"All {programme.organisations}"), ("/opportunities", "All opportunities")),
            "api": (
                ("/trusts", capital(programme.organisations)),
                (f"/trusts/{code}/opportunities", f"The opportunities of one {programme.organisation}"),
                ("/opportunities", "Definitions of all opportunities"),
            ),
        },
    )


def _files(table: TableAnswer) -> TableFiles:
    too_large = [title for kind, title in KINDS if kind not in table.formats]
    instead = [title for kind, title in KINDS if kind in table.formats]
    *first, last = too_large or [""]
    return TableFiles(table, " and ".join(filter(None, (", ".join(first), last))), " or ".join(instead))
