"""Content negotiation by the headers Accept and Accept-Encoding (RFC 9110, 12.4 and 12.5).

A list member that does not follow the grammar is ignored. API Gateway joins repeated headers with commas, so a header
is always one list here.
"""

import re
from collections.abc import Iterator, Mapping

_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z/-]+")


def preferred(accept: str | None, media_types: Mapping[str, str]) -> str:
    """The key of `media_types` (kind → media type) that an Accept header prefers; '' if it accepts none of them.

    The most specific range that matches a media type gives its weight. Of equal weights the more specific range wins,
    then the one that comes first in the header, then the first kind. A header without a valid member accepts all.
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
    """Whether gzip is accepted with at least the weight of the uncompressed body.

    False without the header: the client may not be able to decompress. A client that accepts neither gets the
    uncompressed body, as RFC 9110 allows, because an answer is more useful than a 406.
    """
    codings = dict(_weights(accept_encoding or ""))
    gzip = codings.get("gzip", codings.get("x-gzip", codings.get("*", 0.0)))
    return gzip > 0 and gzip >= codings.get("identity", 0.0)


def _weights(header: str) -> Iterator[tuple[str, float]]:
    """(member in lower case, weight) for each valid member of a list."""
    for member in header.split(","):
        name, *parameters = (part.strip(" \t").lower() for part in member.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        if _TOKEN.fullmatch(name) and all(_WEIGHT.fullmatch(weight) for weight in weights):
            yield name, float(weights[0]) if weights else 1.0


def _ranges(media_type: str) -> tuple[str, str, str]:
    """The media ranges that match a media type, the most specific first."""
    return media_type, f"{media_type.partition('/')[0]}/*", "*/*"
