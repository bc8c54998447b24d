"""The rules of the goods lines, which hold for the exporter's and for the agent's alike.

Mandatory is what bears an asterisk on the manual's form; carpets and pottery need more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from handlers.currency import decimals_exceeded
from handlers.inspection import lists
from handlers.inspection.inspection import CraftLine
from handlers.lists import is_subheading, unknown
from schemas.bindings import common_1 as xml
from schemas.codelists import CURRENCIES
from schemas.errors import Code, Finding

LOCAL = "MAD"  #: the currency of the value in dirhams


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Lines as a message writes them, where they stand in it, and the day they are judged on."""

    lines: tuple[xml.CraftLine, ...]
    day: date  #: today in Morocco
    within: str = ""  #: the path of the element that holds them, with a slash behind

    def each(self) -> Iterator[tuple[str, xml.CraftLine]]:
        """Each line with its path."""
        for position, line in enumerate(self.lines, 1):
            yield f"{self.within}GoodsLine[{position}]", line


Rule = Callable[[Goods], Iterator[Finding]]


def goods_findings(goods: Goods) -> list[Finding]:
    """Every rule of the goods that is broken, all at once."""
    return [finding for rule in RULES for finding in rule(goods)]


def read_line(line: xml.CraftLine) -> CraftLine:
    """A line as the hub keeps it."""
    return CraftLine(
        number=line.line,
        code=line.commodity_code,
        category=line.category,
        description=line.description,
        weight=line.weight,
        units=line.units,
        value=line.value,
        currency=line.currency,
        product=line.product or "",
        quality=line.quality or "",
        article=line.article_number or "",
        surface=line.surface,
        local_value=line.local_value,
        pottery_certificate=line.pottery_certificate or "",
    )


def lines_numbered_once(goods: Goods) -> Iterator[Finding]:
    """A correction names a line by its number."""
    seen: set[int] = set()
    for path, line in goods.each():
        if line.line in seen:
            yield _finding(Code.LINE_NUMBER_REPEATED, f"{path}/Line", line.line)
        seen.add(line.line)


def goods_classified(goods: Goods) -> Iterator[Finding]:
    """A commodity code begins with a subheading of the HS."""
    for path, line in goods.each():
        if not is_subheading(line.commodity_code[:6]):
            code = Code.COMMODITY_CODE_UNKNOWN
            yield _finding(code, f"{path}/CommodityCode", line.commodity_code)


def codes_known(goods: Goods) -> Iterator[Finding]:
    """Category, product, quality and currency stand in their lists today."""
    for path, line in goods.each():
        for name, value, code, element in (
            (lists.CATEGORIES, line.category, Code.CRAFT_CATEGORY_UNKNOWN, "Category"),
            (lists.PRODUCTS, line.product, Code.CRAFT_PRODUCT_UNKNOWN, "Product"),
            (lists.QUALITIES, line.quality, Code.CARPET_QUALITY_UNKNOWN, "Quality"),
            (CURRENCIES, line.currency, Code.CURRENCY_UNKNOWN, "Currency"),
        ):
            if value is not None:
                yield from unknown(name, value, goods.day, code, f"{path}/{element}")


def products_of_their_category(goods: Goods) -> Iterator[Finding]:
    """A product of the list belongs to the category that the line names."""
    for path, line in goods.each():
        expected = None if line.product is None else lists.category_of(line.product)
        if expected not in (None, line.category):
            yield _finding(
                Code.PRODUCT_OF_OTHER_CATEGORY,
                f"{path}/Product",
                line.product,
                category=line.category,
                expected=expected,
            )


def carpets_measured(goods: Goods) -> Iterator[Finding]:
    """A carpet has a quality and a surface."""
    for path, line in goods.each():
        for element, value in (("Quality", line.quality), ("Surface", line.surface)):
            if line.category == lists.CARPETS and value is None:
                fields = {"element": element, "line": line.line}
                yield Finding(code=Code.CARPET_INCOMPLETE, path=f"{path}/{element}", fields=fields)


def pottery_certified(goods: Goods) -> Iterator[Finding]:
    """Pottery has the number of its certificate."""
    for path, line in goods.each():
        if line.category == lists.POTTERY and line.pottery_certificate is None:
            yield Finding(
                code=Code.POTTERY_CERTIFICATE_MISSING,
                path=f"{path}/PotteryCertificate",
                fields={"line": line.line},
            )


def facts_of_their_category(goods: Goods) -> Iterator[Finding]:
    """Nothing but a carpet has a quality and a surface, nothing but pottery its certificate."""
    for path, line in goods.each():
        for element, value, category in (
            ("Quality", line.quality, lists.CARPETS),
            ("Surface", line.surface, lists.CARPETS),
            ("PotteryCertificate", line.pottery_certificate, lists.POTTERY),
        ):
            if value is not None and line.category != category:
                yield _finding(
                    Code.FACT_OF_OTHER_CATEGORY,
                    f"{path}/{element}",
                    value,
                    element=element,
                    category=line.category,
                )


def values_positive(goods: Goods) -> Iterator[Finding]:
    """What is exported is worth something."""
    for path, line in goods.each():
        for element, value in (("Value", line.value), ("LocalValue", line.local_value)):
            if value is not None and value <= 0:
                yield _finding(Code.VALUE_NOT_POSITIVE, f"{path}/{element}", value)


def values_written_in_currency(goods: Goods) -> Iterator[Finding]:
    """No value has more decimals than its currency."""
    for path, line in goods.each():
        yield from decimals_exceeded(f"{path}/Value", line.value, line.currency)
        if line.local_value is not None:
            yield from decimals_exceeded(f"{path}/LocalValue", line.local_value, LOCAL)


def _finding(code: Code, path: str, found: object, **fields: object) -> Finding:
    return Finding(code=code, path=path, value=str(found), fields={"found": found, **fields})


RULES: tuple[Rule, ...] = (
    lines_numbered_once,
    goods_classified,
    codes_known,
    products_of_their_category,
    carpets_measured,
    pottery_certified,
    facts_of_their_category,
    values_positive,
    values_written_in_currency,
)
