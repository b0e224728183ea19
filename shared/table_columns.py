"""What the tables of a release and their columns mean, for people who download them: the one place that says it.

`{one}` and `{many}` stand for the programme's organisations. A column that means the same in several tables is in
`_COLUMNS`; a table has texts of its own for columns that mean something else there.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from shared.tables import DAY, FLAG, NUMBER, RELEASE_TABLES, STRING, WHOLE


class TableText(NamedTuple):
    """`rows`: what one row is, and what to know before using it. `columns`: texts of this table alone."""

    rows: str
    columns: Mapping[str, str] = {}


class Column(NamedTuple):
    """A column of a table: its name, what its cells are, and what it means."""

    name: str
    cells: str
    words: str


_CELLS: Mapping[pa.DataType, str] = {
    STRING: "text",
    NUMBER: "number",
    WHOLE: "whole number",
    DAY: "date",
    FLAG: "yes or no",
    pa.list_(STRING): "texts",
    pa.map_(STRING, STRING): "texts by id",
    pa.map_(STRING, NUMBER): "numbers by id",
}

_COLUMNS: Mapping[str, str] = {
    "trust_code": "Code of the {one}.",
    "trust_name": "Name of the {one}, as its source writes it.",
    "opportunity_id": "Id of the opportunity.",
    "metric_id": "Id of the metric: of what is measured.",
    "group_id": "Id of the peer group.",
    "category": "Id of the opportunity's category.",
    "period": "Label of the period whose data made the group.",
    "period_start": "First day of the window that the figures cover.",
    "period_end": "Last day of the window.",
    "level": "Level of the {one}, within which it is compared; empty if the programme has no levels. Choose one level "
    "before you add up or compare rows.",
    "status": "opportunity if the value is worse than a benchmark, at_or_better_than_benchmark if it is not; otherwise "
    "why there is no figure.",
    "comparator": "What the value is compared with: the id of a peer group, national for all {many}, or target.",
    "comparator_count": "How many {many} it is compared with.",
    "flags": "What to know of the figure, such as check_data or fallback_national.",
    "value": "Numerator divided by denominator, in the metric's unit. A percentage is a fraction: 0.08 is 8%.",
    "numerator": "The sum above the line, over the window.",
    "denominator": "The sum below the line, over the window.",
    "benchmark_lower": "The modest benchmark, in the metric's unit; empty if there is only one.",
    "benchmark_upper": "The ambitious benchmark, or the only one.",
    "gap_lower": "How far the value is on the worse side of the modest benchmark; 0 if it is not.",
    "gap_upper": "The same for the ambitious benchmark.",
    "unit": "Unit of the columns units_lower and units_upper.",
    "units_lower": "The gain at the modest benchmark, over the window, in the opportunity's own unit.",
    "units_upper": "The gain at the ambitious benchmark.",
    "cash_lower": "The modest gain as money, over the window; empty if it has no price.",
    "cash_upper": "The ambitious gain as money.",
    "activity_lower": "The modest gain as activity: an equivalent, not a further gain.",
    "activity_upper": "The ambitious gain as activity.",
    "activity_unit": "Unit of the two columns before it.",
    "staff_lower": "The modest gain as whole-time equivalent staff: an equivalent, not a further gain.",
    "staff_upper": "The ambitious gain as staff.",
    "cash_per_unit": "The money that one of unit is worth.",
    "activity_per_unit": "The activity that one of unit is worth.",
    "staff_per_unit": "The staff that one of unit is worth.",
    "robust_low": "The smallest modest gain if any one comparator is left out, in unit; empty against a target.",
    "robust_high": "The largest ambitious gain if any one comparator is left out.",
    "within_chance": "Whether the interval of the value reaches the ambitious benchmark, so that the whole gain may be "
    "chance; empty if the metric has no interval, or if there is no opportunity.",
    "overlap_group": "Id of the overlap group. Gains of one group are partly the same money, activity or time.",
    "national_rank": "Place of the value among all that are compared; 1 is the best, and equal values share the better "
    "place. Empty, as are the columns after it, for a value that is not compared.",
    "national_of": "How many values are compared.",
    "percentile": "The share of the others that are worse, from 0 to 100: high is good.",
    "quartile": "The quarter of all values, from 1 (the best) to 4.",
    "band": "The same for another number of equal parts, if the metric has bands.",
    "peer_rank": "Place of the value among the peers and the {one} itself.",
    "peer_of": "How many these are.",
    "peer_percentile": "The percentile among these.",
    "compared": "better than the ambitious benchmark, similar to it by the interval of the value, or worse; empty if "
    "the metric has no interval.",
    "distance_lower": "Distance to the modest benchmark with a sign: negative for {an} {one} that is ahead.",
    "distance_upper": "The same for the ambitious benchmark.",
    "distance_cash_lower": "The distance to the modest benchmark as money.",
    "distance_cash_upper": "The distance to the ambitious benchmark as money.",
    "cash_per_year_lower": "The modest gain as money over a year.",
    "cash_per_year_upper": "The ambitious gain as money over a year.",
    "peer_median": "Median of the peers.",
    "peer_quartile": "Where the best quarter of the peers begins.",
    "national_median": "Median of all {many}.",
    "national_quartile": "Where the best quarter of all {many} begins.",
    "measure": "Id of the measure in its dataset.",
}

_OPPORTUNITIES = {
    "rank": "Place among the {one}'s own opportunities, by money over a year; empty for rows without an opportunity.",
}

TABLES: Mapping[str, TableText] = {
    "opportunities": TableText(
        "One row for each {one} and opportunity, over the newest window of its metric. Do not add opportunities up: "
        "they overlap.",
        _OPPORTUNITIES,
    ),
    "peers": TableText(
        "One row for each group, {one} and peer. Groups by a shared text have none: characteristics says who has it.",
        {
            "rank": "Place in the list, the nearest first; empty in groups without distances.",
            "peer_code": "Code of the peer.",
            "distance": "Distance between the two; only groups of the nearest have it.",
            "variables_used": "How many characteristics both have.",
            "stability": "In what share of random draws, with noise on each value, it stays a peer, from 0 to 1.",
            "contributions": "Each characteristic's share of the distance; the shares add up to 1.",
            "role": "peer, runner_up (next if one drops out), or one_sided (near, but not the other way round).",
            "period_end": "Last day of that period.",
        },
    ),
    "characteristics": TableText(
        "What distances are computed from: one row for each group of the nearest, {one} and characteristic. Groups by "
        "an attribute have one row for each {one} and period. Where a group prefers {many} with the same attribute, "
        "or has only some as candidates, each such attribute has a row without a weight.",
        {
            "measure": "Id of the characteristic.",
            "value": "The value as landed.",
            "scaled": "The value as the distance uses it; empty if it is missing and not filled.",
            "weight": "Weight of the characteristic.",
            "attribute": "The text that candidates must share, or that the group prefers.",
            "stands_for": "Codes that peer lists name if the {one} is near: itself, its successors, or none.",
            "period_end": "Last day of that period.",
        },
    ),
    "metrics": TableText(
        "One row for each {one}, metric and window with data, oldest first.",
        {
            "status": "ok, or why the value may not be compared.",
            "sources": "Datasets that the figures come from.",
        },
    ),
    "trend": TableText(
        "The columns of the table opportunities, for every window with data, oldest first.",
        {
            "breaks": "Why a row cannot be compared with that of the window before: merged with others since, "
            "type_changed, or definition_changed.",
        },
    ),
    "distribution": TableText(
        "How the values of a metric are spread: one row for each metric and window, oldest first. All values are in "
        "the metric's unit; quantiles are interpolated linearly.",
        {
            "count": "How many values are compared.",
            "smallest": "The smallest value.",
            **{
                f"decile_{tenth}": f"{tenth} in 10 values are below it"
                + (": the median." if tenth == 5 else ", counted from the smallest.")
                for tenth in range(1, 10)
            },
            "largest": "The largest value.",
            "lower_quartile": "A quarter of the values are below it.",
            "upper_quartile": "A quarter of the values are above it.",
            "mean": "The mean.",
        },
    ),
    "totals": TableText(
        "One row for each opportunity and window, oldest first: the sums over the {many} that have a gain. They are "
        "what would follow if each of these reached its benchmark of today, which would then move. Do not add totals "
        "of several opportunities up: they overlap.",
        {
            "trusts": "How many {many} have a gain.",
            **{
                f"{kind}_trusts": f"How many {{many}} are in the sum of {what}; others have no price of their own, or "
                "would pay more."
                for kind, what in (("cash", "money"), ("activity", "activity"), ("staff", "staff"))
            },
        },
    ),
    "units": TableText(
        "One row for each {one}, opportunity and unit below the {one}, such as a site, over the newest window. The "
        "gains do not add up to that of the {one}: units that are better than the benchmark reduce it. The units of "
        "{an} {one} of a further level are its members.",
        {
            "unit_code": "Code of the unit.",
            "unit_name": "Name of the unit.",
            "unit_type": "Type of the unit.",
            "status": "Whether the unit counts in the figure, otherwise why not.",
            "units_lower": "What it would be worth to bring this unit to the modest benchmark; 0 if it is there.",
            "units_upper": "The same for the ambitious benchmark.",
            "cash_lower": "The modest gain of this unit as money.",
            "cash_upper": "The ambitious gain of this unit as money.",
        },
    ),
    "trusts": TableText(
        "One row for each {one}, those that have closed included.",
        {
            "attributes": "Codes of the register's attributes.",
            "trust_type": "Type of the {one}.",
            "opened": "The day on which it opened.",
            "closed": "The day on which it closed; empty if it has not.",
            "successors": "Codes of the {many} that took it over.",
            "in_register": "Whether the newest register lists it; empty if the programme has no register.",
            "level": "Level of the {one}; empty if the programme has no levels.",
            "belongs_to": "For each further level, the code of the {one} to which it belongs.",
        },
    ),
    "findings": TableText(
        "The findings of checks across the files of the release.",
        {
            "severity": "error or warning.",
            "rule": "The check.",
            "dataset": "Id of the dataset.",
            "period": "Period of the file.",
            "file_id": "Id of the file.",
            "trust_code": "Code that the finding is about, if it is about one.",
            "row": "Line of the file, from 1.",
            "message": "What was found.",
        },
    ),
}


def rows_of(table: str, words: Mapping[str, str]) -> str:
    """What one row of a table is. `words`: the programme's `one` and `many`, and the article of one, `an`."""
    return TABLES[table].rows.format_map(words)


def columns_of(table: str, words: Mapping[str, str]) -> Iterator[Column]:
    """The columns of a table in their order."""
    own = TABLES[table].columns
    for field in RELEASE_TABLES[table]:
        text = own[field.name] if field.name in own else _COLUMNS[field.name]
        yield Column(field.name, _CELLS[field.type], text.format_map(words))
