"""What the licence's handlers read of its settings: the assumptions that no manual states."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol


class LicenceSettings(Protocol):
    """The part of the configuration that reaches the handlers as `context.settings`."""

    @property
    def attachment_limit(self) -> int:
        """Largest attachment, in bytes."""

    @property
    def tolerance(self) -> Decimal:
        """Fraction that may be imputed beyond what was granted."""

    @property
    def validity_months(self) -> int:
        """Months of validity when the visa gives no end."""

    @property
    def visa_days(self) -> int:
        """Days the ministry has to answer a visa request."""

    @property
    def other_office(self) -> str:
        """`warning` or `error`: an imputation at another office than the licence's."""

    @property
    def control(self) -> str:
        """What customs controls: `quantity`, `value`, `both` or `open`."""

    @property
    def customs_days(self) -> int:
        """Days customs has to acknowledge a notice."""

    @property
    def extension_days(self) -> int:
        """Days the ministry has to answer a request for extension."""

    @property
    def extensions(self) -> int:
        """How often a licence may be extended."""

    @property
    def clearance_days(self) -> int:
        """Days the authority has to answer a proposal of clearance."""

    @property
    def contra_days(self) -> int:
        """Days a contra waits for its original."""

    @property
    def expiry_alert_days(self) -> int:
        """Days before the end of validity at which the declarant is warned."""

    @property
    def purge_days(self) -> int:
        """Days after the end of validity at which an unused licence is closed."""

    @property
    def repatriation_days(self) -> int:
        """Days after its imputation in which a declaration's proceeds are due."""

    @property
    def consignment_days(self) -> int:
        """The same for a sale on consignment."""

    @property
    def consignment_terms(self) -> tuple[str, ...]:
        """The payment terms that mean consignment."""

    @property
    def repatriation_alert_days(self) -> int:
        """Days before proceeds are due at which the declarant is warned."""
