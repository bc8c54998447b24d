"""What the inspection's handlers read of its settings: the assumptions that no manual states."""

from __future__ import annotations

from typing import Protocol


class InspectionSettings(Protocol):
    """The part of the configuration that reaches the handlers as `context.settings`."""

    @property
    def attachment_limit(self) -> int:
        """Largest attachment, in bytes."""

    @property
    def assignment_days(self) -> int:
        """Days a supervisor has to assign a submitted dossier."""

    @property
    def taking_days(self) -> int:
        """Days the assigned agent has to take charge of it."""

    @property
    def processing_days(self) -> int:
        """Days the agent has to answer a dossier taken charge of."""

    @property
    def complement_days(self) -> int:
        """Days the exporter has to file a complement, when the agent names no day."""

    @property
    def archive_days(self) -> int:
        """Days after its closing at which a dossier is archived."""
