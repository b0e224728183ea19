"""Which file is current, told the slow way: replay the landing bucket's history one act at a time.

Written from the sentences of the design, sharing nothing with `shared.snapshot`.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Act(NamedTuple):
    """Something done to the landing bucket at second `at`: `file_id` None is a deletion, '' a rejected file."""

    at: int
    key: str
    file_id: str | None


def current_files(acts: Sequence[Act]) -> dict[str, str]:
    """slot (the key's folders) → file_id, after all acts in order."""
    piles: dict[str, list[tuple[int, str]]] = {}
    for act in acts:
        pile = piles.setdefault(act.key, [])
        if act.file_id is None:
            pile.clear()
        elif act.file_id:
            pile.append((act.at, act.file_id))
    by_slot: dict[str, list[tuple[int, str, str]]] = {}
    for key, pile in piles.items():
        if pile:
            at, file_id = pile[-1]
            by_slot.setdefault(key.rsplit("/", 1)[0], []).append((at, key, file_id))
    return {slot: max(candidates)[2] for slot, candidates in by_slot.items()}
