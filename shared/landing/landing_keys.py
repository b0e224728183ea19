"""What may be landed, and under which key: the rules that whoever hands out landing keys has in common with ingest."""

from shared import keys
from shared.keys import BadKey, Slot

LARGEST = 384 * 1024 * 1024
"""Bytes of the largest file that is ever read."""


def landing_key(slot: Slot, file: str, dry_run: bool = False) -> str:
    """The key under which a file of a slot is landed, which `keys.slot_of` reads back; BadKey where there is none.

    Never one that is no file's: a method or an act is not landed as some dataset's file.
    """
    key = f"{slot}/{file}"
    if keys.slot_of(key) != slot or key.startswith(keys.NOT_FILES):
        raise BadKey(f"{key!r} is not where a file of {str(slot)!r} is landed.")
    return f"{keys.DRY_RUN_PREFIX}{key}" if dry_run else key


def folder_of(key: str) -> str:
    """The folder in which a file is landed, a dry run's too: whose dataset it is, whether there is one or not."""
    folder, slash, _ = key.removeprefix(keys.DRY_RUN_PREFIX).partition("/")
    return folder if slash else ""
