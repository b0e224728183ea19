"""ods_trusts and ods_successors: the trusts that exist, and their successions."""

import csv
from datetime import date
from io import StringIO

from samples.programme import BOARDS, SUCCESSIONS, TRUSTS, Trust

REGISTER_SINCE = date(2024, 1, 1)  # the register keeps those closed a little while longer
NOT_REGISTERED = "TAO"
NEWLY_OPENED = Trust("RSI", "Newly Minted Hospitals NHS Trust", "ACUTE - SMALL", "QI3", opened=date(2025, 6, 1))
WELSH = ("RTI", "CWM DYCHMYGOL NHS TRUST (FICTIONAL)", "W00", "QI9")


def landing_files() -> dict[str, bytes]:
    return {"ods_trusts/2025/etr.csv": _trusts(), "ods_successors/2025/successors.csv": _successors()}


def _trusts() -> bytes:
    kept = [trust for trust in (*TRUSTS, NEWLY_OPENED) if trust.closed is None or trust.closed >= REGISTER_SINCE]
    rows = [
        _row(trust.code, trust.name.upper(), trust.region, trust.board, trust.opened, trust.closed)
        for trust in kept
        if trust.code != NOT_REGISTERED
    ]
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(sorted([*rows, _row(*WELSH, date(1996, 4, 1), None)]))
    return text.getvalue().encode("ascii")


def _row(code: str, name: str, region: str, board: str, opened: date, closed: date | None) -> list[str]:
    """27 columns without a header: code, name, region, board, five of address, postcode, opened, closed …"""
    place = BOARDS[board][0].upper() if board in BOARDS else "CWM DYCHMYGOL"
    address = ["TRUST HEADQUARTERS", "1 IMAGINARY LANE", "", place, "", "QZ1 1ZZ"]
    days = [f"{opened:%Y%m%d}", f"{closed:%Y%m%d}" if closed else ""]
    return [code, name, region, board, *address, *days, *[""] * 9, "0", "", "A", "", "", ""]


def _successors() -> bytes:
    rows = [f"{old},{new},{day}" for old, new, day in sorted(SUCCESSIONS, key=lambda row: (row[2], *row[:2]))]
    return "".join(f"{line}\n" for line in ("old_code,new_code,date", *rows)).encode("ascii")
