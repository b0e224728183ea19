"""From a landed file to a typed table, or to findings that its supplier can act on. Pure: bytes in, values out."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.checks import check, ranks
from functions.ingest.headings import find_table
from functions.ingest.reading import NO_DAY, Cells, Reading
from functions.ingest.readers import Unreadable, sources
from functions.ingest.values import STATES, VALUE
from shared.facts import Period
from shared.findings import Findings, Report
from shared.keys import Slot, digest
from shared.method.contracts import Dataset
from shared.tables import CURATED
from shared.verdicts import contract_id


class Conformed(NamedTuple):
    """A file read under its contract: `table` (schema CURATED) unless a finding is an error.

    `rows_read` counts rows of data (neither blank nor totals), `codes` the organisations in them.
    """

    table: pa.Table | None
    findings: Report
    rows_read: int
    codes: int
    columns_not_read: tuple[str, ...]


def file_id(body: bytes, slot: Slot, contract: Dataset) -> str:
    """The id of what these bytes are in this slot under this contract, as this build reads them."""
    return digest(body, *slot, contract_id(contract))


def conform(body: bytes, slot: Slot, file_name: str, contract: Dataset) -> Conformed:
    """Read a file of whatever format under its contract. Everything wrong with it is a finding; it raises nothing."""
    findings = Findings(file_name)
    reading: Reading | None = None
    table = None
    try:
        period = _period(slot, contract, findings)
        found = find_table(sources(body, contract.layout), contract, findings)
        if found is not None:
            reading = Reading(found, slot, period, contract, findings)
            if not _lacks_essentials(reading):
                contents = reading.read()
                check(contents, contract, found.plan, findings)
                table = None if findings.rejected else _curated(contents.cells)
    except Unreadable as fault:
        findings.add("error", fault.rule, str(fault), row=fault.row)
    ...
