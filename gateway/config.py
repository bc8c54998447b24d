"""The hub's settings: one TOML file, each value also as an environment variable `PASSAVANT_…`.

Nested settings take a double underscore: `PASSAVANT_HTTP__PORT=9000`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

DEFAULT_FILE = Path("passavant.toml")

#: One e-mail address as it travels: no list, no name, no comment, nothing quoted.
ADDRESS = (
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)


class Section(BaseModel):
    """A table of the TOML file; an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class HubSettings(Section):
    """Who the hub is."""

    name: str = "passavant"
    """The name partners write as the receiver."""
    public_url: str = "http://127.0.0.1:8080"
    """The address printed on papers and in replies."""
    key: Path = Path("hub.key.pem")
    """The private key that signs every reply."""
    certificate: Path = Path("hub.cert.pem")
    """The certificate that goes with it, given to every partner."""


class HttpSettings(Section):
    """What the door lets in."""

    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` for all."""
    port: int = 8080
    """Port to listen on; 0 takes a free one."""
    body_limit: int = 16 * 1024 * 1024
    """Largest request body, in bytes."""
    header_timeout: float = 10
    """Seconds for the request's headers to arrive."""
    body_timeout: float = 30
    """Seconds for the request's body to arrive whole."""
    wait_limit: float = 60
    """Longest `Prefer: wait`, in seconds."""
    intake_limit: int = 2_000
    """Messages that may wait for their commit; beyond it the door answers 429."""
    body_memory: int = 128 * 1024 * 1024
    """Bytes of request bodies held at once; beyond it the door answers 429."""
    oldest: timedelta = timedelta(days=90)
    """How old a message's creation time may be; a repeat is recognised for ever in any case."""
    clock_skew: timedelta = timedelta(hours=48)
    """How far a message's creation time may lie in the future."""
    tls_certificate: Path | None = None
    """Server certificate; with it and `tls_key` the hub speaks HTTPS."""
    tls_key: Path | None = None
    """The server certificate's private key."""


class DatabaseSettings(Section):
    """One line chooses the engine."""

    url: str = "sqlite:///passavant.db"
    """`sqlite:///FILE` is embedded; `postgresql://USER@HOST/NAME` is for many processes."""


class QueueSettings(Section):
    """How work is claimed."""

    workers: int = 1
    """Worker loops in this process."""
    batch: int = 16
    """Jobs claimed, and committed, at once."""
    lease: timedelta = timedelta(seconds=30)
    """How long a claim lasts; a dead worker's jobs come back after it."""
    poll: float = 1.0
    """Seconds between looks at the queue when no hint comes."""
    attempts: int = 5
    """Tries of a job that fails by a bug before it is parked."""


class DeliverySettings(Section):
    """How replies are pushed to partners."""

    patience: timedelta = timedelta(days=5)
    """How long a push is tried before it is parked."""
    first_delay: timedelta = timedelta(seconds=1)
    """Before the second try of a push; it doubles from there, with jitter."""
    longest_delay: timedelta = timedelta(minutes=15)
    """What the doubling ends at."""
    timeout: float = 20
    """Seconds a partner has to answer one push."""
    allow_private: bool = False
    """Whether push addresses may be private or loopback (a sandbox needs it)."""
    allowed_hosts: tuple[str, ...] = ()
    """When given, the only hosts that may be pushed to."""


class LicenceSettings(Section):
    """Assumptions about the licence that no manual states."""

    attachment_limit: int = 3 * 1024 * 1024
    """Largest attachment, in bytes (the manual's 3 Mo)."""
    tolerance: Decimal = Decimal(0)
    """Fraction of the granted quantity that may be imputed beyond it (0.05 is 5 %)."""
    validity_months: int = 6
    """Validity when the visa gives none."""
    visa_days: int = 10
    """Days the ministry has to answer a visa request."""
    other_office: str = "warning"
    """An imputation at another office than the licence's: `warning` or `error`."""
    control: str = "quantity"
    """What customs controls when the visa does not say: `quantity`, `value`, `both` or `open`."""
    customs_days: int = 2
    """Days customs has to acknowledge a notice."""
    extension_days: int = 10
    """Days the ministry has to answer a request for extension."""
    extensions: int = 1
    """How often a licence may be extended."""
    clearance_days: int = 30
    """Days the authority has to answer a proposal of clearance."""
    contra_days: int = 30
    """Days a contra waits for its original."""
    expiry_alert_days: int = 15
    """Days before the end of validity at which the declarant is warned."""
    purge_days: int = 90
    """Days after the end of validity at which an unused licence is closed."""
    repatriation_days: int = 150
    """Days after its imputation in which a declaration's proceeds are due."""
    consignment_days: int = 180
    """The same for a sale on consignment."""
    consignment_terms: tuple[str, ...] = ("VC",)
    """The payment terms that mean consignment."""
    repatriation_alert_days: int = 30
    """Days before proceeds are due at which the declarant is warned."""


class InspectionSettings(Section):
    """Assumptions about the inspection of handicraft that no manual states."""

    attachment_limit: int = 3 * 1024 * 1024
    """Largest attachment, in bytes."""
    assignment_days: int = 3
    """Days a supervisor has to assign a submitted dossier."""
    taking_days: int = 3
    """Days the assigned agent has to take charge of it."""
    processing_days: int = 10
    """Days the agent has to answer a dossier taken charge of."""
    complement_days: int = 15
    """Days the exporter has to file a complement, when the agent names no day."""
    archive_days: int = 90
    """Days after its closing at which a dossier is archived."""


class MailSettings(Section):
    """Notices by e-mail, beside the signed messages; without a `server` there are none."""

    server: str = ""
    """The SMTP server that takes the hub's mail; empty for no e-mail at all."""
    port: int = 587
    """Its port; 465 is usual for `tls`, 25 for a relay of the house."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` or `tls`, both with a verified certificate; `none` is for a relay of the house."""
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's, for a server of the house."""
    user: str = ""
    """Name to log in with; empty for no login."""
    password_file: Path | None = None
    """File that holds the password, and nothing else."""
    sender: str = Field(default="", pattern=rf"^({ADDRESS})?$")
    """The address that mail comes from, such as `guichet@example.org`."""
    timeout: float = 60
    """Seconds for the talk before the mail's content, and again for the content."""
    patience: timedelta = timedelta(days=3)
    """How long a mail is tried before it is parked."""
    first_delay: timedelta = timedelta(seconds=30)
    """Before the second try of a mail; it doubles from there, with jitter."""
    longest_delay: timedelta = timedelta(minutes=30)
    """What the doubling ends at."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        """A server needs a sender, and a password an encrypted connection."""
        if self.server and not self.sender:
            raise ValueError("`sender` is needed with `server`")
        if self.user and self.password_file is None:
            raise ValueError("`password_file` is needed with `user`")
        if self.user and self.security == "none":
            raise ValueError("a password is not sent without `starttls` or `tls`")
        return self


class PaperSettings(Section):
    """How papers are rendered."""

    processes: int = 1
    """Rendering processes; each is replaced when it exceeds the time."""
    timeout: float = 30
    """Seconds one paper may take."""
    issuer_fr: str = "Ministère du Commerce Extérieur"
    """Who issues the papers, in French."""
    issuer_ar: str = "وزارة التجارة الخارجية"
    """The same in Arabic."""


class ConsoleSettings(Section):
    """The console at `/console/`, and who may open it."""

    key: Path = Path("console.key")
    """32 random bytes that seal the operators' second factors; made when it is not there."""
    idle: timedelta = timedelta(minutes=30)
    """How long a session lasts unused."""
    absolute: timedelta = timedelta(hours=12)
    """How long a session lasts in any case."""
    second_factor: Literal["optional", "required"] = "optional"
    """`required`: nobody does anything with a password alone."""
    timezone: str = "Africa/Casablanca"
    """In which days and hours are shown and asked for."""
    alone: int = Field(default=1, ge=0)
    """How many messages one person may replay at once; more need a second person."""
    bulk_per_minute: int = Field(default=60, ge=1)
    """How many targets of one bulk act begin in a minute."""
    approval: timedelta = timedelta(hours=8)
    """How long a dangerous act waits for a second person."""
    oidc_issuer: str = Field(
        default="", pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost).*)?$"
    )
    """OpenID Connect: the provider's issuer, to sign in there too; empty for passwords alone."""
    oidc_client_id: str = ""
    """The console's name at the provider; it is sent back to `/console/oidc/callback`."""
    oidc_secret_file: Path | None = None
    """File that holds the client's secret, and nothing else; a public client has none."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        """A zone that the IANA database has."""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"“{name}” is no time zone") from unknown
        return name

    @model_validator(mode="after")
    def _named(self) -> Self:
        """A provider knows the console by a name."""
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("`oidc_client_id` is needed with `oidc_issuer`")
        return self


class AlertSettings(Section):
    """What operators are alerted of, and how they are told beside the console."""

    every: float = Field(default=15, gt=0)
    """Seconds between two looks at the hub."""
    unreachable: timedelta = timedelta(minutes=5)
    """How long pushes to a partner fail before that is an alert."""
    queue_age: timedelta = timedelta(minutes=5)
    """How long a message may be due and not begun before the queue is slow."""
    disk_low: int = Field(default=15, ge=0, le=100)
    """Per cent of free disk below which there is a warning."""
    disk_urgent: int = Field(default=5, ge=0, le=100)
    """Per cent of free disk below which it is urgent."""
    storm: int = Field(default=100, ge=1)
    """Refused, or repeated, messages of one partner in ten minutes that are a storm."""
    mail_to: tuple[Annotated[str, Field(pattern=rf"^{ADDRESS}$")], ...] = ()
    """Addresses that get an e-mail of each alert; it takes a `mail.server`."""
    webhook_url: str = ""
    """Address that gets each alert as JSON (POST), judged as push addresses are; empty for none."""
    webhook_secret_file: Path | None = None
    """File that holds the secret which signs them (HMAC-SHA256), and nothing else."""

    @model_validator(mode="after")
    def _signed(self) -> Self:
        """Whoever listens must be able to know who speaks."""
        if self.webhook_url and self.webhook_secret_file is None:
            raise ValueError("`webhook_secret_file` is needed with `webhook_url`")
        return self


class Settings(BaseSettings):
    """All of it; `folder` is where the file stands and what relative paths start from."""

    model_config = SettingsConfigDict(
        env_prefix="PASSAVANT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    hub: HubSettings = Field(default_factory=HubSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    queue: QueueSettings = Field(default_factory=QueueSettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)
    licence: LicenceSettings = Field(default_factory=LicenceSettings)
    inspection: InspectionSettings = Field(default_factory=InspectionSettings)
    papers: PaperSettings = Field(default_factory=PaperSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    folder: Path = Path()

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, and a test's own values over both."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls),
        )

    @property
    def database_url(self) -> str:
        """The database's address with a relative SQLite file made absolute."""
        prefix = "sqlite:///"
        if not self.database.url.startswith(prefix):
            return self.database.url
        return prefix + str((self.folder / self.database.url.removeprefix(prefix)).resolve())

    def path(self, relative: Path) -> Path:
        """A path of the settings, from the folder of the file."""
        return self.folder / relative


def find_file(given: Path | None) -> Path:
    """`--config`, else `$PASSAVANT_CONFIG`, else `./passavant.toml`."""
    return given or Path(os.environ.get("PASSAVANT_CONFIG", DEFAULT_FILE))


def load(file: Path) -> Settings:
    """The settings of one file; raises `FileNotFoundError`, pydantic's `ValidationError`."""
    if not file.is_file():
        raise FileNotFoundError(file)

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return FromFile(folder=file.resolve().parent)
