"""What is answered about a pair of trusts: why one is, or is not, a peer of the other."""

from typing import Literal

from functions.api.schemas.figures import Answer, Asked, DescribedGroup, Named

Reason = Literal[
    "peer", "runner_up", "too_far", "too_few_in_common", "other_attribute", "replaced", "closed", "no_characteristics",
    "none_of_its_own", "itself", "own_successor", "own_predecessor", "same_successor", "not_listed", "everyone",
]  # fmt: skip
"""Of both: `itself`; `own_successor`, `own_predecessor` and `same_successor`, as they are or have become one trust. Of
the other: `peer`, `runner_up` and `too_far` say its place; `too_few_in_common` (below half the weight);
`other_attribute` (the text they must share); `replaced` by others, or `closed` without; `no_characteristics`. Of the
trust: `none_of_its_own` characteristics. `not_listed` in a list as landed; `everyone` is a peer nationally."""


class Compared(Answer):
    """One characteristic of both, as landed (null where missing), and its share of the distance between them (of its
    square, where the group's distance is euclidean); null where one of the two lacks it."""

    variable: str
    label: str
    weight: float
    value: float | None
    other_value: float | None
    share: float | None
    period: str | None


class Placed(Named):
    """Someone in a trust's list: the nearest is first."""

    rank: int
    distance: float


class WhyPeer(Asked):
    """Why another trust is, or is not, a peer in one group.

    `rank` is its place among the `out_of` that could be listed, peers or not; `last_peer` is the farthest that is one.
    `compared_as` is whose characteristics were compared: its own, or those of a trust that it took over. `replaced_by`
    are those that stand for it now, if it is gone. `attribute` and `other_attribute` are what both state of the
    attribute that peers must share, if there is one.
    """

    other: Named
    group: DescribedGroup
    period: str | None
    reason: Reason
    rank: int | None
    out_of: int | None
    distance: float | None
    variables_used: int | None
    stability: float | None
    last_peer: Placed | None
    compared_as: Named | None
    characteristics: tuple[Compared, ...]
    replaced_by: tuple[Named, ...]
    attribute: str | None
    other_attribute: str | None
    explanation: str
