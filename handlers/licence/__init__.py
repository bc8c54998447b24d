"""The export licence, modelled on the manual of the export licence (application to clearance)."""

from schemas.workflow import Role, State

SERIES = "LE"

#: Who sees every licence; a declarant sees its own.
READERS = frozenset({Role.MINISTRY, Role.CUSTOMS, Role.EXCHANGE_OFFICE})

#: The states reached so far in the licence's life, with the manual's labels.
STATES = (
    State(name="saved", fr="Sauvegardé", ar="محفوظ", en="Saved"),
    State(name="submitted", fr="Soumis pour Visa MCE", ar="قيد التأشير", en="Submitted for visa"),
    State(name="granted", fr="Visé", ar="مؤشر عليه", en="Granted"),
    State(name="rejected", fr="Rejeté", ar="مرفوض", en="Rejected", final=True),
    State(name="cancelled", fr="Annulé", ar="ملغى", en="Cancelled", final=True),
    State(
        name="partly_imputed",
        fr="Partiellement imputé",
        ar="محسوم جزئيا",
        en="Partly imputed",
    ),
    State(name="imputed", fr="Imputé", ar="محسوم كليا", en="Imputed"),
)
