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
