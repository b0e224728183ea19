"""What each address answers: pure views from a release and a query to a JSON-able body."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from functions.api import words
from functions.api.problems import BadParameter, unknown
from functions.api.release import Release, Row
from functions.api.schemas import NoQuery, OpportunitiesQuery, PeersQuery, TrustsQuery, cursor

Body = dict[str, Any]
Parameters = Mapping[str, str]
View = Callable[..., Body]

NATIONAL, TARGET = "national", "target"


class Led(NamedTuple):
    """Where a requested code leads: `answered_for` is its row, or None where it was split between several."""

    requested_code: str
    answered_for: str | None
    successors: list[Body]

    def head(self) -> Body:
        """The part of every answer about a trust that says for whom it is."""
        body: Body = self._asdict()
        if self.answered_for is None:
            names = ", ".join(f"{item['trust_name']} ({item['trust_code']})" for item in self.successors)
            body["words"] = f"{self.requested_code} was divided between several trusts; ask for one of them: {names}."
        elif self.answered_for != self.requested_code:
            body["words"] = f"{self.requested_code} is now part of {self.answered_for}, for which this answers."
        return body


def lead(release: Release, code: str) -> Led:
    """Follow a code to the trust that answers for it now; NotFound with the nearest codes and names."""
    code = code.upper()
    trust = release.trusts.get(code)
    if trust is None:
        names = {row["trust_name"].upper(): key for key, row in release.trusts.items() if row["trust_name"]}
        problem = unknown("trust", code, [*release.trusts, *names])
        problem.extra["suggestions"] = [_named(release, names.get(near, near)) for near in problem.extra["suggestions"]]
        raise problem
    successors = _present(release, trust)
    answered = code if not successors else successors[0] if len(successors) == 1 else None
    return Led(code, answered, [_named(release, name) for name in successors])


def _present(release: Release, trust: Row) -> list[str]:
    """The trusts that took over from one that is gone; none for one that lives on."""
    if trust["closed"] is None and trust["in_register"]:
        return []
    return [code for code in trust["successors"] or () if code in release.trusts and code != trust["trust_code"]]


def _named(release: Release, code: str) -> Body:
    return {"trust_code": code, "trust_name": release.trusts.get(code, {}).get("trust_name")}


def _of(documents: Mapping[str, Any], what: str, name: str) -> Mapping[str, Any]:
    if name not in documents:
        raise unknown(what, name, documents)
    found: Mapping[str, Any] = documents[name]
    return found


def _known(parameter: str, asked: str | None, known: Iterable[str]) -> None:
    """BadParameter where a filter names nothing there is: an empty list would read as `there are none`."""
    choices = sorted(set(known))
    if asked is not None and asked not in choices:
        raise BadParameter(
            f"The query parameter {parameter} must be one of: {', '.join(choices)}.", parameter=parameter, known=choices
        )


# ---- trusts --------------------------------------------------------------------------------------------------------


def trusts(release: Release, parameters: Parameters) -> Body:
    """Trusts in the order of their codes, a page at a time."""
    query = TrustsQuery.read(parameters)
    after, wanted = query.after(), (query.q or "").casefold()
    exact = {"region": query.region, "icb": query.icb, "trust_type": query.type}
    found = [
        row
        for row in release.trusts.values()
        if (not _present(release, row) or wanted == row["trust_code"].casefold())
        and (wanted in row["trust_code"].casefold() or wanted in (row["trust_name"] or "").casefold())
        and all(asked is None or (row[name] or "").casefold() == asked.casefold() for name, asked in exact.items())
    ]
    rest = [row for row in found if row["trust_code"] > after]
    page = rest[: query.limit]
    more = len(rest) > len(page)
    return {"trusts": page, "total": len(found), "next_cursor": cursor(page[-1]["trust_code"]) if more else None}


def trust(release: Release, parameters: Parameters, code: str) -> Body:
    """One trust, or the one that took over from it, and how many of its rows have which status."""
    NoQuery.read(parameters)
    led = lead(release, code)
    answered = led.answered_for
    counts = Counter(row["status"] for row in release.by_trust[(answered,)]) if answered else Counter[str]()
    return led.head() | {
        "trust": release.trusts[answered or led.requested_code],
        "statuses": dict(sorted(counts.items())),
    }


def trust_opportunities(release: Release, parameters: Parameters, code: str) -> Body:
    """A trust's opportunities, the biggest first; there is no total, and there must be none."""
    query = OpportunitiesQuery.read(parameters)
    led = lead(release, code)
    rows = release.by_trust[(led.answered_for,)] if led.answered_for else []
    documents = release.method["opportunities"]
    _known("category", query.category, (document["category"] for document in documents.values()))
    _known("comparator", query.comparator, [*release.method["peer_groups"], NATIONAL, TARGET])
    kept = [
        row
        for row in rows
        if ("all" in query.status or row["status"] in query.status)
        and query.category in (None, row["category"])
        and query.comparator in (None, row["comparator"])
    ]
    kept.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, row["opportunity_id"]))
    listed = [_summary(release, row) for row in kept]
    prices = {name: price for row in kept for name, price in _prices(release, row).items()}
    said = [words.DO_NOT_ADD, words.LOCAL_DATA]
    said += [words.price_sentence(price) for price in prices.values() if price["status"] == "illustrative"]
    return led.head() | {
        "trust_name": release.trusts[led.answered_for or led.requested_code]["trust_name"],
        "opportunities": listed,
        "cautions": said,
    }


def _definition(release: Release, row: Row) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    definition = release.method["opportunities"][row["opportunity_id"]]
    return definition, release.method["metrics"][definition["metric"]]


def _prices(release: Release, row: Row) -> dict[str, Mapping[str, Any]]:
    return words.prices_of(_definition(release, row)[0], release.method["prices"])


def _summary(release: Release, row: Row) -> Body:
    definition, metric = _definition(release, row)
    used = _prices(release, row)
    return row | {
        "title": definition["title"],
        "gain": words.gain(row) if row["status"] == "opportunity" else None,
        "words": words.status_sentence(row, definition, metric),
        "cautions": words.cautions(row, ()),
        "illustrative": sorted(name for name, price in used.items() if price["status"] == "illustrative"),
        "overlaps": [other["opportunity_id"] for other in _overlaps(release, row)],
    }


def _overlaps(release: Release, row: Row) -> list[dict[str, str]]:
    if row["overlap_group"] is None:
        return []
    return [
        {"opportunity_id": name, "title": document["title"]}
        for name, document in sorted(release.method["opportunities"].items())
        if document.get("overlap_group") == row["overlap_group"] and name != row["opportunity_id"]
    ]


def trust_opportunity(release: Release, parameters: Parameters, code: str, opportunity_id: str) -> Body:
    """One figure with its receipt: every step from the trust's own value to what it might gain."""
    NoQuery.read(parameters)
    led = lead(release, code)
    definition = _of(release.method["opportunities"], "opportunity", opportunity_id)
    if led.answered_for is None:
        return led.head()
    row = next((row for row in release.by_trust[(led.answered_for,)] if row["opportunity_id"] == opportunity_id), None)
    if row is None:
        raise unknown("row for this trust of the opportunity", opportunity_id, ())
    metric = release.method["metrics"][definition["metric"]]
    group = compared_group(row)
    receipt = words.receipt(
        row,
        definition,
        metric,
        release.method["prices"],
        comparators(release, row, definition["metric"]),
        _group(release, group),
        _overlaps(release, row),
    )
    said = {key: definition.get(key) for key in ("title", "what", "why", "explanation", "sources")}
    return led.head() | {
        "opportunity": row,
        "definition": said,
        "receipt": receipt,
        "cautions": [words.DO_NOT_ADD, words.LOCAL_DATA],
    }


def _group(release: Release, group: str) -> Mapping[str, Any]:
    return release.method["peer_groups"].get(group, {"title": "every other trust with a value"})


def compared_group(row: Row) -> str:
    """The group a row was in truth compared with, a fallback included."""
    return NATIONAL if "fallback_national" in (row["flags"] or ()) else str(row["comparator"])


def comparators(release: Release, row: Row, metric: str) -> list[Body]:
    """Everyone a row was compared with, by value: the group's peers that have a value for its metric and window."""
    group = compared_group(row)
    if group == TARGET or row["period_start"] is None:
        return []
    values = release.comparable(metric, row["period_start"], row["period_end"])
    if group == NATIONAL:
        members = values.keys() - {row["trust_code"]}
    else:
        peers = [peer for peer in release.peers[group, row["trust_code"]] if peer["role"] == "peer"]
        # a group by attribute belongs to a period; any other is the same whatever the window
        dated = release.method["peer_groups"][group]["kind"] == "same_attribute"
        members = {
            peer["peer_code"] for peer in peers if not dated or peer["period_end"] == row["period_end"]
        } & values.keys()
    found = [_named(release, code) | {"value": values[code]} for code in members]
    return sorted(found, key=lambda item: (item["value"], item["trust_code"]))


# ---- peers ---------------------------------------------------------------------------------------------------------


def trust_peers(release: Release, parameters: Parameters, code: str) -> Body:
    """A trust's peers in one group, why they are its peers, and who came next."""
    query = PeersQuery.read(parameters)
    led = lead(release, code)
    groups = release.method["peer_groups"]
    _known("group", query.group, [*groups, NATIONAL])
    if led.answered_for is None:
        return led.head()
    rows = release.peers[query.group, led.answered_for]
    period = max((row["period"] for row in rows if row["period"]), default=None)
    rows = [row for row in rows if row["period"] == period]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, row["peer_code"]))
    group = _group(release, query.group)
    told: dict[str, list[Body]] = {"peer": [], "runner_up": []}
    for row in rows:
        told[row["role"]].append(_peer(release, row))
    return led.head() | {
        "group": {"group_id": query.group} | {key: group.get(key) for key in ("kind", "title", "explanation")},
        "period": period,
        "peers": told["peer"],
        "runners_up": told["runner_up"],
        "explanation": _peers_sentence(query.group, told["peer"], period),
    }


def _peer(release: Release, row: Row) -> Body:
    name = release.trusts.get(row["peer_code"], {}).get("trust_name")
    shares = dict(row["contributions"] or ())
    kept = ("rank", "peer_code", "distance", "variables_used", "stability")
    return {key: row[key] for key in kept} | {"trust_name": name, "contributions": shares}


def _peers_sentence(group: str, peers: list[Body], period: str | None) -> str:
    if group == NATIONAL:
        return "Nationally a trust is compared with every other that has a value, which differs by opportunity."
    if not peers:
        return "There is no peer set for this trust in this group: its characteristics are not among the data held."
    said = f"{len(peers)} peers" + (f", from the characteristics of {period}." if period else ".")
    shaky = sum(1 for peer in peers if peer["stability"] is not None and peer["stability"] < 0.5)
    if shaky:
        said += f" {shaky} of them would change more often than not if the characteristics were out by 1 %."
    return said


def peer_groups(release: Release, parameters: Parameters) -> Body:
    """Whom trusts may be compared with, and how each group is made."""
    NoQuery.read(parameters)
    return {
        "peer_groups": [{"group_id": name, **group} for name, group in sorted(release.method["peer_groups"].items())]
    }


# ---- opportunities -------------------------------------------------------------------------------------------------


def opportunities(release: Release, parameters: Parameters) -> Body:
    """Every opportunity's definition in short."""
    NoQuery.read(parameters)
    kept = ("title", "what", "category", "metric", "comparator", "native", "overlap_group")
    documents = sorted(release.method["opportunities"].items())
    return {
        "opportunities": [
            {"opportunity_id": name} | {key: document.get(key) for key in kept} for name, document in documents
        ],
        "cautions": [words.DO_NOT_ADD],
    }


def opportunity(release: Release, parameters: Parameters, opportunity_id: str) -> Body:
    """One opportunity: its definition, how the values that may be compared are spread, and every trust's value."""
    NoQuery.read(parameters)
    definition = _of(release.method["opportunities"], "opportunity", opportunity_id)
    rows = sorted(release.by_opportunity[(opportunity_id,)], key=lambda row: row["trust_code"])
    windows = [(row["period_end"], row["period_start"]) for row in rows if row["period_end"]]
    end, start = max(windows, default=(None, None))
    values = list(release.comparable(definition["metric"], start, end).values()) if start and end else []
    kept = (
        "trust_code",
        "trust_name",
        "period_start",
        "period_end",
        "status",
        "value",
        "numerator",
        "denominator",
        "flags",
    )
    return {
        "opportunity_id": opportunity_id,
        "definition": definition,
        "metric": release.method["metrics"][definition["metric"]],
        "prices": words.prices_of(definition, release.method["prices"]),
        "period_start": start,
        "period_end": end,
        "distribution": _spread(values),
        "trusts": [{key: row[key] for key in kept} for row in rows],
        "cautions": [words.DO_NOT_ADD],
    }


def _spread(values: list[float]) -> Body:
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    return {"n": len(values)} | {name: words.quantile(values, q) if values else None for name, q in points.items()}


def categories(release: Release, parameters: Parameters) -> Body:
    """The categories, each with its opportunities."""
    NoQuery.read(parameters)
    found: dict[str, list[Body]] = {}
    for name, document in sorted(release.method["opportunities"].items()):
        found.setdefault(document["category"], []).append({"opportunity_id": name, "title": document["title"]})
    return {"categories": [{"category": name, "opportunities": found[name]} for name in sorted(found)]}


def current(release: Release, parameters: Parameters) -> Body:
    """Which release this is, and what it was made of."""
    NoQuery.read(parameters)
    return {"pointer": release.pointer.model_dump(mode="json"), "manifest": release.manifest}


ROUTES: Mapping[str, View] = {
    "/v1/trusts": trusts,
    "/v1/trusts/<code>": trust,
    "/v1/trusts/<code>/opportunities": trust_opportunities,
    "/v1/trusts/<code>/opportunities/<opportunity_id>": trust_opportunity,
    "/v1/trusts/<code>/peers": trust_peers,
    "/v1/opportunities": opportunities,
    "/v1/opportunities/<opportunity_id>": opportunity,
    "/v1/categories": categories,
    "/v1/peer-groups": peer_groups,
    "/v1/releases/current": current,
}
