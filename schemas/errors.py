"""Every error the hub can name: number, stage, whose fault, French and English text, repair.

HTTP status and retry policy follow from stage and fault. A number is never used twice, and every
code has a sample or a test that provokes it. `docs/reference/errors.md` is generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, unique


@unique
class Stage(Enum):
    """The step of a message's life that found the error, with the HTTP status it answers."""

    SIZE = ("size", 413)
    MEDIA = ("media", 415)
    TIMEOUT = ("timeout", 408)
    LIMIT = ("limit", 429)
    LOAD = ("load", 503)
    TRANSPORT = ("transport", 400)
    SYNTAX = ("syntax", 400)
    SIGNATURE = ("signature", 401)
    CREDENTIALS = ("credentials", 401)
    ACCESS = ("access", 403)
    LOOKUP = ("lookup", 404)
    REPLAY = ("replay", 409)
    SCHEMA = ("schema", 400)
    RULE = ("rule", 422)
    HUB = ("hub", 500)

    def __init__(self, label: str, status: int) -> None:
        self.label = label
        self.status = status


class Fault(Enum):
    """Who must act for the message to pass."""

    SENDER = "sender"
    RECEIVER = "receiver"
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What one error says; `{name}` places are filled from the fields of its finding."""

    fr: str
    en: str
    repair_fr: str = ""
    repair_en: str = ""


@unique
class Code(Enum):
    """One member per error: number, stage, fault, text."""

    # 1xx: transport
    BODY_TOO_LARGE = (
        101,
        Stage.SIZE,
        Fault.SENDER,
        Text(
            fr="Le message dépasse la taille admise de {limit} octets.",
            en="The message is larger than the {limit} bytes allowed.",
            repair_fr="Réduire les pièces jointes (3 Mo au plus chacune).",
            repair_en="Make the attachments smaller (3 MB each at most).",
        ),
    )
    MEDIA_TYPE_UNSUPPORTED = (
        102,
        Stage.MEDIA,
        Fault.SENDER,
        Text(
            fr="Le type de contenu « {found} » n'est pas admis.",
            en="The content type “{found}” is not accepted.",
            repair_fr="Envoyer application/xml, ou multipart/related avec les pièces jointes.",
            repair_en="Send application/xml, or multipart/related with the attachments.",
        ),
    )
    CONTENT_ENCODING_UNSUPPORTED = (
        103,
        Stage.MEDIA,
        Fault.SENDER,
        Text(
            fr="L'encodage de contenu « {found} » n'est pas admis.",
            en="The content encoding “{found}” is not accepted.",
            repair_fr="Envoyer le message sans compression.",
            repair_en="Send the message without compression.",
        ),
    )
    BODY_TOO_SLOW = (
        104,
        Stage.TIMEOUT,
        Fault.SENDER,
        Text(
            fr="Le message n'est pas arrivé en entier en {seconds} secondes.",
            en="The message did not arrive whole within {seconds} seconds.",
            repair_fr="Renvoyer le même message avec le même identifiant.",
            repair_en="Send the same message again with the same identifier.",
        ),
    )
    TOO_MANY_REQUESTS = (
        105,
        Stage.LIMIT,
        Fault.SENDER,
        Text(
            fr="Trop de messages à la fois.",
            en="Too many messages at once.",
            repair_fr="Attendre le délai indiqué par Retry-After, puis renvoyer le même message.",
            repair_en="Wait for the time Retry-After gives, then send the same message again.",
        ),
    )
    STORE_UNAVAILABLE = (
        106,
        Stage.LOAD,
        Fault.HUB,
        Text(
            fr="Le guichet ne peut pas enregistrer de message en ce moment ; rien n'a été retenu.",
            en="The hub cannot store a message just now; nothing was kept.",
            repair_fr="Renvoyer le même message, avec le même identifiant, un peu plus tard.",
            repair_en="Send the same message, with the same identifier, a little later.",
        ),
    )
    MULTIPART_UNREADABLE = (
        107,
        Stage.TRANSPORT,
        Fault.SENDER,
        Text(
            fr="Les parties du message sont illisibles : {reason}.",
            en="The parts of the message cannot be read: {reason}.",
            repair_fr="La première partie est le XML signé ; les suivantes, des PDF nommés par"
            " leur empreinte SHA-256 (Content-ID).",
            repair_en="The first part is the signed XML; the others are PDFs named by their"
            " SHA-256 digest (Content-ID).",
        ),
    )
    BODY_EMPTY = (
        108,
        Stage.TRANSPORT,
        Fault.SENDER,
        Text(fr="Le message est vide.", en="The message is empty."),
    )

    # 2xx: syntax
    NOT_XML = (
        201,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Le message n'est pas du XML bien formé : {reason}.",
            en="The message is not well-formed XML: {reason}.",
        ),
    )
    DOCTYPE_FORBIDDEN = (
        202,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Une déclaration DOCTYPE n'est pas admise.",
            en="A DOCTYPE declaration is not accepted.",
            repair_fr="Retirer le DOCTYPE et toute entité.",
            repair_en="Remove the DOCTYPE and every entity.",
        ),
    )
    ENCODING_NOT_UTF8 = (
        203,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Le message n'est pas encodé en UTF-8.",
            en="The message is not encoded in UTF-8.",
            repair_fr="Encoder en UTF-8 avant de signer.",
            repair_en="Encode in UTF-8 before signing.",
        ),
    )
    TOO_DEEP = (
        204,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Les éléments sont imbriqués sur plus de {limit} niveaux.",
            en="Elements are nested more than {limit} levels deep.",
        ),
    )
    TOO_MANY_ELEMENTS = (
        205,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Le message compte plus de {limit} éléments.",
            en="The message has more than {limit} elements.",
        ),
    )
    TOO_MANY_ATTRIBUTES = (
        206,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Un élément porte plus de {limit} attributs.",
            en="An element has more than {limit} attributes.",
        ),
    )
    TOO_MANY_NAMESPACES = (
        207,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Le message déclare plus de {limit} espaces de noms.",
            en="The message declares more than {limit} namespaces.",
        ),
    )
    COMMENT_FORBIDDEN = (
        208,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="Les commentaires et instructions de traitement ne sont pas admis.",
            en="Comments and processing instructions are not accepted.",
            repair_fr="Les retirer avant de signer.",
            repair_en="Remove them before signing.",
        ),
    )
    ROOT_UNKNOWN = (
        209,
        Stage.SYNTAX,
        Fault.SENDER,
        Text(
            fr="La racine « {found} » n'est pas un StandardBusinessDocument.",
            en="The root “{found}” is not a StandardBusinessDocument.",
        ),
    )

    # 3xx: signature
    UNSIGNED = (
        301,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le message n'est pas signé.",
            en="The message is not signed.",
            repair_fr="Signer le document entier (signature enveloppée, fille de la racine).",
            repair_en="Sign the whole document (enveloped signature, child of the root).",
        ),
    )
    SIGNATURE_DOUBLED = (
        302,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le message porte plus d'une signature.",
            en="The message carries more than one signature.",
        ),
    )
    SIGNATURE_MISPLACED = (
        303,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="La signature n'est pas la dernière fille directe de la racine.",
            en="The signature is not the last direct child of the root.",
        ),
    )
    SIGNATURE_STRUCTURE = (
        304,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="La structure de la signature n'est pas admise : {reason}.",
            en="The structure of the signature is not accepted: {reason}.",
        ),
    )
    ID_DUPLICATED = (
        305,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="L'identifiant XML « {id} » est porté par deux éléments.",
            en="The XML identifier “{id}” is carried by two elements.",
        ),
    )
    ALGORITHM_FORBIDDEN = (
        306,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="L'algorithme « {found} » n'est pas admis.",
            en="The algorithm “{found}” is not accepted.",
            repair_fr="Utiliser ECDSA P-256 ou RSA (3072 bits au moins) avec SHA-256.",
            repair_en="Use ECDSA P-256 or RSA (at least 3072 bits) with SHA-256.",
        ),
    )
    REFERENCE_FORBIDDEN = (
        307,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="La signature ne couvre pas exactement le document entier.",
            en="The signature does not cover exactly the whole document.",
        ),
    )
    TRANSFORM_FORBIDDEN = (
        308,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="La transformation « {found} » n'est pas admise.",
            en="The transform “{found}” is not accepted.",
        ),
    )
    KEY_INFO_FORBIDDEN = (
        309,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="KeyInfo ne peut contenir que X509Data.",
            en="KeyInfo may hold X509Data only.",
        ),
    )
    SIGNATURE_INVALID = (
        310,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="La signature ne correspond pas au contenu du message.",
            en="The signature does not match the content of the message.",
            repair_fr="Signer après la dernière modification, et envoyer les octets signés"
            " sans les reformater.",
            repair_en="Sign after the last change, and send the signed bytes as they are.",
        ),
    )
    SIGNED_BY_ANOTHER = (
        311,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le message est signé avec un certificat qui n'est pas celui de « {sender} ».",
            en="The message is signed with a certificate that is not one of “{sender}”.",
        ),
    )
    CERTIFICATE_EXPIRED = (
        312,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le certificat de signature a expiré le {when}.",
            en="The signing certificate expired on {when}.",
            repair_fr="Faire enregistrer un nouveau certificat auprès du guichet.",
            repair_en="Have a new certificate registered with the hub.",
        ),
    )
    CERTIFICATE_NOT_YET_VALID = (
        313,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le certificat de signature n'est valable qu'à partir du {when}.",
            en="The signing certificate is valid only from {when}.",
        ),
    )
    CERTIFICATE_SUSPENDED = (
        314,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="Le certificat de signature est suspendu.",
            en="The signing certificate is suspended.",
        ),
    )
    SENDER_UNKNOWN = (
        315,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="L'expéditeur « {sender} » n'est pas un partenaire du guichet.",
            en="The sender “{sender}” is not a partner of this hub.",
        ),
    )
    SIGNING_TIME_IMPLAUSIBLE = (
        316,
        Stage.SIGNATURE,
        Fault.SENDER,
        Text(
            fr="L'heure de signature {found} est hors de la validité du certificat ou à venir.",
            en="The signing time {found} is outside the certificate's validity or still to come.",
            repair_fr="Mettre l'horloge à l'heure, puis signer de nouveau.",
            repair_en="Set the clock right, then sign again.",
        ),
    )

    # 4xx: access, replay, look-up
    TYPE_NOT_ALLOWED = (
        401,
        Stage.ACCESS,
        Fault.SENDER,
        Text(
            fr="Un partenaire de rôle « {role} » ne peut pas envoyer « {type} ».",
            en="A partner with the role “{role}” may not send “{type}”.",
        ),
    )
    DOSSIER_UNKNOWN = (
        402,
        Stage.ACCESS,
        Fault.SENDER,
        Text(
            fr="Le dossier « {dossier} » n'existe pas ou n'est pas accessible.",
            en="The dossier “{dossier}” does not exist or is not accessible.",
        ),
    )
    PARTNER_SUSPENDED = (
        403,
        Stage.ACCESS,
        Fault.SENDER,
        Text(
            fr="Le partenaire « {sender} » est suspendu.",
            en="The partner “{sender}” is suspended.",
            repair_fr="Prendre contact avec l'exploitant du guichet.",
            repair_en="Contact the operator of the hub.",
        ),
    )
    SAME_ID_OTHER_CONTENT = (
        404,
        Stage.REPLAY,
        Fault.SENDER,
        Text(
            fr="L'identifiant « {id} » a déjà servi pour un autre contenu.",
            en="The identifier “{id}” was already used for other content.",
            repair_fr="Donner un nouvel InstanceIdentifier à tout nouveau contenu.",
            repair_en="Give every new content a new InstanceIdentifier.",
        ),
    )
    CREATION_TIME_OUT_OF_WINDOW = (
        405,
        Stage.REPLAY,
        Fault.SENDER,
        Text(
            fr="La date de création {found} s'écarte de plus de {hours} h de l'heure du guichet.",
            en="The creation time {found} is more than {hours} h away from the hub's clock.",
            repair_fr="Mettre l'horloge à l'heure, et signer peu avant l'envoi.",
            repair_en="Set the clock right, and sign shortly before sending.",
        ),
    )
    CREDENTIALS_INVALID = (
        406,
        Stage.CREDENTIALS,
        Fault.SENDER,
        Text(
            fr="Le jeton du partenaire manque ou n'est pas valable.",
            en="The partner token is missing or not valid.",
            repair_fr="Envoyer l'en-tête « Authorization: Bearer JETON ».",
            repair_en="Send the header “Authorization: Bearer TOKEN”.",
        ),
    )
    NOT_FOUND = (
        407,
        Stage.LOOKUP,
        Fault.SENDER,
        Text(fr="Rien de tel ici.", en="There is no such thing here."),
    )

    # 5xx: envelope and schema
    SCHEMA_INVALID = (
        501,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="Le message ne respecte pas le schéma : {reason}.",
            en="The message does not follow the schema: {reason}.",
        ),
    )
    TYPE_UNKNOWN = (
        502,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="Le type de message « {found} » est inconnu.",
            en="The message type “{found}” is unknown.",
            repair_fr="Voir la liste publiée sous /schemas/.",
            repair_en="See the list published under /schemas/.",
        ),
    )
    VERSION_UNKNOWN = (
        503,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="La version « {found} » de « {type} » est inconnue.",
            en="The version “{found}” of “{type}” is unknown.",
        ),
    )
    TYPE_MISMATCH = (
        504,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="L'en-tête annonce « {type} » et le contenu est « {found} ».",
            en="The header announces “{type}” and the content is “{found}”.",
        ),
    )
    RECEIVER_WRONG = (
        505,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="Le destinataire « {found} » n'est pas ce guichet (« {hub} »).",
            en="The receiver “{found}” is not this hub (“{hub}”).",
        ),
    )
    DOSSIER_MISSING = (
        506,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="« {type} » doit nommer son dossier (Scope de type DOSSIER).",
            en="“{type}” must name its dossier (Scope of type DOSSIER).",
        ),
    )

    # 6xx: business rules of the licence application and the visa; 7xx: imputations
    # 8xx: the workflow itself
    MOVE_FORBIDDEN = (
        801,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {event} » n'est pas possible dans l'état « {state} ».",
            en="“{event}” is not possible in the state “{state}”.",
        ),
    )
    VERSION_STALE = (
        802,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La version {found} n'est pas la version en cours ({current}).",
            en="Version {found} is not the current version ({current}).",
        ),
    )

    # 9xx: the hub
    INTERNAL = (
        901,
        Stage.HUB,
        Fault.HUB,
        Text(
            fr="Une erreur interne s'est produite ; l'exploitant en est averti.",
            en="An internal error happened; the operator has been told.",
        ),
    )

    RECEIVER_ABSENT = (
        902,
        Stage.LOAD,
        Fault.HUB,
        Text(
            fr="Aucun partenaire actif ne tient le rôle « {role} ».",
            en="No active partner holds the role “{role}”.",
        ),
    )

    def __init__(self, number: int, stage: Stage, fault: Fault, text: Text) -> None:
        self.number = number
        self.stage = stage
        self.fault = fault
        self.text = text

    @property
    def label(self) -> str:
        """The stable code partners see, e.g. `PSV-310`."""
        return f"PSV-{self.number}"

    @property
    def status(self) -> int:
        """The HTTP status when this error refuses a message at the door."""
        return self.stage.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One error found at one place.

    `path` is relative to the payload as a handler gives it (`GoodsLine[2]/CommodityCode`), and an
    absolute XPath once the gateway has resolved it; `line` counts from 1; `value` is the offending
    text. `fields` fill the places of the code's texts.
    """

    code: Code
    path: str = ""
    line: int | None = None
    value: str | None = None
    fields: dict[str, object] = field(default_factory=dict)

    def french(self) -> str:
        """The French text with its places filled."""
        return self.code.text.fr.format(**self.fields)

    def english(self) -> str:
        """The English text with its places filled."""
        return self.code.text.en.format(**self.fields)


class Refused(Exception):
    """The message is refused; every finding is the sender's to repair."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{f.code.label} {f.path} {f.english()}" for f in findings))
        self.findings = findings


def refused(
    code: Code, /, *, path: str = "", value: str | None = None, **fields: object
) -> Refused:
    """A refusal for one reason: `raise refused(Code.TOO_DEEP, limit=64)`."""
    return Refused(Finding(code=code, path=path, value=value, fields=fields))


class TryLater(Exception):
    """The hub or a receiver cannot do this yet; nothing is lost, and it is tried again."""

    def __init__(self, code: Code, after: timedelta) -> None:
        super().__init__(code.text.en)
        self.code = code
        self.after = after
