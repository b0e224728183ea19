"""How every figure is made, step by step: what all opportunities of a method have in common."""

from shared.method.names import Organisation

_STEPS = {
    "Value": "The {one}'s own ratio: one sum divided by another, over the window of the metric. A sum with a missing "
    "part is missing. Missing, not applicable, suppressed and zero are four different states, and the first three are "
    "not read as zero.",
    "Comparators": "Other {many} with a plausible value, never the {one} itself unless the opportunity says so. A "
    "value that is implausible or has too small a denominator is shown, but no {one} is compared with it.",
    "Benchmarks": "A modest one (lower value) and an ambitious one (upper value), or a single one. Percentiles are "
    "interpolated linearly, as Excel's PERCENTILE.INC does.",
    "Gap": "How far the value is on the worse side of the benchmark; never below zero. The gap times the {one}'s own "
    "denominator gives the gain: money, activity or any other unit of the denominator.",
    "Worth": "The same gain as cash, activity and staff, at prices that are named with it. A price without a source is "
    "illustrative, and every answer that uses it says so.",
    "Standing": "Where the value is among all that may be compared. The rank counts from the best, and equal values "
    "share the better rank. The percentile is the share of the others that are worse: percentile 80 is better than "
    "80 of 100 other {many}. The quarter is 1 for the best quarter of all values and 4 for the worst. The rank "
    "among peers is counted in the same way.",
    "Uncertainty": "How far both values move if any one comparator is left out and, for some opportunities, whether "
    "the whole gain may be chance.",
}


def method_steps(organisation: Organisation) -> list[tuple[str, str]]:
    """The steps in their order: pairs of a heading and sentences."""
    return [(title, text.format(one=organisation.one, many=organisation.many)) for title, text in _STEPS.items()]
