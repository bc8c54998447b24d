"""What the hub counts, in Prometheus's words; served under `/metrics`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """One registry per hub, so that two hubs in one process count apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "passavant_messages_received",
            "Messages answered at the door.",
            ["type", "answer"],
            registry=self.registry,
        )
        self.refused = Counter(
            "passavant_messages_refused",
            "Messages refused at the door, by error code.",
            ["code"],
            registry=self.registry,
        )
        self.worked = Counter(
            "passavant_messages_worked",
            "Messages handled, by outcome.",
            ["type", "outcome"],
            registry=self.registry,
        )
        self.delivered = Counter(
            "passavant_deliveries",
            "Pushes to partners, by result.",
            ["partner", "result"],
            registry=self.registry,
        )
        self.mailed = Counter(
            "passavant_mails",
            "Tries to hand an e-mail to the SMTP server, by result.",
            ["result"],
            registry=self.registry,
        )
        self.jobs = Gauge(
            "passavant_jobs",
            "Outstanding jobs when last looked at.",
            ["kind", "state"],
            registry=self.registry,
        )
        self.receipt_seconds = Histogram(
            "passavant_receipt_seconds",
            "Seconds from the last byte of a message to its receipt.",
            registry=self.registry,
        )
