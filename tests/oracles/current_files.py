"""Which file is current, told the slow way: replay the landing bucket's history one step at a time.

Written from the sentences of the design, sharing nothing with `shared.landing.snapshot`.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """Something done to the landing bucket at second `at`: `file_id` None is a deletion, '' a rejected file."""

    at: int
    key: str
    file_id: str | None


def current_files(steps: Sequence[Step]) -> dict[str, str]:
    """slot (the key's folders) → file_id, after all steps in order."""
    piles: dict[str, list[tuple[int, str]]] = {}
    for step in steps:
        pile = piles.setdefault(step.key, [])
        if step.file_id is None:
            pile.clear()
        elif step.file_id:
            pile.append((step.at, step.file_id))
    by_slot: dict[str, list[tuple[int, str, str]]] = {}
    for key, pile in piles.items():
        if pile:
            at, file_id = pile[-1]
            by_slot.setdefault(key.rsplit("/", 1)[0], []).append((at, key, file_id))
    return {slot: max(candidates)[2] for slot, candidates in by_slot.items()}


class Decision(NamedTuple):
    """An operator's decision: `promote`, `rollback` or `resume`; the method of its release."""

    action: str
    method_id: str = ""


class Standing(NamedTuple):
    """The current method, the preview's, and the number of the decision that holds the current channel."""

    current: str
    preview: str | None
    held_by: int | None


def standing(accepted: Sequence[str], decisions: Sequence[tuple[int, Decision]]) -> Standing:
    """What holds after all decisions, in the order of their numbers; one on a method that is not accepted is void."""
    current, held_by = accepted[0], None
    for number, decision in decisions:
        if decision.action == "resume":
            held_by = None
        elif decision.method_id in accepted:
            current = decision.method_id
            held_by = number if decision.action == "rollback" else None
    return Standing(current, accepted[-1] if accepted[-1] != current else None, held_by)
