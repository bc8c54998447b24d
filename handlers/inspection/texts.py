"""Every notice of the inspection, a row per code: what it says in French, English and Arabic.

Facts stand in braces. `{why}` and `{note}` are whole sentences, or nothing where the fact
that they tell of (a reason, an observation) is not given.
"""

from __future__ import annotations

from handlers.notices import Language, Notice, Texts

_NOTICES = (
    Notice(
        code="dossier-submitted",
        subject_fr="Dossier {number} soumis",
        subject_ar="تم إيداع الملف {number}",
        fr="Le dossier {number} est soumis au service {service} pour un certificat d’inspection.",
        en="The dossier {number} is submitted to the service {service} for an inspection"
        " certificate.",
        ar="تم إيداع الملف رقم {number} لدى المصلحة {service} من أجل شهادة التفتيش.",
    ),
    Notice(
        code="dossier-assigned",
        subject_fr="Dossier {number} affecté",
        subject_ar="تم إسناد الملف {number}",
        fr="Le dossier {number} est affecté à l’agent {agent} du service {service}.",
        en="The dossier {number} is given to the agent {agent} of the service {service}.",
        ar="تم إسناد الملف رقم {number} إلى العون {agent} بالمصلحة {service}.",
        mailed=False,
    ),
    Notice(
        code="dossier-taken",
        subject_fr="Dossier {number} en cours de traitement",
        subject_ar="الملف {number} قيد المعالجة",
        fr="Le dossier {number} est pris en charge par l’agent {agent}.",
        en="The agent {agent} has taken charge of the dossier {number}.",
        ar="تكفل العون {agent} بمعالجة الملف رقم {number}.",
        mailed=False,
    ),
    Notice(
        code="complement-requested",
        subject_fr="Dossier {number} : complément demandé",
        subject_ar="الملف {number}: طلب استكمال الوثائق",
        fr="Des documents sont demandés pour le dossier {number}, d’ici le {due} : {message}",
        en="Documents are asked for the dossier {number}, by {due} at the latest: {message}",
        ar="المطلوب استكمال وثائق الملف رقم {number} في أجل أقصاه {due}: {message}",
    ),
    Notice(
        code="complement-changed",
        subject_fr="Dossier {number} : complément modifié",
        subject_ar="الملف {number}: تعديل طلب استكمال الوثائق",
        fr="La demande de complément du dossier {number} est modifiée ; réponse attendue au plus"
        " tard le {due} : {message}",
        en="The request for documents of the dossier {number} is changed; the answer is due by"
        " {due} at the latest: {message}",
        ar="تم تعديل طلب استكمال وثائق الملف رقم {number}، والجواب منتظر في أجل أقصاه {due}:"
        " {message}",
    ),
    Notice(
        code="complement-answered",
        subject_fr="Dossier {number} : complément déposé",
        subject_ar="الملف {number}: إيداع الوثائق المطلوبة",
        fr="L’exportateur a déposé le complément du dossier {number}, affecté à l’agent {agent}.",
        en="The exporter has filed the documents asked for the dossier {number}, given to the"
        " agent {agent}.",
        ar="أودع المصدر الوثائق المطلوبة في الملف رقم {number} المسند إلى العون {agent}.",
        mailed=False,
    ),
    Notice(
        code="complement-validated",
        subject_fr="Dossier {number} : complément validé",
        subject_ar="الملف {number}: قبول الوثائق المطلوبة",
        fr="Le complément du dossier {number} est validé.",
        en="The documents filed for the dossier {number} are validated.",
        ar="تم قبول الوثائق المستكملة في الملف رقم {number}.",
    ),
    Notice(
        code="physical-inspection-ordered",
        subject_fr="Dossier {number} : contrôle physique le {day}",
        subject_ar="الملف {number}: مراقبة مادية بتاريخ {day}",
        fr="Un contrôle physique de la marchandise du dossier {number} est prévu le {day} :"
        " {message}",
        en="A physical inspection of the goods of the dossier {number} is set for {day}: {message}",
        ar="تقررت مراقبة مادية لبضاعة الملف رقم {number} بتاريخ {day}: {message}",
    ),
    Notice(
        code="physical-inspection-moved",
        subject_fr="Dossier {number} : contrôle physique reporté au {day}",
        subject_ar="الملف {number}: تغيير تاريخ المراقبة المادية إلى {day}",
        fr="Le contrôle physique du dossier {number} aura lieu le {day}.{why}",
        en="The physical inspection of the dossier {number} will be held on {day}.{why}",
        ar="ستتم المراقبة المادية للملف رقم {number} بتاريخ {day}.{why}",
    ),
    Notice(
        code="physical-inspection-held",
        subject_fr="Dossier {number} : résultat du contrôle physique",
        subject_ar="الملف {number}: نتيجة المراقبة المادية",
        fr="Le contrôle physique du dossier {number} a eu lieu le {day} : {result}.",
        en="The physical inspection of the dossier {number} was held on {day}: {result}.",
        ar="تمت المراقبة المادية للملف رقم {number} بتاريخ {day}: {result}.",
    ),
    Notice(
        code="application-accepted",
        subject_fr="Dossier {number} : demande acceptée",
        subject_ar="الملف {number}: قبول الطلب",
        fr="La demande de certificat d’inspection du dossier {number} est acceptée.{note}",
        en="The application for an inspection certificate of the dossier {number} is"
        " accepted.{note}",
        ar="تم قبول طلب شهادة التفتيش موضوع الملف رقم {number}.{note}",
    ),
    Notice(
        code="application-refused",
        subject_fr="Dossier {number} : demande refusée",
        subject_ar="الملف {number}: رفض الطلب",
        fr="La demande de certificat d’inspection du dossier {number} est refusée.{note}",
        en="The application for an inspection certificate of the dossier {number} is"
        " refused.{note}",
        ar="تم رفض طلب شهادة التفتيش موضوع الملف رقم {number}.{note}",
    ),
    Notice(
        code="certificate-issued",
        subject_fr="Dossier {number} : certificat {certificate} délivré",
        subject_ar="الملف {number}: تسليم الشهادة {certificate}",
        fr="Le certificat d’inspection {certificate} du dossier {number} est délivré.",
        en="The inspection certificate {certificate} of the dossier {number} is issued.",
        ar="تم تسليم شهادة التفتيش رقم {certificate} موضوع الملف رقم {number}.",
    ),
    Notice(
        code="certificate-revoked",
        subject_fr="Dossier {number} : certificat {certificate} révoqué",
        subject_ar="الملف {number}: سحب الشهادة {certificate}",
        fr="Le certificat d’inspection {certificate} du dossier {number} est révoqué.{why}",
        en="The inspection certificate {certificate} of the dossier {number} is revoked.{why}",
        ar="تم سحب شهادة التفتيش رقم {certificate} موضوع الملف رقم {number}.{why}",
    ),
    Notice(
        code="dossier-amended",
        subject_fr="Dossier {number} modifié",
        subject_ar="تعديل الملف {number}",
        fr="L’exportateur a modifié le dossier {number} : version {version}.{why}",
        en="The exporter has changed the dossier {number}: version {version}.{why}",
        ar="عدل المصدر الملف رقم {number}: النسخة {version}.{why}",
        mailed=False,
    ),
    Notice(
        code="dossier-withdrawn",
        subject_fr="Dossier {number} retiré",
        subject_ar="سحب الملف {number}",
        fr="L’exportateur a retiré le dossier {number}.{why}",
        en="The exporter has withdrawn the dossier {number}.{why}",
        ar="سحب المصدر الملف رقم {number}.{why}",
    ),
    Notice(
        code="dossier-archived",
        subject_fr="Dossier {number} archivé",
        subject_ar="أرشفة الملف {number}",
        fr="Le dossier {number} est archivé.",
        en="The dossier {number} is archived.",
        ar="تمت أرشفة الملف رقم {number}.",
        mailed=False,
    ),
    Notice(
        code="no-answer",
        subject_fr="Dossier {number} : un délai est passé",
        subject_ar="الملف {number}: انقضاء أجل",
        fr="Le délai du dossier {number} ouvert le {since} est passé ({partner} : {type}).",
        en="The deadline of the dossier {number} set on {since} has passed ({partner}: {type}).",
        ar="انقضى الأجل المحدد للملف رقم {number} بتاريخ {since} ({partner}: {type}).",
    ),
)

NOTICES = {notice.code: notice for notice in _NOTICES}

#: The sentence about a fact that may be missing, by its name in the texts: the fact, the sentence.
OPTIONAL: dict[str, tuple[str, dict[Language, str]]] = {
    "why": ("reason", {"fr": " Motif : {}", "en": " Reason: {}", "ar": " السبب: {}"}),
    "note": (
        "observation",
        {"fr": " Observation : {}", "en": " Observation: {}", "ar": " ملاحظة: {}"},
    ),
}

#: Values of messages in words an exporter reads; any other value stands as it is.
WORDS: dict[str, dict[Language, str]] = {
    "inspection": {
        "fr": "service de l’artisanat",
        "en": "the service",
        "ar": "مصلحة الصناعة التقليدية",
    },
    "declarant": {"fr": "exportateur", "en": "the exporter", "ar": "المصدر"},
    "Assignment": {"fr": "affectation du dossier", "en": "assignment", "ar": "إسناد الملف"},
    "TakingCharge": {"fr": "prise en charge", "en": "taking charge", "ar": "التكفل بالملف"},
    "InspectionDecision": {
        "fr": "réponse à la demande",
        "en": "answer to the application",
        "ar": "الجواب على الطلب",
    },
    "ComplementReply": {
        "fr": "dépôt du complément",
        "en": "filing of the documents asked for",
        "ar": "إيداع الوثائق المطلوبة",
    },
    "PhysicalInspectionResult": {
        "fr": "résultat du contrôle physique",
        "en": "result of the physical inspection",
        "ar": "نتيجة المراقبة المادية",
    },
    "CertificateIssue": {
        "fr": "délivrance du certificat",
        "en": "issue of the certificate",
        "ar": "تسليم الشهادة",
    },
    "conforming": {"fr": "conforme", "en": "conforming", "ar": "مطابق"},
    "not-conforming": {"fr": "non conforme", "en": "not conforming", "ar": "غير مطابق"},
}

#: The facts that are looked up in `WORDS`; a name, a message or a reason never is.
IN_WORDS = frozenset({"partner", "type", "result"})

TEXTS = Texts(notices=NOTICES, optional=OPTIONAL, words=WORDS, in_words=IN_WORDS)
