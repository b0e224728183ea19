"""What a client accepts, read from its Accept and Accept-Encoding headers (RFC 9110, 12.4 and 12.5).

A client may send anything as a header. A member that does not follow the grammar is ignored, as if it were not there.
API Gateway joins several headers of one name by commas, which is how lists are written anyway.
"""

import re
from collections.abc import Iterator, Mapping

_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z/-]+")


def preferred(accept: str | None, media_types: Mapping[str, str]) -> str:
    """The kind (of kind → media type) that an Accept header likes best; '' where it accepts none.

    The most specific range that matches a media type gives its weight. Of equal weights the more specific range wins,
    then the one that comes first in the header, then the first kind. Without a readable member every kind is accepted.
    """
    ranges = dict(_weights(accept or "")) or {"*/*": 1.0}
    places = {name: place for place, name in enumerate(ranges)}

    def rank(kind: str) -> tuple[float, int, int]:
        for breadth, name in enumerate(_ranges(media_types[kind])):
            if name in ranges:
                return ranges[name], -breadth, -places[name]
        return 0.0, 0, 0

    best = max(media_types, key=rank)
    return best if rank(best)[0] > 0 else ""


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is accepted and not liked less than the plain body.

    False without the header: a client that says nothing may not be able to unpack. Where a client accepts neither, it
    gets the plain body, as RFC 9110 allows: an answer is more use than a 406.
    """
    codings = dict(_weights(accept_encoding or ""))
    gzip = codings.get("gzip", codings.get("x-gzip", codings.get("*", 0.0)))
    return gzip > 0 and gzip >= codings.get("identity", 0.0)


def _weights(header: str) -> Iterator[tuple[str, float]]:
    """The members of a list in lower case, each with its weight."""
    for member in header.split(","):
        name, *parameters = (part.strip(" \t").lower() for part in member.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        if _TOKEN.fullmatch(name) and all(_WEIGHT.fullmatch(weight) for weight in weights):
            yield name, float(weights[0]) if weights else 1.0


def _ranges(media_type: str) -> tuple[str, str, str]:
    """What a media type matches, the most specific first."""
    return media_type, f"{media_type.partition('/')[0]}/*", "*/*"
