"""What pages with forms share: where those of suppliers and operators stand, and what is wrong with a form."""

from typing import NamedTuple

from functions.api.pages.page import Crumb

SUPPLIERS, OPERATORS = Crumb("For suppliers", "/supply"), Crumb("For operators", "/operate")
RECEIPTS = Crumb("Receipts", "/supply/receipts")


class Fault(NamedTuple):
    """A field that is not right, and what to do."""

    field: str
    words: str
