"""openpyxl without lxml: import openpyxl from here and nowhere else.

openpyxl parses with lxml if that is installed, and with defusedxml otherwise. The two accept different workbooks, so a
verdict would depend on the machine.
"""

import os
import re

os.environ["OPENPYXL_LXML"] = "False"  # read once, when openpyxl is first imported

import openpyxl
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

if openpyxl.LXML:
    raise ImportError("openpyxl was imported before shared.excel and parses with lxml")

PERCENT = re.compile(r'%(?=(?:[^"]*"[^"]*")*[^"]*$)')
"""A percent sign in a number format, outside quotation marks: the number is shown multiplied by a hundred."""

__all__ = ["PERCENT", "Workbook", "WriteOnlyCell", "load_workbook"]
