"""The export licence, modelled on the manual of the export licence (application to clearance)."""

from schemas.workflow import Role, State

SERIES = "LE"

#: Who sees every licence; a declarant sees its own.
READERS = frozenset({Role.MINISTRY, Role.CUSTOMS, Role.EXCHANGE_OFFICE, Role.BANK})

#: The states of a licence's life, with the manual's labels where it has one.
STATES = (
    State(name="saved", fr="Sauvegardé", ar="محفوظ", en="Saved"),
    State(name="submitted", fr="Soumis pour Visa MCE", ar="قيد التأشير", en="Submitted for visa"),
    State(name="granted", fr="Visé", ar="مؤشر عليه", en="Granted"),
    State(name="rejected", fr="Rejeté", ar="مرفوض", en="Rejected", final=True),
    State(name="cancelling", fr="En cours d'annulation", ar="قيد الإلغاء", en="Being cancelled"),
    State(name="cancelled", fr="Annulé", ar="ملغى", en="Cancelled", final=True),
    State(
        name="partly_imputed",
        fr="Partiellement imputé",
        ar="محسوم جزئيا",
        en="Partly imputed",
    ),
    State(name="imputed", fr="Imputé", ar="محسوم كليا", en="Imputed"),
    State(name="suspended", fr="Suspendu", ar="موقوف", en="Suspended"),
    State(name="revoked", fr="Révoqué", ar="مسحوب", en="Revoked"),
    State(name="expired", fr="Expiré", ar="منتهي الصلاحية", en="Expired"),
    State(
        name="closed_unused",
        fr="Clôturé sans usage",
        ar="مغلق دون استعمال",
        en="Closed unused",
        final=True,
    ),
    State(name="cleared", fr="Apuré", ar="مصفى", en="Cleared", final=True),
)
