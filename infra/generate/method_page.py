"""docs/method.md: the method as a page, made from its files."""

from collections.abc import Iterable, Iterator

from functions.api.explain.method_steps import method_steps
from functions.api.explain.recipes import Words, paragraph, recipe
from functions.api.explain.sentences import DO_NOT_ADD, LOCAL_DATA
from infra.generate.parts import MARK
from infra.template import ROOT
from shared.method.load import bundle, load
from shared.method.method import Method
from shared.method.opportunities import Opportunity
from shared.method.peer_groups import NearestGroup

FOLDER, COMMITTED = ROOT / "method", ROOT / "docs" / "method.md"


def page(method: Method) -> str:
    """The whole page as Markdown, a paragraph a line."""
    words = Words(method, markdown=True)
    parts = [
        f"# {method.programme.name}: the method",
        f"*{MARK} from the files under `method/`. Change those files, not this page.*",
        paragraph(method.programme.description),
        "## How a figure is calculated",
        "\n".join(
            f"{number}. **{step}.** {text}"
            for number, (step, text) in enumerate(method_steps(method.programme.organisation), 1)
        ),
        f"{DO_NOT_ADD} {LOCAL_DATA}",
        "## Opportunities",
        *_index(method),
    ]
    for category, opportunities in _by_category(method).items():
        parts.append(f"## {words.category(category)}")
        for name, opportunity in opportunities.items():
            parts += _opportunity(words, name, opportunity)
    parts += ["## Peer groups", *_peer_groups(words)]
    parts += ["## Which opportunities overlap", *_overlaps(words)]
    parts += ["## Prices", *_prices(words), "## Datasets", *_datasets(method)]
    return "\n\n".join(parts) + "\n"


def shipped() -> str:
    """The page of the shipped method."""
    return page(load(bundle(FOLDER)))


def _by_category(method: Method) -> dict[str, dict[str, Opportunity]]:
    """Category → its opportunities, both in the order in which the files first name them."""
    categories: dict[str, dict[str, Opportunity]] = {}
    for name, opportunity in method.opportunities.items():
        categories.setdefault(opportunity.category, {})[name] = opportunity
    return dict(sorted(categories.items()))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = [*heads]
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _link(name: str, title: str) -> str:
    return f"[{title}](#{name})"


def _index(method: Method) -> Iterator[str]:
    words = Words(method, markdown=True)
    yield _table(
        ("Category", "Opportunity", "Compared with", "Gain in"),
        (
            (
                words.category(category),
                _link(name, opportunity.title),
                words.comparator(opportunity),
                words.unit(opportunity.unit),
            )
            for category, opportunities in _by_category(method).items()
            for name, opportunity in opportunities.items()
        ),
    )


def _opportunity(words: Words, name: str, opportunity: Opportunity) -> Iterator[str]:
    metric = words.method.metrics[opportunity.metric]
    yield f'<a id="{name}"></a>\n\n### {opportunity.title}'
    yield f"{paragraph(opportunity.what)} {paragraph(opportunity.why)}"
    yield f"> {metric.title} = {words.ratio(metric)}" + (
        f"  \n> Gain in {words.unit(opportunity.unit)} = {words.gain(opportunity, metric)}" if metric.comparable else ""
    )
    yield f"**How.** {paragraph(opportunity.explanation)}"
    yield "\n".join(f"- **{head}.** {text}" for head, text in recipe(words, name, opportunity))


def _peer_groups(words: Words) -> Iterator[str]:
    for name, group in words.method.peer_groups.items():
        yield f'<a id="group-{name}"></a>\n\n### {group.title} (`{name}`)'
        yield f"{paragraph(group.explanation)} {words.made(group)} Source: {group.source.rstrip('.')}."
        if isinstance(group, NearestGroup):
            yield _table(
                ("Variable", "Column", "Transformed", "Scaled", "Weight"),
                (
                    (
                        variable.label,
                        f"`{variable.measure}`",
                        words.transformed(variable),
                        words.scaled(variable),
                        f"{variable.weight:g}",
                    )
                    for variable in group.variables
                ),
            )


def _overlaps(words: Words) -> Iterator[str]:
    groups = words.method.overlap_groups
    yield "Gains of one group are partly the same money, activity or time. So are gains of groups that overlap."
    yield _table(
        ("Group", "Opportunities", "Overlaps with", "Why"),
        (
            (
                group.title,
                ", ".join(
                    _link(one, opportunity.title)
                    for one, opportunity in words.method.opportunities.items()
                    if opportunity.overlap_group == name
                ),
                ", ".join(groups[other].title for other in groups if other in words.reach(name) and other != name),
                paragraph(group.explanation),
            )
            for name, group in groups.items()
        ),
    )


def _prices(words: Words) -> Iterator[str]:
    yield _table(
        ("What", "Price", "Prices of", "Status", "Source", "Used for"),
        (
            (
                price.title,
                words.amount(price.value, price.unit),
                price.price_year if any(sign.isdigit() for sign in price.price_year) else "",
                f"**{price.status}**" if price.status == "illustrative" else price.status,
                paragraph(price.source) + ".",
                words.users(name) or paragraph(price.kept or ""),
            )
            for name, price in words.method.prices.items()
        ),
    )


def _datasets(method: Method) -> Iterator[str]:
    yield (
        "The files that may be landed, with a contract each. A column is used for a figure or has a reason to be kept."
    )
    yield _table(
        ("Dataset", "What it is", "Source", "Licence", "One file a", "Columns kept"),
        (
            (
                f"`{name}`",
                dataset.title,
                dataset.source,
                dataset.licence,
                dataset.period.kind.replace("_", " "),
                str(len(dataset.measures)),
            )
            for name, dataset in method.datasets.items()
        ),
    )
    for name, dataset in method.datasets.items():
        if dataset.kept:
            reasons = "\n".join(
                f"- {', '.join(f'`{pattern}`' for pattern in kept.measures)}: {paragraph(kept.because)}"
                for kept in dataset.kept
            )
            yield f"Kept in `{name}` although no figure uses it:\n\n{reasons}"
