"""Inspections worth certifying: plain, long, and one in which every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from handlers.inspection.inspection import (
    Answer,
    Certificate,
    Consignee,
    CraftLine,
    Exporter,
    Filed,
    Inspection,
    Visit,
)
from handlers.papers.frame import Issuer
from schemas.workflow import Dossier

NOW = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)
ISSUED = datetime(2026, 11, 17, 9, 50, tzinfo=UTC)
ISSUER = Issuer(name="Guichet unique Passavant", name_ar="الشباك الوحيد باسافان")
ADDRESS = "https://passavant.example/verify/7fK2mQx9Lw3TzVb8"

CARPETS = CraftLine(
    number=1,
    code="5701101000",
    category="CARPETS",
    product="CARPET-KNOTTED",
    description="Tapis noués en laine du Moyen Atlas",
    quality="SUPERIOR",
    article="TN-12",
    weight=Decimal("230.4"),
    surface=Decimal("57.60"),
    units=12,
    local_value=Decimal("92793.60"),
    value=Decimal("8640.00"),
    currency="EUR",
)
POTS = CraftLine(
    number=2,
    code="6912000000",
    category="POTTERY",
    product="POTTERY-TABLE",
    description="Plats en terre cuite émaillée",
    weight=Decimal(96),
    units=60,
    value=Decimal("1260.00"),
    currency="EUR",
    pottery_certificate="CP-2026-0457",
)


def document(kind: str, description: str) -> Filed:
    return Filed(
        kind=kind,
        description=description,
        issued_on=date(2026, 11, 6),
        filename=f"{kind.lower()}.pdf",
        digest="0" * 64,
        size=1_000,
        filed_at=ISSUED,
    )


ACCEPTED = Inspection(
    number="BM-2026-1088",
    version=2,
    state="in_progress",
    owner="coop-zerbia",
    opened_at=datetime(2026, 11, 11, 14, 4, tzinfo=UTC),
    service="BM",
    exporter=Exporter(
        name="Coopérative Zerbia de la Tassaout",
        legal_form="COOP",
        register_centre="07",
        register_number="11927",
        tax_identifier="40218853",
        ice="003182755000049",
        address="3, derb Sidi Bouyacoub, 23000 Béni Mellal, Maroc",
        email="bureau@coop-zerbia.example",
        mobile="+212 6 00 00 00 11",
        phone="+212 5 23 00 00 11",
        registration_number="ART-BM-02218",
        registration_place="BENI-MELLAL",
        customs_code="4471902",
    ),
    consignee=Consignee(
        name="Tapis & Terres d'Oc SAS",
        address="17, rue des Filatiers, 31000 Toulouse",
        country="FR",
    ),
    transport="4",
    exit_point="SALE",
    customs_office="404",
    lines=(CARPETS, POTS),
    corrected=(replace(CARPETS, units=11, weight=Decimal("211.2")), POTS),
    documents=(
        document("INVOICE", "Facture commerciale FA-2026-0311"),
        document("PACKING-LIST", "Liste de colisage"),
        document("REGISTRATION", "Carte d’inscription"),
    ),
    submitted_at=ISSUED,
    assignee="agartisbm",
    visits=(
        Visit(
            agent="agartisbm",
            message="Préparer les colis",
            day=date(2026, 11, 14),
            ordered_at=ISSUED,
            result="conforming",
            held_on=date(2026, 11, 14),
        ),
    ),
    answer=Answer(decision="accepted", agent="agartisbm", observation="", given_at=ISSUED),
    previewed="agartisbm",
)

CERT = Certificate(number="BM-2026-1088-1", agent="agartisbm", issued_at=ISSUED)
REVOKED_CERT = replace(
    CERT,
    revoked_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    revoked_by="supbeni",
    reason="Nombre d’unités erroné à la ligne 1",
    to_be_replaced=True,
)


def long(count: int) -> Inspection:
    """A dossier of that many lines, every seventh with a description of many words."""
    words = "tapis noués à la main en laine vierge du Haut Atlas " * 8
    lines = tuple(
        replace(
            POTS if n % 3 == 0 else CARPETS,
            number=n,
            description=words if n % 7 == 0 else f"Lot {n}",
        )
        for n in range(1, count + 1)
    )
    return replace(ACCEPTED, lines=lines, corrected=())


def hostile(text: str) -> Inspection:
    """An inspection with this text in every field that a partner writes freely."""
    exporter = Exporter(**dict.fromkeys(Exporter.__dataclass_fields__, text))
    line = replace(
        CARPETS,
        code=text,
        category=text,
        product=text,
        description=text,
        quality=text,
        article=text,
        currency=text,
        pottery_certificate=text,
    )
    return replace(
        ACCEPTED,
        service=text,
        exporter=exporter,
        consignee=Consignee(name=text, address=text, country=text),
        transport=text,
        exit_point=text,
        customs_office=text,
        lines=(line,),
        corrected=(),
        documents=(document(text, text),),
        visits=(replace(ACCEPTED.visits[0], agent=text, result=text),),
        answer=Answer(decision="accepted", agent=text, observation=text, given_at=ISSUED),
    )


def dossier(inspection: Inspection, *, state: str = "in_progress", revision: int = 5) -> Dossier:
    """The dossier that holds an inspection."""
    return Dossier(
        number=inspection.number,
        procedure="inspection",
        owner=inspection.owner,
        state=state,
        version=inspection.version,
        revision=revision,
        content=inspection.content(),
        entries=(),
        opened_at=inspection.opened_at,
        changed_at=NOW,
    )
