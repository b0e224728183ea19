"""The answer about a pair of trusts: why one is, or is not, a peer of the other."""

from typing import Literal

from functions.api.schemas.base import Answer
from functions.api.schemas.figures import NamedTrust, PeerGroupDefinition, ResolvedTrust

Reason = Literal[
    "peer", "runner_up", "too_far", "too_few_in_common", "other_attribute", "replaced", "closed", "no_characteristics",
    "none_of_its_own", "itself", "own_successor", "own_predecessor", "same_successor", "not_listed", "everyone",
    "one_sided", "not_a_candidate",
]  # fmt: skip
"""About both trusts: `itself`; `own_successor`, `own_predecessor` or `same_successor` if they are now one trust. About
the other trust: `peer`, `runner_up` or `too_far` by its rank; `one_sided` if peers must be mutual and it does not have
the trust among its own; `too_few_in_common` if less than half of the total weight is known for both; `other_attribute`
if it differs in the attribute that peers must share; `replaced` by its successors; `not_a_candidate` if it
lacks the text that peers have; `closed` without a successor;
`no_characteristics`. About the trust: `none_of_its_own` (it has no characteristics). In a supplied list: `not_listed`.
In the national group: `everyone`."""


class ComparedCharacteristic(Answer):
    """One characteristic of both trusts, as supplied (null if missing). `share` is its share of the distance, or of the
    squared distance if the group's distance is euclidean and in one part; null if either trust has no value."""

    variable: str
    label: str
    weight: float
    value: float | None
    other_value: float | None
    share: float | None
    period: str | None


class RankedTrust(NamedTrust):
    """A trust's rank in the list of candidates; the nearest, or the nearest preferred one, has rank 1."""

    rank: int
    distance: float


class WhyPeer(ResolvedTrust):
    """Why another trust (`other`) is, or is not, a peer in one group.

    `rank` is its rank among the `out_of` candidates, peers or not; `distances` are those of all of these, the nearest
    first; `last_peer` is the last peer in the list. `compared_as` is the trust whose characteristics were compared: the
    other trust, or one that it took over. `replaced_by` lists its successors if it no longer exists. `attribute` and
    `other_attribute` are both trusts' values of the attribute that peers must share or by which they are preferred, if
    the group has one.
    """

    other: NamedTrust
    group: PeerGroupDefinition
    period: str | None
    reason: Reason
    rank: int | None
    out_of: int | None
    distance: float | None
    distances: tuple[float, ...]
    variables_used: int | None
    stability: float | None
    last_peer: RankedTrust | None
    compared_as: NamedTrust | None
    characteristics: tuple[ComparedCharacteristic, ...]
    replaced_by: tuple[NamedTrust, ...]
    attribute: str | None
    other_attribute: str | None
    explanation: str
