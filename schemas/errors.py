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
    FILTER = ("filter", 400)
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
            fr="La date de création {found} n'est pas entre {oldest} et {newest}.",
            en="The creation time {found} is not between {oldest} and {newest}.",
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
    FILTER_UNKNOWN = (
        408,
        Stage.FILTER,
        Fault.SENDER,
        Text(
            fr="Le filtre « {name} » n'existe pas ici.",
            en="There is no filter “{name}” here.",
            repair_fr="Filtres admis : {known}.",
            repair_en="Filters accepted: {known}.",
        ),
    )
    FILTER_UNREADABLE = (
        409,
        Stage.FILTER,
        Fault.SENDER,
        Text(
            fr="La valeur « {found} » du filtre « {name} » ne se lit pas ; attendu : {wanted_fr}.",
            en="The value “{found}” of the filter “{name}” cannot be read; wanted: {wanted_en}.",
        ),
    )
    CONSULTS_ONLY = (
        410,
        Stage.ACCESS,
        Fault.SENDER,
        Text(
            fr="Le partenaire « {sender} » n'a que la consultation ; « {type} » est un acte.",
            en="The partner “{sender}” may only consult; “{type}” is an act.",
            repair_fr="Demander à l'exploitant du guichet le droit de gestion.",
            repair_en="Ask the operator of the hub for the right to manage.",
        ),
    )

    # 5xx: envelope and schema
    SCHEMA_INVALID = (
        501,
        Stage.SCHEMA,
        Fault.SENDER,
        Text(
            fr="Le message ne respecte pas le schéma : {raison}.",
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

    # 6xx: the application and the visa
    ELEMENT_MISSING = (
        601,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {element} » manque.",
            en="“{element}” is missing.",
            repair_fr="Compléter le dossier, puis renvoyer.",
            repair_en="Complete the dossier, then send again.",
        ),
    )
    INVOICES_DIFFER = (
        602,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La somme des factures ({sum} {currency}) n'est pas le montant total ({total}"
            " {currency}).",
            en="The invoices add up to {sum} {currency}, not to the total amount of {total}"
            " {currency}.",
            repair_fr="Corriger le montant total, ou joindre toutes les factures.",
            repair_en="Correct the total amount, or attach every invoice.",
        ),
    )
    LINE_VALUES_DIFFER = (
        603,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La somme des valeurs des lignes ({sum} {currency}) ne s'accorde pas avec le"
            " montant total ({total} {currency}).",
            en="The values of the lines add up to {sum} {currency}, which does not agree with the"
            " total amount of {total} {currency}.",
            repair_fr="Corriger les valeurs, ou ne donner aucune valeur par ligne.",
            repair_en="Correct the values, or give no value per line.",
        ),
    )
    COUNTRY_UNKNOWN = (
        604,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un code pays ISO 3166-1.",
            en="“{found}” is not an ISO 3166-1 country code.",
        ),
    )
    CURRENCY_UNKNOWN = (
        605,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une devise ISO 4217.",
            en="“{found}” is not an ISO 4217 currency.",
        ),
    )
    AMOUNT_DECIMALS = (
        606,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le montant {found} a plus de {places} décimales, ce que {currency} n'admet pas.",
            en="The amount {found} has more than {places} decimals, which {currency} does not"
            " allow.",
            repair_fr="Arrondir à {places} décimales.",
            repair_en="Round to {places} decimals.",
        ),
    )
    INCOTERM_UNKNOWN = (
        607,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un incoterm 2020.",
            en="“{found}” is not an Incoterms 2020 rule.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    UNIT_UNKNOWN = (
        608,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une unité de la liste (Recommandation 20 de la CEE-ONU).",
            en="“{found}” is not a unit of the list (UNECE Recommendation 20).",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    UNIT_WITHDRAWN = (
        609,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'unité « {found} » a été retirée de la Recommandation 20.",
            en="The unit “{found}” was withdrawn from Recommendation 20.",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    COMMODITY_CODE_UNKNOWN = (
        610,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Les six premiers chiffres de « {found} » ne sont pas une sous-position du Système"
            " harmonisé.",
            en="The first six digits of “{found}” are no subheading of the Harmonized System.",
        ),
    )
    PRODUCT_NOT_LICENSED = (
        611,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas soumis à licence d'exportation au {day}.",
            en="“{found}” is not under export licence on {day}.",
            repair_fr="Retirer la ligne : ce produit s'exporte sans licence.",
            repair_en="Remove the line: this product is exported without a licence.",
        ),
    )
    ICE_INVALID = (
        612,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La clé de contrôle de l'ICE « {found} » est fausse.",
            en="The check digits of the ICE “{found}” are wrong.",
        ),
    )
    OFFICE_UNKNOWN = (
        613,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un bureau douanier connu.",
            en="“{found}” is not a known customs office.",
        ),
    )
    PROCEDURE_UNKNOWN = (
        614,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un régime douanier d'exportation connu.",
            en="“{found}” is not a known export procedure.",
        ),
    )
    REGISTER_CENTRE_UNKNOWN = (
        615,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un centre du registre du commerce connu.",
            en="“{found}” is not a known centre of the commercial register.",
        ),
    )
    PAYMENT_TERMS_UNKNOWN = (
        616,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une modalité de paiement connue.",
            en="“{found}” is not among the known payment terms.",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    DOCUMENT_TYPE_UNKNOWN = (
        617,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un type de document connu.",
            en="“{found}” is not a known document type.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    CATEGORY_UNKNOWN = (
        618,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une catégorie de licence connue.",
            en="“{found}” is not a known category of licence.",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    DATE_IN_FUTURE = (
        619,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La date {found} est à venir (nous sommes le {today}).",
            en="The date {found} lies in the future (today is {today}).",
        ),
    )
    ATTACHMENT_TOO_LARGE = (
        620,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {filename} » compte {size} octets ; {limit} sont admis.",
            en="“{filename}” has {size} bytes; {limit} are allowed.",
            repair_fr="Numériser avec une résolution plus faible, ou partager le document.",
            repair_en="Scan at a lower resolution, or split the document.",
        ),
    )
    ATTACHMENT_NOT_PDF = (
        621,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {filename} » n'est pas un PDF par son contenu.",
            en="“{filename}” is not a PDF by its content.",
            repair_fr="Exporter le document en PDF ; changer son nom ne suffit pas.",
            repair_en="Export the document as a PDF; changing its name is not enough.",
        ),
    )
    ATTACHMENT_ACTIVE = (
        622,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {filename} » porte un contenu actif ou embarqué ({found}).",
            en="“{filename}” carries active or embedded content ({found}).",
            repair_fr="Imprimer le document vers un nouveau PDF.",
            repair_en="Print the document to a new PDF.",
        ),
    )
    ATTACHMENT_ABSENT = (
        623,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucune partie du message n'a l'empreinte annoncée pour « {filename} ».",
            en="No part of the message has the digest announced for “{filename}”.",
            repair_fr="Joindre le fichier au message, ou le mettre dans Content.",
            repair_en="Send the file beside the message, or put it into Content.",
        ),
    )
    ATTACHMENT_UNREADABLE = (
        624,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {filename} » est un PDF endommagé ou protégé.",
            en="“{filename}” is a damaged or protected PDF.",
            repair_fr="Exporter le document de nouveau, sans mot de passe.",
            repair_en="Export the document again, without a password.",
        ),
    )
    LINE_NUMBER_REPEATED = (
        625,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Deux lignes portent le numéro {found}.",
            en="Two lines bear the number {found}.",
        ),
    )
    REASON_CODE_UNKNOWN = (
        626,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un motif d'annulation connu.",
            en="“{found}” is not a known reason for cancelling.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    REASON_MISSING = (
        631,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une décision « {decision} » doit dire son motif.",
            en="A decision “{decision}” must give its reason.",
            repair_fr="Ajouter l'élément Reason.",
            repair_en="Add the element Reason.",
        ),
    )
    VISA_NUMBER_MISSING = (
        632,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une licence visée doit porter le numéro du visa.",
            en="A granted licence must bear the visa's number.",
            repair_fr="Ajouter l'élément VisaNumber.",
            repair_en="Add the element VisaNumber.",
        ),
    )
    VALIDITY_INVERTED = (
        633,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La validité finit le {until}, avant de commencer le {start}.",
            en="The validity ends on {until}, before it begins on {start}.",
        ),
    )
    GRANTED_LINE_UNKNOWN = (
        634,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence n'a pas de ligne {found}.",
            en="The licence has no line {found}.",
        ),
    )
    GRANTED_LINE_REPEATED = (
        635,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La ligne {found} est accordée deux fois.",
            en="Line {found} is granted twice.",
        ),
    )
    GRANTED_UNIT_DIFFERS = (
        636,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La ligne {line} est demandée en {unit} et non en {found}.",
            en="Line {line} is asked for in {unit}, not in {found}.",
            repair_fr="Donner la quantité accordée en {unit}.",
            repair_en="Give the granted quantity in {unit}.",
        ),
    )
    GRANTED_EXCEEDS_ASKED = (
        637,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La quantité accordée {found} dépasse la quantité demandée {asked} {unit} (ligne"
            " {line}).",
            en="The granted quantity {found} exceeds the {asked} {unit} asked for (line {line}).",
        ),
    )
    NOTHING_GRANTED = (
        638,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucune ligne n'est accordée.",
            en="No line is granted anything.",
            repair_fr="Rejeter la demande, ou accorder au moins une ligne.",
            repair_en="Reject the application, or grant at least one line.",
        ),
    )
    CURRENCY_FROZEN = (
        639,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La devise de la licence est {expected} ; elle ne peut devenir {found}.",
            en="The licence's currency is {expected}; it cannot become {found}.",
            repair_fr="Annuler la licence et en demander une autre.",
            repair_en="Cancel the licence and apply for another.",
        ),
    )
    EXPORTER_FROZEN = (
        640,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence est à l'exportateur {expected} ; elle ne peut passer à {found}.",
            en="The licence is the exporter {expected}'s; it cannot pass to {found}.",
            repair_fr="Annuler la licence et en demander une autre.",
            repair_en="Cancel the licence and apply for another.",
        ),
    )
    LICENCE_RESERVED = (
        641,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {declaration} réserve une part de la ligne {line} jusqu'au {until}.",
            en="The declaration {declaration} reserves a part of line {line} until {until}.",
            repair_fr="Attendre que la douane libère la réservation ou l'impute, ou qu'elle expire."
            "Attendre que la douane libère la réservation ou l'impute, ou qu'elle expire.",
            repair_en="Wait until customs releases the reservation or imputes it, or until it"
            " lapses.",
        ),
    )
    EXTENSION_TOO_EARLY = (
        642,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La nouvelle fin de validité {found} doit être le {earliest} ou plus tard.",
            en="The new end of validity {found} must be {earliest} or later.",
        ),
    )
    VALIDITY_OVER = (
        643,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La validité de la licence a pris fin le {until} ; nous sommes le {today}.",
            en="The licence's validity ended on {until}; today is {today}.",
            repair_fr="Demander une nouvelle licence.",
            repair_en="Apply for a new licence.",
        ),
    )
    EXTENSIONS_USED = (
        644,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une licence ne peut être prolongée plus de {most} fois.",
            en="A licence cannot be extended more than {most} times.",
            repair_fr="Demander une nouvelle licence.",
            repair_en="Apply for a new licence.",
        ),
    )
    EXTENSION_PENDING = (
        645,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une prolongation jusqu'au {until} est déjà demandée, le {asked}.",
            en="An extension until {until} was already asked for, on {asked}.",
            repair_fr="Attendre la décision du ministère.",
            repair_en="Wait for the ministry's decision.",
        ),
    )
    EXTENSION_NOT_ASKED = (
        646,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucune prolongation de la licence {dossier} n'est demandée.",
            en="No extension of the licence {dossier} is asked for.",
        ),
    )
    EXTENSION_END_MISSING = (
        647,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une prolongation accordée doit dire sa fin.",
            en="A granted extension must say its end.",
            repair_fr="Ajouter l'élément ValidUntil.",
            repair_en="Add the element ValidUntil.",
        ),
    )
    EXTENSION_EXCEEDS_ASKED = (
        648,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La fin de validité {found} dépasse celle qui est demandée, le {asked}.",
            en="The end of validity {found} is later than the {asked} asked for.",
        ),
    )
    ANSWERED_UNKNOWN = (
        649,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucun message « {found} » ne vous a été envoyé.",
            en="No message “{found}” was sent to you.",
            repair_fr="Donner l'InstanceIdentifier du message reçu.",
            repair_en="Give the InstanceIdentifier of the message received.",
        ),
    )
    ANSWERED_OTHER_DOSSIER = (
        650,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le message « {found} » n'est pas du dossier {dossier}.",
            en="The message “{found}” is not of the dossier {dossier}.",
            repair_fr="Nommer le dossier du message dans le Scope DOSSIER.",
            repair_en="Name the message's dossier in the Scope DOSSIER.",
        ),
    )
    ANSWERED_OTHER_CONTENT = (
        651,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'empreinte {found} n'est pas celle du message envoyé, {expected}.",
            en="The digest {found} is not that of the message sent, {expected}.",
            repair_fr="Vérifier le message reçu ; donner le DigestValue de sa signature en"
            " hexadécimal.",
            repair_en="Verify the message received; give its signature's DigestValue in"
            " hexadecimal.",
        ),
    )
    STATUS_NOT_OF_STAGE = (
        652,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le statut « {found} » n'est pas de l'étape « {stage} ».",
            en="The status “{found}” is not of the stage “{stage}”.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )

    # 7xx: imputations
    OUTSIDE_VALIDITY = (
        701,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La date {found} est hors de la validité de la licence, du {start} au {until}.",
            en="The date {found} lies outside the licence's validity, from {start} to {until}.",
        ),
    )
    LINE_UNKNOWN = (
        702,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence n'a pas de ligne {found}.",
            en="The licence has no line {found}.",
        ),
    )
    CODE_DIFFERS = (
        703,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La ligne {line} porte la nomenclature {expected} et non {found}.",
            en="Line {line} bears the commodity code {expected}, not {found}.",
        ),
    )
    UNIT_NOT_CONVERTIBLE = (
        704,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'unité {found} ne se convertit pas exactement en {unit}, l'unité de la ligne"
            " {line}.",
            en="The unit {found} does not convert exactly into {unit}, the unit of line {line}.",
            repair_fr="Donner la quantité en {unit}.",
            repair_en="Give the quantity in {unit}.",
        ),
    )
    PROCEDURE_DIFFERS = (
        705,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence est accordée pour le régime {expected} et non {found}.",
            en="The licence is for the procedure {expected}, not {found}.",
        ),
    )
    OTHER_OFFICE = (
        706,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence nomme le bureau {expected} et non {found}.",
            en="The licence names the customs office {expected}, not {found}.",
        ),
    )
    QUANTITY_EXCEEDED = (
        707,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il reste {available} {unit} sur la ligne {line} ; {found} {unit} n'y tiennent pas.",
            en="Line {line} has {available} {unit} left; {found} {unit} do not fit into it.",
            repair_fr="Demander au plus {available} {unit}.",
            repair_en="Ask for {available} {unit} at most.",
        ),
    )
    VALUE_EXCEEDED = (
        708,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il reste {available} {currency} sur la licence ; {found} {currency} n'y tiennent"
            " pas.",
            en="The licence has {available} {currency} left; {found} {currency} do not fit into"
            " it.",
            repair_fr="Demander au plus {available} {currency}.",
            repair_en="Ask for {available} {currency} at most.",
        ),
    )
    IMPUTATION_NUMBER_USED = (
        709,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le numéro d'imputation « {found} » a déjà servi au bureau {office}.",
            en="The imputation number “{found}” was already used at the office {office}.",
            repair_fr="Donner à chaque imputation son propre numéro.",
            repair_en="Give every imputation a number of its own.",
        ),
    )
    ORIGINAL_NUMBER_MISSING = (
        710,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une contre-passation ou une rectification doit nommer l'imputation qu'elle"
            " corrige.",
            en="A contra or an adjustment must name the imputation that it corrects.",
            repair_fr="Ajouter l'élément OriginalNumber.",
            repair_en="Add the element OriginalNumber.",
        ),
    )
    ORIGINAL_UNKNOWN = (
        711,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence n'a pas d'imputation « {found} » du bureau {office} à corriger.",
            en="The licence has no imputation “{found}” of the office {office} to correct.",
        ),
    )
    CONTRA_EXCEEDS_QUANTITY = (
        712,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La contre-passation de {found} {unit} dépasse ce qui reste de l'imputation «"
            " {original} » : {available} {unit}.",
            en="The contra of {found} {unit} exceeds what remains of the imputation “{original}”:"
            " {available} {unit}.",
        ),
    )
    CONTRA_EXCEEDS_VALUE = (
        713,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La contre-passation de {found} {currency} dépasse ce qui reste de l'imputation «"
            " {original} » : {available} {currency}.",
            en="The contra of {found} {currency} exceeds what remains of the imputation"
            " “{original}”: {available} {currency}.",
        ),
    )
    CONTRA_DIFFERS = (
        714,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La correction donne « {found} » et l'imputation « {original} » portait «"
            " {expected} ».",
            en="The correction gives “{found}” where the imputation “{original}” had “{expected}”.",
        ),
    )
    CURRENCY_DIFFERS = (
        715,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La licence est en {expected} et non en {found}.",
            en="The licence is in {expected}, not in {found}.",
            repair_fr="Donner la valeur en {expected}.",
            repair_en="Give the value in {expected}.",
        ),
    )
    DECLARATION_NUMBER_DIFFERS = (
        716,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le numéro de déclaration commence par « {found} » ; bureau, régime et année"
            " donnent « {expected} ».",
            en="The declaration number begins with “{found}”; office, procedure and year give"
            " “{expected}”.",
        ),
    )
    ORIGINAL_NUMBER_UNEXPECTED = (
        717,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une imputation originale ou tardive ne corrige aucune autre.",
            en="An original or late imputation corrects no other.",
            repair_fr="Retirer l'élément OriginalNumber, ou envoyer une contre-passation.",
            repair_en="Remove the element OriginalNumber, or send a contra.",
        ),
    )
    LINE_VALUE_EXCEEDED = (
        718,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il reste {available} {currency} sur la ligne {line} ; {found} {currency} n'y"
            " tiennent pas.",
            en="Line {line} has {available} {currency} left; {found} {currency} do not fit into"
            " it.",
            repair_fr="Demander au plus {available} {currency}.",
            repair_en="Ask for {available} {currency} at most.",
        ),
    )
    ALREADY_IMPUTED = (
        719,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'imputation « {found} » du bureau {office} est déjà enregistrée avec le même"
            " contenu ; rien n'est fait deux fois.",
            en="The imputation “{found}” of the office {office} is already entered with the same"
            " content; nothing is done twice.",
        ),
    )
    CONTRA_WAITS = (
        720,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'imputation « {found} » du bureau {office} n'est pas encore arrivée ; la"
            " contre-passation l'attend jusqu'au {until}.",
            en="The imputation “{found}” of the office {office} has not come yet; the contra"
            " waits for it until {until}.",
        ),
    )
    ADJUSTED_BELOW_GIVEN_BACK = (
        721,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le total rectifié de {found} {unit} est inférieur aux {least} {unit} que des"
            " contre-passations ont déjà restitués sur « {original} ».",
            en="The corrected total of {found} {unit} is less than the {least} {unit} that"
            " contras of “{original}” have given back already.",
        ),
    )
    SUM_TOO_LARGE = (
        722,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Avec {found} {unit}, le total dépasserait ce qu'un message peut écrire : moins"
            " de {limit}.",
            en="With {found} {unit} the total would exceed what a message can write: less than"
            " {limit}.",
            repair_fr="Vérifier la quantité et la valeur.",
            repair_en="Check the quantity and the value.",
        ),
    )
    TOO_MANY_CONTRAS_WAITING = (
        723,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="{limit} contre-passations attendent déjà leur imputation sur cette licence.",
            en="{limit} contras wait for their imputations on this licence already.",
            repair_fr="Envoyer d'abord les imputations.",
            repair_en="Send the imputations first.",
        ),
    )
    RESERVATION_INCOMPLETE = (
        724,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une réservation doit dire combien et jusqu'à quand ; il manque {element}.",
            en="A reservation must say how much and until when; {element} is missing.",
            repair_fr="Ajouter l'élément {element}.",
            repair_en="Add the element {element}.",
        ),
    )
    RESERVATION_EXISTS = (
        725,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {found} a déjà une réservation sur la ligne {line}.",
            en="The declaration {found} has a reservation on line {line} already.",
            repair_fr="La modifier par l'action « change ».",
            repair_en="Change it with the action “change”.",
        ),
    )
    RESERVATION_UNKNOWN = (
        726,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {found} n'a pas de réservation sur la ligne {line}.",
            en="The declaration {found} has no reservation on line {line}.",
        ),
    )
    RESERVATION_OF_ANOTHER = (
        727,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La réservation de la déclaration {found} sur la ligne {line} a été posée par un"
            " autre partenaire.",
            en="The reservation of the declaration {found} on line {line} was placed by another"
            " partner.",
        ),
    )
    RESERVATION_DAY_OUTSIDE = (
        728,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une réservation finit entre le {start} et le {until}, et non le {found}.",
            en="A reservation ends between {start} and {until}, not on {found}.",
        ),
    )
    STATEMENT_QUANTITY_DIFFERS = (
        729,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Ligne {line} : l'état donne {found} {unit} et le registre {expected} {unit}.",
            en="Line {line}: the statement gives {found} {unit} and the ledger {expected} {unit}.",
        ),
    )
    STATEMENT_VALUE_DIFFERS = (
        730,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Ligne {line} : l'état donne {found} {currency} et le registre {expected}"
            " {currency}.",
            en="Line {line}: the statement gives {found} {currency} and the ledger {expected}"
            " {currency}.",
        ),
    )
    STATEMENT_LINE_ABSENT = (
        731,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'état ne donne rien pour la ligne {line} ; le registre y porte {expected}"
            " {unit} et {value} {currency}.",
            en="The statement gives nothing for line {line}; the ledger has {expected} {unit}"
            " and {value} {currency} there.",
        ),
    )
    STATEMENT_LINE_REPEATED = (
        732,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'état donne la ligne {found} deux fois.",
            en="The statement gives line {found} twice.",
            repair_fr="Donner un seul total par ligne.",
            repair_en="Give one total per line.",
        ),
    )
    PERIOD_INVERTED = (
        733,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La période finit le {until}, avant de commencer le {start}.",
            en="The period ends on {until}, before it begins on {start}.",
        ),
    )

    # 75x: repatriation and clearance
    SPLIT_DIFFERS = (
        750,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Les parts font {found} {currency} et le montant reçu est de {expected} {currency}.",
            en="The shares make {found} {currency}, and the amount received is {expected}"
            " {currency}.",
            repair_fr="Répartir tout le montant sur les déclarations.",
            repair_en="Split the whole amount over the declarations.",
        ),
    )
    SPLIT_REPEATED = (
        751,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {found} reçoit deux parts.",
            en="The declaration {found} is given two shares.",
            repair_fr="Additionner ses parts en une seule.",
            repair_en="Add its shares up into one.",
        ),
    )
    DECLARATION_UNKNOWN = (
        752,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucune imputation de la licence ne porte la déclaration {found}.",
            en="No imputation of the licence is of the declaration {found}.",
            repair_fr="Vérifier le numéro de déclaration et le numéro de licence.",
            repair_en="Check the number of the declaration and that of the licence.",
        ),
    )
    REPATRIATED_IN_EXCESS = (
        753,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {declaration} ne doit plus que {owed} {currency} ; {found}"
            " {currency} lui sont apportés.",
            en="The declaration {declaration} owes only {owed} {currency} more; {found} {currency}"
            " are brought to it.",
        ),
    )
    PAID_IN_ADVANCE = (
        754,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'attestation est du {found}, avant le visa du {visa} : un paiement d'avance.",
            en="The attestation is of {found}, before the visa of {visa}: a payment in advance.",
        ),
    )
    ATTESTATION_USED = (
        755,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'attestation « {found} » de la banque « {bank} » a déjà servi.",
            en="The attestation “{found}” of the bank “{bank}” has served already.",
            repair_fr="Une attestation sert une seule fois : la répartir sur toutes ses"
            " déclarations en un message.",
            repair_en="An attestation serves once: split it over all its declarations in one"
            " message.",
        ),
    )
    DEDUCTION_CODE_UNKNOWN = (
        756,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un motif de déduction connu.",
            en="“{found}” is not a known reason for a deduction.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    CLEARED_ALREADY = (
        760,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {found} est déjà apurée.",
            en="The declaration {found} is cleared already.",
        ),
    )
    NOTHING_TO_CLEAR = (
        761,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La déclaration {found} n'a plus de valeur imputée : rien n'est à apurer.",
            en="The declaration {found} has no imputed value left: nothing is to be cleared.",
        ),
    )
    MONEY_MISSING = (
        762,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="De la déclaration {declaration}, {missing} {currency} ne sont pas rapatriés"
            " ({repatriated} sur {imputed} {currency}).",
            en="Of the declaration {declaration}, {missing} {currency} have not come home"
            " ({repatriated} of {imputed} {currency}).",
            repair_fr="Décider « shortfall » avec son motif, ou donner un délai.",
            repair_en="Decide “shortfall” with its reason, or give more time.",
        ),
    )
    DUE_DATE_MISSING = (
        763,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Une décision « more-time » doit donner la nouvelle échéance.",
            en="A decision “more-time” must give the new due date.",
            repair_fr="Ajouter l'élément DueDate.",
            repair_en="Add the element DueDate.",
        ),
    )
    DUE_DATE_NOT_LATER = (
        764,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La nouvelle échéance {found} n'est pas postérieure au {after}.",
            en="The new due date {found} is not later than {after}.",
            repair_fr="Donner une échéance postérieure à celle en cours et à aujourd'hui.",
            repair_en="Give a due date later than the present one and than today.",
        ),
    )
    DUE_DATE_UNEXPECTED = (
        765,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Seule une décision « more-time » donne une échéance, non « {decision} ».",
            en="Only a decision “more-time” gives a due date, not “{decision}”.",
            repair_fr="Retirer l'élément DueDate, ou décider « more-time ».",
            repair_en="Remove the element DueDate, or decide “more-time”.",
        ),
    )

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

    # 84x to 89x: the inspection
    AGENT_UNKNOWN = (
        840,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un agent de l'annuaire.",
            en="“{found}” is no agent of the directory.",
        ),
    )
    AGENT_INACTIVE = (
        841,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'agent « {found} » n'est plus actif.",
            en="The agent “{found}” is no longer active.",
        ),
    )
    AGENT_OF_OTHER_SERVICE = (
        842,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'agent « {found} » n'est pas du service {service}, qui traite le dossier.",
            en="The agent “{found}” is not of the service {service}, which treats the dossier.",
        ),
    )
    AGENT_NOT_SUPERVISOR = (
        843,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'agent « {found} » n'est pas superviseur.",
            en="The agent “{found}” is not a supervisor.",
        ),
    )
    AGENT_NOT_ASSIGNEE = (
        844,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier est affecté à « {assignee} », et non à « {found} ».",
            en="The dossier is given to “{assignee}”, and not to “{found}”.",
            repair_fr="Demander au superviseur de réaffecter le dossier.",
            repair_en="Ask the supervisor to reassign the dossier.",
        ),
    )
    REGISTRATION_PLACE_UNKNOWN = (
        850,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un lieu d'inscription connu.",
            en="“{found}” is not a known place of registration.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    PLACE_WITHOUT_SERVICE = (
        851,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Aucun service ne traite les dossiers du lieu d'inscription « {found} ».",
            en="No service treats the dossiers of the place of registration “{found}”.",
        ),
    )
    LEGAL_FORM_UNKNOWN = (
        852,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un statut juridique connu.",
            en="“{found}” is not a known legal form.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    TRANSPORT_MODE_UNKNOWN = (
        853,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un mode de transport connu.",
            en="“{found}” is not a known mode of transport.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    EXIT_POINT_UNKNOWN = (
        854,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un point de sortie connu.",
            en="“{found}” is not a known exit point.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    CRAFT_CATEGORY_UNKNOWN = (
        855,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une catégorie de l'artisanat connue.",
            en="“{found}” is not a known category of handicraft.",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    CRAFT_PRODUCT_UNKNOWN = (
        856,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas un produit de l'artisanat connu.",
            en="“{found}” is not a known handicraft product.",
            repair_fr="Choisir l'un de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    PRODUCT_OF_OTHER_CATEGORY = (
        857,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le produit « {found} » est de la catégorie {expected}, et non {category}.",
            en="The product “{found}” is of the category {expected}, not {category}.",
        ),
    )
    CARPET_QUALITY_UNKNOWN = (
        858,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {found} » n'est pas une qualité de tapis connue.",
            en="“{found}” is not a known quality of carpets.",
            repair_fr="Choisir l'une de : {known}.",
            repair_en="Choose one of: {known}.",
        ),
    )
    CARPET_INCOMPLETE = (
        859,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il manque « {element} » aux tapis de la ligne {line}.",
            en="The carpets of line {line} lack “{element}”.",
        ),
    )
    POTTERY_CERTIFICATE_MISSING = (
        860,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il manque le numéro de certificat de la poterie de la ligne {line}.",
            en="The number of the certificate of the pottery of line {line} is missing.",
        ),
    )
    FACT_OF_OTHER_CATEGORY = (
        861,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="« {element} » ({found}) ne se dit pas de la catégorie {category}.",
            en="“{element}” ({found}) is not said of the category {category}.",
        ),
    )
    VALUE_NOT_POSITIVE = (
        862,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La valeur {found} n'est pas positive.",
            en="The value {found} is not positive.",
        ),
    )
    DOCUMENT_REQUIRED = (
        863,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Il manque le document « {label} » ({type}).",
            en="The document “{label}” ({type}) is missing.",
            repair_fr="Ajouter le document, puis renvoyer.",
            repair_en="Add the document, then send again.",
        ),
    )
    SERVICE_FROZEN = (
        864,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier est au service {expected}, qui n'est pas celui de « {found} ».",
            en="The dossier is with the service {expected}, which is not that of “{found}”.",
            repair_fr="Retirer la demande et en déposer une autre.",
            repair_en="Withdraw the application and file another.",
        ),
    )
    SELF_FOR_ANOTHER = (
        865,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Qui s'affecte le dossier ne peut nommer « {found} ».",
            en="Who takes the dossier over cannot name “{found}”.",
            repair_fr="Utiliser l'action assign ou reassign.",
            repair_en="Use the action assign or reassign.",
        ),
    )
    ASSIGNED_ALREADY = (
        866,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier est déjà affecté à « {assignee} ».",
            en="The dossier is given to “{assignee}” already.",
            repair_fr="Utiliser l'action reassign, avec un motif.",
            repair_en="Use the action reassign, with a reason.",
        ),
    )
    NOT_ASSIGNED_YET = (
        867,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier n'est encore affecté à personne.",
            en="The dossier is given to nobody yet.",
            repair_fr="Utiliser l'action assign ou self.",
            repair_en="Use the action assign or self.",
        ),
    )
    ASSIGNEE_UNCHANGED = (
        868,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier est déjà celui de « {found} ».",
            en="The dossier is “{found}”'s already.",
        ),
    )
    EXPORTER_OF_DOSSIER_DIFFERS = (
        869,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier est à l'exportateur {expected} ; il ne peut passer à {found}.",
            en="The dossier is the exporter {expected}'s; it cannot pass to {found}.",
            repair_fr="Retirer la demande et en déposer une autre.",
            repair_en="Withdraw the application and file another.",
        ),
    )

    FORM_FROZEN = (
        878,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La réponse a été donnée le {day} ; le dossier ne change plus.",
            en="The answer was given on {day}; the dossier does not change any more.",
            repair_fr="Révoquer le certificat pour le remplacer, s'il est à corriger.",
            repair_en="Revoke the certificate to replace it, if it must be corrected.",
        ),
    )
    ANSWER_FINAL = (
        879,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La réponse « {answer} » a été donnée le {day} ; elle est définitive.",
            en="The answer “{answer}” was given on {day}; it is final.",
        ),
    )
    COMPLEMENT_PENDING = (
        880,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'exportateur n'a pas encore répondu à la demande de complément n° {number}.",
            en="The exporter has not answered the request for documents no. {number} yet.",
            repair_fr="Modifier cette demande, ou attendre la réponse.",
            repair_en="Change that request, or wait for the answer.",
        ),
    )
    COMPLEMENT_ANSWERED = (
        881,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'exportateur a répondu à la demande de complément n° {number} ; elle ne se"
            " modifie plus.",
            en="The exporter has answered the request for documents no. {number}; it cannot be"
            " changed any more.",
            repair_fr="Valider la réponse, ou envoyer une autre demande.",
            repair_en="Validate the answer, or send another request.",
        ),
    )
    COMPLEMENT_VALIDATED = (
        882,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La réponse à la demande de complément n° {number} est déjà validée.",
            en="The answer to the request for documents no. {number} is validated already.",
        ),
    )
    COMPLEMENT_UNKNOWN = (
        883,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier n'a pas de demande de complément {found}.",
            en="The dossier has no request for documents {found}.",
        ),
    )
    COMPLEMENT_NOT_VALIDATED = (
        884,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La réponse à la demande de complément n° {number} n'est pas validée.",
            en="The answer to the request for documents no. {number} is not validated.",
            repair_fr="Valider la réponse, ou refuser la demande.",
            repair_en="Validate the answer, or refuse the application.",
        ),
    )
    FLAGGED_FILE_UNKNOWN = (
        885,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier n'a pas de document « {found} » de ce type.",
            en="The dossier has no document “{found}” of that type.",
            repair_fr="Nommer un fichier déposé, ou retirer FileName.",
            repair_en="Name a file that was filed, or remove FileName.",
        ),
    )
    DEADLINE_PAST = (
        886,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="L'échéance {found} est passée.",
            en="The deadline {found} has passed.",
        ),
    )
    INSPECTION_DAY_PAST = (
        887,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le jour du contrôle, {found}, est passé (nous sommes le {today}).",
            en="The day of the inspection, {found}, has passed (today is {today}).",
        ),
    )
    APPLICATION_NOT_ACCEPTED = (
        888,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="La demande n'est pas acceptée ; il n'y a pas de certificat.",
            en="The application is not accepted; there is no certificate.",
        ),
    )
    CERTIFICATE_IN_FORCE = (
        889,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le certificat {certificate} est en vigueur.",
            en="The certificate {certificate} is in force.",
            repair_fr="Le révoquer d'abord, s'il est à remplacer.",
            repair_en="Revoke it first, if it must be replaced.",
        ),
    )
    CERTIFICATE_NUMBER_USED = (
        890,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le numéro de certificat {found} a déjà servi.",
            en="The certificate number {found} has served already.",
            repair_fr="Donner un autre numéro, ou laisser le guichet en donner un.",
            repair_en="Give another number, or leave it to the hub to give one.",
        ),
    )
    REPLACEMENT_NOT_FORESEEN = (
        891,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le certificat {certificate} a été révoqué sans être remplacé.",
            en="The certificate {certificate} was revoked without being replaced.",
        ),
    )
    NO_CERTIFICATE_IN_FORCE = (
        892,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le dossier n'a pas de certificat en vigueur.",
            en="The dossier has no certificate in force.",
        ),
    )
    OTHER_CERTIFICATE_IN_FORCE = (
        893,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Le certificat en vigueur est {certificate}, et non {found}.",
            en="The certificate in force is {certificate}, and not {found}.",
        ),
    )
    OBSERVATION_MISSING = (
        894,
        Stage.RULE,
        Fault.SENDER,
        Text(
            fr="Un refus doit dire ses motifs à l'exportateur.",
            en="A refusal must give its reasons to the exporter.",
            repair_fr="Ajouter l'élément Observation.",
            repair_en="Add the element Observation.",
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
