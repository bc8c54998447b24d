"""The inspection of handicraft exports, modelled on the manual from application to certificate."""

from handlers.registry import Reports
from schemas.workflow import Role, State

#: Not in the references, which begin with the service's code (`BM-2026-1088`).
SERIES = "IC"

#: Who sees every dossier; an exporter sees its own.
READERS = frozenset({Role.INSPECTION})

#: The manual's eight states, with its labels.
STATES = (
    State(name="new", fr="Nouveau", ar="جديد", en="New"),
    State(name="submitted", fr="Dossier soumis", ar="ملف مودع", en="Submitted"),
    State(
        name="awaiting_processing",
        fr="Dossier en attente de traitement",
        ar="ملف في انتظار المعالجة",
        en="Awaiting processing",
    ),
    State(
        name="in_progress",
        fr="Dossier en cours de traitement",
        ar="ملف قيد المعالجة",
        en="In progress",
    ),
    State(
        name="awaiting_complement",
        fr="Dossier en attente de complément",
        ar="ملف في انتظار استكمال الوثائق",
        en="Awaiting a complement",
    ),
    State(
        name="awaiting_inspection",
        fr="Dossier en attente de contrôle physique",
        ar="ملف في انتظار المراقبة المادية",
        en="Awaiting the physical inspection",
    ),
    State(name="closed", fr="Dossier clôturé", ar="ملف مغلق", en="Closed"),
    State(name="archived", fr="Dossier archivé", ar="ملف مؤرشف", en="Archived", final=True),
)

#: The service sees a dossier once it is submitted.
DRAFTS = frozenset({"new"})

#: The lists that the manual's people work from, but for an exporter's own dossiers.
LISTS = {
    "unassigned": ("submitted",),
    "unprocessed": ("awaiting_processing",),
    "mine": ("in_progress", "awaiting_complement", "awaiting_inspection"),
    "all": tuple(state.name for state in STATES if state.name not in DRAFTS),
    "history": ("closed", "archived"),
}

#: « Bilan général » and « Bilan par catégorie ».
REPORTS = Reports(
    titles={
        "general": ("Bilan général", "الحصيلة العامة"),
        "category": ("Bilan par catégorie", "الحصيلة حسب الصنف"),
    },
    readers=frozenset({Role.INSPECTION, Role.MINISTRY}),
    done=frozenset({"closed", "archived"}),
    categories="craft-categories",
)
