"""The words that status and role columns hold. Their texts are stored and published, so they never change."""

from enum import StrEnum


class FileStatus(StrEnum):
    """What became of a landed version."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class MetricStatus(StrEnum):
    """Whether a trust's value of a metric may be used, else the first reason why not (column `status` of `METRICS`)."""

    OK = "ok"
    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"
    IMPLAUSIBLE = "implausible"
    BELOW_MINIMUM = "below_minimum"


class OpportunityStatus(StrEnum):
    """Whether a trust has an opportunity, else the first reason why not (column `status` of `OPPORTUNITIES`)."""

    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"
    IMPLAUSIBLE = "implausible"
    BELOW_MINIMUM = "below_minimum"
    NOT_COMPARABLE = "not_comparable"
    NO_PEER_SET = "no_peer_set"
    INSUFFICIENT_COMPARATORS = "insufficient_comparators"
    OPPORTUNITY = "opportunity"
    AT_OR_BETTER = "at_or_better_than_benchmark"


class PeerRole(StrEnum):
    """What a row of `PEERS` names: a peer; a trust that came next after the peers; or, where peers must be mutual, one
    that is among the nearest and does not have the trust among its own."""

    PEER = "peer"
    RUNNER_UP = "runner_up"
    ONE_SIDED = "one_sided"


class Compared(StrEnum):
    """How a trust's value compares with its benchmark, chance allowed for (column `compared` of `OPPORTUNITIES`)."""

    BETTER = "better"
    SIMILAR = "similar"
    WORSE = "worse"


class UnitStatus(StrEnum):
    """Whether a unit counts in the figure of its organisation, else why not (column `status` of `UNITS`)."""

    COUNTED = "counted"
    NOT_COLLECTED = "not_collected"
    NO_DENOMINATOR = "no_denominator"
    MISSING = "missing"
