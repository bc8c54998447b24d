"""The rules of goods lines, the exporter's and the agent's alike, each one small function.

Marks of the manual's form: a carpet has its quality and surface, pottery its certificate, and
nothing else has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal

from handlers.currency import decimals_exceeded
from handlers.lists import is_subheading, unknown
from schemas.bindings.common_1 import CraftLine
from schemas.codelists import CURRENCIES, codelist
from schemas.errors import Code, Finding

CARPETS, POTTERY = "CARPETS", "POTTERY"  #: the categories with rules of their own
CATEGORIES = "craft-categories"
PRODUCTS = "craft-products"
QUALITIES = "carpet-qualities"
_LOCAL = "MAD"

#: `(line, its path, today) → findings`
Rule = Callable[[CraftLine, str, date], Iterator[Finding]]


def goods_findings(lines: Iterable[CraftLine], day: date, at: str = "") -> list[Finding]:
    """Every rule that the lines break on that day; `at` is the path, with `/`, of their parent."""
    placed = [(f"{at}GoodsLine[{position}]", line) for position, line in enumerate(lines, 1)]
    return [
        *lines_numbered_once(placed),
        *(found for path, line in placed for rule in RULES for found in rule(line, path, day)),
    ]


def lines_numbered_once(placed: Iterable[tuple[str, CraftLine]]) -> Iterator[Finding]:
    """A correction and a certificate name a line by its number."""
    seen: set[int] = set()
    for path, line in placed:
        if line.line in seen:
            yield Finding(
                code=Code.LINE_NUMBER_REPEATED,
                path=f"{path}/Line",
                value=str(line.line),
                fields={"found": line.line},
            )
        seen.add(line.line)


def classified(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """The commodity code begins with a subheading of the HS."""
    found = line.commodity_code
    if not is_subheading(found[:6]):
        yield Finding(
            code=Code.COMMODITY_CODE_UNKNOWN,
            path=f"{path}/CommodityCode",
            value=found,
            fields={"found": found},
        )


def codes_known(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """Category, product, quality and currency stand in their lists today."""
    for name, value, code, element in (
        (CATEGORIES, line.category, Code.CRAFT_CATEGORY_UNKNOWN, "Category"),
        (PRODUCTS, line.product, Code.CRAFT_PRODUCT_UNKNOWN, "Product"),
        (QUALITIES, line.quality, Code.CARPET_QUALITY_UNKNOWN, "Quality"),
        (CURRENCIES, line.currency, Code.CURRENCY_UNKNOWN, "Currency"),
    ):
        if value is not None:
            yield from unknown(name, value, day, code, f"{path}/{element}")


def product_of_category(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """A product that is known belongs to the line's category."""
    known = codelist(PRODUCTS).entries.get(line.product or "")
    belongs = line.category if known is None else known.facts["category"]
    if belongs != line.category:
        yield Finding(
            code=Code.CRAFT_PRODUCT_OF_OTHER_CATEGORY,
            path=f"{path}/Product",
            value=line.product,
            fields={"found": line.product, "belongs": belongs, "category": line.category},
        )


def carpets_measured(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """Carpets have a quality and a surface, and only they."""
    for element, value in (("Quality", line.quality), ("Surface", line.surface)):
        fields: dict[str, object] = {"element": element, "category": line.category}
        if line.category == CARPETS and value is None:
            yield Finding(code=Code.CARPET_INCOMPLETE, path=f"{path}/{element}", fields=fields)
        elif line.category != CARPETS and value is not None:
            yield Finding(
                code=Code.CARPETS_ONLY, path=f"{path}/{element}", value=str(value), fields=fields
            )


def pottery_certified(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """Pottery has a certificate, and only it."""
    path, value = f"{path}/PotteryCertificate", line.pottery_certificate
    if line.category == POTTERY and value is None:
        yield Finding(code=Code.POTTERY_CERTIFICATE_MISSING, path=path)
    elif line.category != POTTERY and value is not None:
        fields: dict[str, object] = {"category": line.category}
        yield Finding(code=Code.POTTERY_ONLY, path=path, value=value, fields=fields)


def amounts_written_in_currency(line: CraftLine, path: str, day: date) -> Iterator[Finding]:
    """No value has more decimals than its currency; dirhams have two."""
    amounts: tuple[tuple[str, Decimal | None, str], ...] = (
        ("Value", line.value, line.currency),
        ("LocalValue", line.local_value, _LOCAL),
    )
    for element, amount, currency in amounts:
        if amount is not None:
            yield from decimals_exceeded(f"{path}/{element}", amount, currency)


RULES: tuple[Rule, ...] = (
    classified,
    codes_known,
    product_of_category,
    carpets_measured,
    pottery_certified,
    amounts_written_in_currency,
)
