"""Whom each address serves: the scopes of which a token needs one. Written by hand, so that a route that is opened or
closed by mistake stands against it."""

import re
from collections.abc import Mapping

READERS = frozenset({"read"})
OPERATORS = frozenset({"operate"})
SUPPLIERS = frozenset({"supply:<dataset>"})

SERVED: Mapping[str, frozenset[str]] = {
    "GET /v1/trusts": READERS,
    "GET /v1/trusts/<code>": READERS,
    "GET /v1/trusts/<code>/metrics": READERS,
    "GET /v1/trusts/<code>/opportunities": READERS,
    "GET /v1/trusts/<code>/opportunities/<opportunity_id>": READERS,
    "GET /v1/trusts/<code>/opportunities/<opportunity_id>/trend": READERS,
    "POST /v1/trusts/<code>/opportunities/<opportunity_id>/what-if": READERS,
    "GET /v1/trusts/<code>/peers": READERS,
    "GET /v1/trusts/<code>/peers/<other>": READERS,
    "GET /v1/opportunities": READERS,
    "GET /v1/opportunities/<opportunity_id>": READERS,
    "GET /v1/programme": READERS,
    "GET /v1/categories": READERS,
    "GET /v1/peer-groups": READERS,
    "GET /v1/methodology": READERS,
    "GET /v1/tables": READERS,
    "GET /v1/datasets": READERS,
    "GET /v1/datasets/<dataset>": READERS,
    "GET /v1/releases": READERS,
    "GET /v1/releases/current": READERS,
    "GET /v1/releases/preview": OPERATORS,
    "GET /v1/releases/<release_id>": READERS,
    "GET /v1/releases/<release_id>/changes": READERS,
    "GET /v1/releases/<release_id>/tables/<table>": READERS,
    "POST /v1/releases/<release_id>/promote": OPERATORS,
    "POST /v1/releases/<release_id>/rollback": OPERATORS,
    "POST /v1/releases/resume": OPERATORS,
    "GET /v1/me": READERS | SUPPLIERS | OPERATORS,
    "POST /v1/uploads": SUPPLIERS,
    "GET /v1/uploads/<upload_id>": SUPPLIERS | OPERATORS,
    "GET /v1/receipts": SUPPLIERS | OPERATORS,
    "GET /v1/receipts/<file_id>": SUPPLIERS | OPERATORS,
    "POST /v1/feedback": READERS,
    "POST /v1/feedback/named": READERS | SUPPLIERS | OPERATORS,
    "GET /v1/feedback": OPERATORS,
}


def serves(asked: str, scope: str, open_read: bool) -> bool:
    """Whether an address serves those with a scope (nobody has the scope \"\")."""
    to_all = open_read and SERVED[asked] == READERS
    return to_all or re.sub("^supply:.+", "supply:<dataset>", scope) in SERVED[asked]


def spelt(asked: str, parts: Mapping[str, str]) -> tuple[str, str]:
    """Method and path, with names in the place of what stands for them."""
    method, _, path = asked.partition(" ")
    return method, re.sub("<([a-z_]+)>", lambda part: parts[part[1]], path)


def with_heads(asked: str) -> list[str]:
    """A GET is asked for its headers alone too."""
    return [asked, asked.replace("GET", "HEAD", 1)] if asked.startswith("GET") else [asked]
