"""Every notice to the declarant, a row per code: what it says in French, English and Arabic.

Facts stand in braces. `{why}` and `{term}` are whole sentences, or nothing where the fact that they
tell of (a reason, a date by which something is due) is not given.
"""

from __future__ import annotations

from handlers.notices import Language, Notice, Texts

_NOTICES = (
    Notice(
        code="licence-granted",
        subject_fr="Licence {number} visée",
        subject_ar="تم التأشير على رخصة التصدير {number}",
        fr="La licence {number} est visée sous le numéro {visa}, valable du {start} au {until}.",
        en="Licence {number} is granted under the visa {visa}, valid from {start} to {until}.",
        ar="تم التأشير على رخصة التصدير رقم {number} تحت رقم {visa}،"
        " وهي صالحة من {start} إلى {until}.",
    ),
    Notice(
        code="licence-rejected",
        subject_fr="Demande de licence {number} rejetée",
        subject_ar="رفض طلب رخصة التصدير {number}",
        fr="La demande {number} est rejetée.{why}",
        en="The application {number} is rejected.{why}",
        ar="تم رفض طلب رخصة التصدير رقم {number}.{why}",
    ),
    Notice(
        code="licence-returned",
        subject_fr="Demande de licence {number} à corriger",
        subject_ar="طلب رخصة التصدير {number} يحتاج إلى تصحيح",
        fr="La demande {number} est retournée pour correction.{why}",
        en="The application {number} is returned for correction.{why}",
        ar="أعيد إليكم طلب رخصة التصدير رقم {number} قصد تصحيحه.{why}",
    ),
    Notice(
        code="licence-suspended",
        subject_fr="Licence {number} suspendue",
        subject_ar="توقيف رخصة التصدير {number}",
        fr="La licence {number} est suspendue ; elle ne peut servir avant d’être rétablie.{why}",
        en="Licence {number} is suspended; it may not be used until it is reinstated.{why}",
        ar="تم توقيف رخصة التصدير رقم {number}، ولا يمكن استعمالها إلى حين إعادة العمل بها.{why}",
    ),
    Notice(
        code="licence-reinstated",
        subject_fr="Licence {number} rétablie",
        subject_ar="إعادة العمل برخصة التصدير {number}",
        fr="La suspension de la licence {number} est levée.{why}",
        en="The suspension of licence {number} has ended.{why}",
        ar="تم رفع التوقيف عن رخصة التصدير رقم {number}.{why}",
    ),
    Notice(
        code="licence-revoked",
        subject_fr="Licence {number} révoquée",
        subject_ar="سحب رخصة التصدير {number}",
        fr="La licence {number} est révoquée ; elle ne peut plus servir.{why}",
        en="Licence {number} is revoked; it may not be used any more.{why}",
        ar="تم سحب رخصة التصدير رقم {number}، ولم يعد من الممكن استعمالها.{why}",
    ),
    Notice(
        code="licence-cancelled",
        subject_fr="Licence {number} annulée",
        subject_ar="إلغاء رخصة التصدير {number}",
        fr="La licence {number} est annulée.{why}",
        en="Licence {number} is cancelled.{why}",
        ar="تم إلغاء رخصة التصدير رقم {number}.{why}",
    ),
    Notice(
        code="cancellation-refused",
        subject_fr="Annulation de la licence {number} refusée",
        subject_ar="رفض إلغاء رخصة التصدير {number}",
        fr="L’annulation de la licence {number} est refusée ; la licence reste en l’état.{why}",
        en="The cancellation of licence {number} is refused; the licence stays as it was.{why}",
        ar="تم رفض إلغاء رخصة التصدير رقم {number}، وتبقى الرخصة على حالها.{why}",
    ),
    Notice(
        code="licence-expired",
        subject_fr="Licence {number} expirée",
        subject_ar="انتهاء صلاحية رخصة التصدير {number}",
        fr="La licence {number} est expirée : sa validité a pris fin le {until}.",
        en="Licence {number} has expired: its validity ended on {until}.",
        ar="انتهت صلاحية رخصة التصدير رقم {number} بتاريخ {until}.",
    ),
    Notice(
        code="licence-expiring",
        subject_fr="Licence {number} : fin de validité le {until}",
        subject_ar="رخصة التصدير {number}: تنتهي الصلاحية بتاريخ {until}",
        fr="La licence {number} expire le {until}. Une prolongation se demande avant cette date.",
        en="Licence {number} expires on {until}. An extension must be asked for before that day.",
        ar="تنتهي صلاحية رخصة التصدير رقم {number} بتاريخ {until}. يُطلب التمديد قبل هذا التاريخ.",
    ),
    Notice(
        code="licence-closed-unused",
        subject_fr="Licence {number} clôturée sans usage",
        subject_ar="إغلاق رخصة التصدير {number} دون استعمال",
        fr="La licence {number} a expiré sans avoir servi ; elle est clôturée.",
        en="Licence {number} expired without having been used; it is closed.",
        ar="انتهت صلاحية رخصة التصدير رقم {number} دون استعمالها، وقد تم إغلاقها.",
    ),
    Notice(
        code="extension-granted",
        subject_fr="Licence {number} prolongée jusqu’au {until}",
        subject_ar="تمديد رخصة التصدير {number} إلى غاية {until}",
        fr="La licence {number} est prolongée jusqu’au {until}.",
        en="Licence {number} is extended until {until}.",
        ar="تم تمديد صلاحية رخصة التصدير رقم {number} إلى غاية {until}.",
    ),
    Notice(
        code="extension-refused",
        subject_fr="Prolongation de la licence {number} refusée",
        subject_ar="رفض تمديد رخصة التصدير {number}",
        fr="La prolongation de la licence {number} est refusée.{why}",
        en="The extension of licence {number} is refused.{why}",
        ar="تم رفض تمديد صلاحية رخصة التصدير رقم {number}.{why}",
    ),
    Notice(
        code="no-answer",
        subject_fr="Licence {number} : une réponse n’est pas arrivée",
        subject_ar="رخصة التصدير {number}: جواب لم يصل",
        fr="La réponse demandée le {since} au sujet de la licence {number}"
        " ({partner} : {type}) n’est pas arrivée.",
        en="The answer asked for on {since} about licence {number}"
        " ({partner}: {type}) has not come.",
        ar="لم يصل الجواب المطلوب بتاريخ {since} بشأن رخصة التصدير رقم {number}"
        " ({partner}: {type}).",
    ),
    Notice(
        code="repatriation-recorded",
        subject_fr="Licence {number} : rapatriement enregistré",
        subject_ar="رخصة التصدير {number}: تسجيل إعادة المحاصيل",
        fr="L’attestation {attestation} de {bank}, de {amount}, est enregistrée au titre de la"
        " licence {number}.",
        en="The attestation {attestation} of {bank}, of {amount}, is recorded for licence"
        " {number}.",
        ar="تم تسجيل الشهادة رقم {attestation} الصادرة عن {bank} بمبلغ {amount}"
        " برسم رخصة التصدير رقم {number}.",
        mailed=False,
    ),
    Notice(
        code="repatriation-due",
        subject_fr="Licence {number} : rapatriement avant le {due}",
        subject_ar="رخصة التصدير {number}: إعادة المحاصيل قبل {due}",
        fr="Le rapatriement de {amount} au titre de la déclaration {declaration}"
        " (licence {number}) est attendu au plus tard le {due}.",
        en="The repatriation of {amount} for the declaration {declaration}"
        " (licence {number}) is due on {due} at the latest.",
        ar="يجب إعادة محاصيل التصدير بمبلغ {amount} عن التصريح {declaration}"
        " (رخصة التصدير رقم {number}) في أجل أقصاه {due}.",
    ),
    Notice(
        code="repatriation-overdue",
        subject_fr="Licence {number} : rapatriement en retard",
        subject_ar="رخصة التصدير {number}: تأخر في إعادة المحاصيل",
        fr="Le rapatriement de {amount} au titre de la déclaration {declaration}"
        " (licence {number}) était attendu au plus tard le {due} et n’est pas prouvé.",
        en="The repatriation of {amount} for the declaration {declaration}"
        " (licence {number}) was due on {due} at the latest and is not proved.",
        ar="كان يجب إعادة محاصيل التصدير بمبلغ {amount} عن التصريح {declaration}"
        " (رخصة التصدير رقم {number}) في أجل أقصاه {due}، ولم يتم إثبات ذلك.",
    ),
    Notice(
        code="clearance-decided",
        subject_fr="Licence {number} : décision d’apurement",
        subject_ar="رخصة التصدير {number}: قرار التصفية",
        fr="Déclaration {declaration} de la licence {number} : {decision}.{term}{why}",
        en="Declaration {declaration} of licence {number}: {decision}.{term}{why}",
        ar="التصريح {declaration} في إطار رخصة التصدير رقم {number}: {decision}.{term}{why}",
    ),
    Notice(
        code="licence-cleared",
        subject_fr="Licence {number} apurée",
        subject_ar="تصفية رخصة التصدير {number}",
        fr="La licence {number} est apurée : chacune de ses déclarations l’est.",
        en="Licence {number} is cleared: each of its declarations is.",
        ar="تمت تصفية رخصة التصدير رقم {number} بجميع تصريحاتها.",
    ),
    Notice(
        code="reservation-placed",
        subject_fr="Licence {number} : réservation",
        subject_ar="رخصة التصدير {number}: حجز",
        fr="La déclaration {declaration} a réservé une part de la licence {number}.",
        en="The declaration {declaration} has reserved a part of licence {number}.",
        ar="تم حجز جزء من رخصة التصدير رقم {number} لفائدة التصريح {declaration}.",
        mailed=False,
    ),
)

NOTICES = {notice.code: notice for notice in _NOTICES}

#: The sentence about a fact that may be missing, by its name in the texts: the fact, the sentence.
OPTIONAL: dict[str, tuple[str, dict[Language, str]]] = {
    "why": ("reason", {"fr": " Motif : {}", "en": " Reason: {}", "ar": " السبب: {}"}),
    "term": (
        "due",
        {"fr": " Nouvelle échéance : {}.", "en": " New due date: {}.", "ar": " الأجل الجديد: {}."},
    ),
}

#: Values of messages in words a declarant reads; any other value stands as it is.
WORDS: dict[str, dict[Language, str]] = {
    "ministry": {"fr": "ministère", "en": "the ministry", "ar": "الوزارة"},
    "customs": {"fr": "douane", "en": "customs", "ar": "الجمارك"},
    "bank": {"fr": "banque", "en": "the bank", "ar": "البنك"},
    "exchange-office": {
        "fr": "Office des changes",
        "en": "the exchange office",
        "ar": "مكتب الصرف",
    },
    "VisaDecision": {"fr": "décision de visa", "en": "decision on the visa", "ar": "قرار التأشير"},
    "ExtensionDecision": {
        "fr": "décision de prolongation",
        "en": "decision on the extension",
        "ar": "قرار التمديد",
    },
    "ClearanceDecision": {
        "fr": "décision d’apurement",
        "en": "decision on the clearance",
        "ar": "قرار التصفية",
    },
    "Acknowledgement": {
        "fr": "accusé de réception",
        "en": "acknowledgement",
        "ar": "إشعار بالتوصل",
    },
    "full": {"fr": "apurement total", "en": "cleared in full", "ar": "تصفية كاملة"},
    "shortfall": {
        "fr": "apurement avec manque justifié",
        "en": "cleared with a justified shortfall",
        "ar": "تصفية مع نقص مبرر",
    },
    "refused": {"fr": "apurement refusé", "en": "clearance refused", "ar": "رفض التصفية"},
    "more-time": {"fr": "délai supplémentaire", "en": "more time", "ar": "أجل إضافي"},
}

#: The facts that are looked up in `WORDS`; a name or a reason never is.
IN_WORDS = frozenset({"partner", "type", "decision"})

TEXTS = Texts(notices=NOTICES, optional=OPTIONAL, words=WORDS, in_words=IN_WORDS)
