"""Which files may be landed under which keys: rules that ingest, the API and the commands share."""

from shared import keys
from shared.keys import BadKey, Slot

LARGEST = 384 * 1024 * 1024
"""Bytes of the largest file that ingest reads."""


def landing_key(slot: Slot, file: str, dry_run: bool = False) -> str:
    """The key under which a file of a slot is landed; `keys.slot_of` is its inverse.

    BadKey if there is none: a method or a decision cannot be landed as a dataset's file.
    """
    key = f"{slot}/{file}"
    if keys.slot_of(key) != slot or key.startswith(keys.NOT_FILES):
        raise BadKey(
            f"{key!r} is not a landing key of a data file; land it as <dataset>/<period>/<file> or "
            "<dataset>/<period>/<part>/<file>."
        )
    return f"{keys.DRY_RUN_PREFIX}{key}" if dry_run else key


def folder_of(key: str) -> str:
    """The first folder of a landing key, after `dry-run/`: a dataset's name, whether or not that dataset exists."""
    folder, slash, _ = key.removeprefix(keys.DRY_RUN_PREFIX).partition("/")
    return folder if slash else ""
