"""What stands printed on the papers: French and Arabic labels, and the numbers of the boxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label in both languages; `number` is the box's, 0 where no box is numbered."""

    fr: str
    ar: str
    number: int = 0


def _label(fr: str, ar: str, number: int = 0) -> Label:
    return Label(fr=fr, ar=ar, number=number)


#: Labels of the parts that papers share.
SHARED: dict[str, Label] = {
    "version": _label("Version", "الصيغة"),
    "state": _label("État", "الحالة"),
    "validity": _label("Validité", "مدة الصلاحية"),
    "from": _label("du", "من"),
    "until": _label("au", "إلى"),
    "page": _label("Page", "صفحة"),
    "check": _label("Vérification", "التحقق"),
    "verify_at": _label("Vérifier sur", "للتحقق"),
    "seal": _label("Cachet électronique", "الختم الإلكتروني"),
    "digest": _label("Empreinte SHA-256 du contenu", "بصمة المحتوى"),
    "produced": _label("Document établi le", "حررت في"),
    "sealed_at": _label("Cacheté le", "ختمت في"),
    "unsealed": _label("Document sans cachet électronique", "وثيقة بدون ختم إلكتروني"),
    "online": _label("État en ligne", "الحالة على الخط"),
    "offline": _label("Vérification hors ligne", "التحقق دون اتصال"),
    "no_code": _label("Sans valeur hors ligne", "غير صالحة دون اتصال"),
    "reason": _label("Motif", "السبب"),
    "ice": _label("ICE", "التعريف الموحد للمقاولة"),
    "register": _label("RC", "السجل التجاري"),
    "line": _label("N°", "رقم"),
    "value": _label("Valeur", "القيمة"),
    "sum": _label("Total", "المجموع"),
    "number": _label("Numéro", "الرقم"),
    "date": _label("Date", "التاريخ"),
    "kind": _label("Type", "النوع"),
    "wording": _label("Description", "الوصف"),
}

#: The licence's, its boxes in the order of the paper, with the manual's words.
LICENCE: dict[str, Label] = {
    "title": _label("Licence d’Exportation", "رخصة التصدير"),
    "exporter": _label("Exportateur", "المصدر", 1),
    "registration": _label("Numéro d’enregistrement", "رقم التسجيل", 2),
    "consignee": _label("Destinataire", "المرسل إليه", 3),
    "category": _label("Catégorie de la Licence", "صنف الرخصة", 4),
    "procedure": _label("Régime douanier", "النظام الجمركي", 5),
    "office": _label("Bureau douanier", "المكتب الجمركي", 6),
    "payment": _label("Modalité de paiement", "كيفية الأداء", 7),
    "incoterm": _label("Incoterm", "شرط التسليم", 8),
    "currency": _label("Devise", "العملة", 9),
    "countries": _label("Pays de destination", "بلدان الوجهة", 10),
    "total": _label("Montant total", "المبلغ الإجمالي", 11),
    "goods": _label("Marchandises", "البضائع", 12),
    "invoices": _label("Factures", "الفواتير", 13),
    "documents": _label("Documents", "الوثائق", 14),
    "visa": _label("Visa du Ministère du Commerce Extérieur", "تأشيرة وزارة التجارة الخارجية", 15),
    "imputations": _label("Imputations douanières", "الحسم الجمركي", 16),
    "repatriation": _label("Rapatriement des recettes", "استرداد عائدات التصدير", 17),
    "clearance": _label("Apurement", "التصفية", 18),
    # Inside the boxes
    "in_words": _label("Arrêté à la somme de", "حدد المبلغ في"),
    "code": _label("Nomenclature douanière", "التصنيف الجمركي"),
    "description": _label("Désignation commerciale", "التسمية التجارية"),
    "origin": _label("Pays d’origine", "بلد المنشأ"),
    "quantity": _label("Quantité", "الكمية"),
    "supplementary": _label("Unités complémentaires", "الوحدات التكميلية"),
    "net_weight": _label("Poids net (kg)", "الوزن الصافي (كغ)"),
    "granted": _label("Quantité accordée", "الكمية المرخصة"),
    "amount": _label("Montant", "المبلغ"),
    "officer": _label("Visé par", "صاحب التأشيرة"),
    "granted_on": _label("Visé le", "تاريخ التأشيرة"),
    "visa_number": _label("Numéro de visa", "رقم التأشيرة"),
    "conditions": _label("Conditions", "الشروط"),
    "declaration": _label("Déclaration (DUM)", "التصريح الوحيد للبضائع"),
    "at_office": _label("Bureau", "المكتب"),
    "goods_line": _label("Ligne", "السطر"),
    "balance": _label("Solde", "الرصيد المتبقي"),
    "stamp": _label("Cachet et signature", "الختم والتوقيع"),
    "by_hand": _label(
        "Lignes libres, à remplir en cas d’indisponibilité du réseau",
        "أسطر فارغة تملأ عند انقطاع الشبكة",
    ),
    "due_on": _label("Échéance", "أجل الاستحقاق"),
    "imputed": _label("Imputé", "المحسوم"),
    "repatriated": _label("Rapatrié", "المسترد"),
    "deducted": _label("Déduit", "المخصوم"),
    "standing": _label("Situation", "الوضعية"),
    "bank": _label("Banque", "البنك"),
    "attestation": _label("Attestation", "الشهادة"),
    "decision": _label("Décision", "القرار"),
    "authority": _label("Autorité", "السلطة"),
}

#: The inspection certificate's.
CERTIFICATE: dict[str, Label] = {
    "title": _label("Certificat d’Inspection", "شهادة التفتيش"),
    "exporter": _label("Exportateur", "المصدر", 1),
    "certificate": _label("Numéro du certificat", "رقم الشهادة", 2),
    "consignee": _label("Destinataire", "المرسل إليه", 3),
    "transport": _label("Mode de transport", "وسيلة النقل", 4),
    "exit_point": _label("Point de sortie", "نقطة الخروج", 5),
    "office": _label("Bureau douanier", "المكتب الجمركي", 6),
    "goods": _label("Marchandises inspectées", "البضائع المفتشة", 7),
    "documents": _label("Documents vus", "الوثائق المطلع عليها", 8),
    "visits": _label("Contrôle physique", "المراقبة المادية", 9),
    "declaration": _label("Déclaration", "تصريح", 10),
    "controller": _label("Contrôleur", "المراقب", 11),
    # Inside the boxes
    "dossier": _label("Dossier", "الملف"),
    "service": _label("Service", "المصلحة"),
    "issued_on": _label("Délivré le", "سلمت في"),
    "revoked_on": _label("Révoqué le", "سحبت في"),
    "replaces": _label("Remplace le certificat n°", "تعوض الشهادة رقم"),
    "tax": _label("IF", "التعريف الضريبي"),
    "customs_code": _label("Code douane", "الرمز الجمركي"),
    "registration": _label("Inscription", "التسجيل"),
    "phone": _label("Tél.", "الهاتف"),
    "email": _label("Courriel", "البريد الإلكتروني"),
    "code": _label("Code SH", "الرمز المنسق"),
    "category": _label("Catégorie et produit", "الصنف والمنتوج"),
    "description": _label("Désignation", "التسمية"),
    "quality": _label("Qualité", "الجودة"),
    "surface": _label("Surface (m²)", "المساحة (م²)"),
    "weight": _label("Poids (kg)", "الوزن (كغ)"),
    "units": _label("Unités", "الوحدات"),
    "article": _label("Article", "المادة"),
    "pottery": _label("Certificat de poterie", "شهادة الفخار"),
    "result": _label("Résultat", "النتيجة"),
    "agent": _label("Agent", "العون"),
    "observation": _label("Observation", "ملاحظة"),
    "not_asked": _label("Aucun contrôle physique exigé", "لم تطلب أي مراقبة مادية"),
    "certified": _label(
        "Le service certifie avoir contrôlé les marchandises de la case 7, telles qu’elles y sont"
        " décrites, au vu des documents de la case 8, et accepté la demande de l’exportateur.",
        "تشهد المصلحة بأنها راقبت البضائع الموصوفة في الخانة 7 بعد الاطلاع على الوثائق الواردة في"
        " الخانة 8، وأنها قبلت طلب المصدر.",
    ),
}

#: A report's.
REPORT: dict[str, Label] = {
    "title": _label("Bilan", "حصيلة"),
    "period": _label("Période de dépôt", "فترة الإيداع"),
    "restricted": _label("Limité à", "يقتصر على"),
    "filed": _label("Déposés", "المودعة"),
    "open": _label("En cours", "قيد المعالجة"),
    "closed": _label("Clôturés", "المغلقة"),
    "goods_value": _label("Valeur (DH)", "القيمة (درهم)"),
    "delay": _label("Délai (jours)", "الأجل (أيام)"),
    "by_state": _label("Dossiers par statut", "الملفات حسب الحالة"),
    "by_category": _label("Dossiers par catégorie", "الملفات حسب الصنف"),
    "details": _label("Détail", "التفصيل"),
    "month": _label("Période", "الفترة"),
    "service": _label("Service", "المصلحة"),
    "agent": _label("Agent", "العون"),
    "category": _label("Catégorie", "الصنف"),
    "dossiers": _label("Dossiers", "الملفات"),
    "lines": _label("Lignes", "الأسطر"),
    "finished": _label("Terminés", "المنتهية"),
    "none": _label("Aucun dossier", "لا يوجد أي ملف"),
}

#: By template.
LABELS: dict[str, dict[str, Label]] = {
    "licence": SHARED | LICENCE,
    "certificate": SHARED | CERTIFICATE,
    "report": SHARED | REPORT,
}

#: What the watermark says while a paper is not to be relied on as it stands.
PROVISIONAL = Label(fr="PROVISOIRE", ar="مؤقتة")
SPECIMEN = Label(fr="SPÉCIMEN", ar="نموذج")

#: In what role the hub seals.
SEALER = Label(fr="Guichet unique, pour l’émetteur", ar="الشباك الوحيد، نيابة عن المصدر")

#: What a box of the blank form is for, in a few words.
HELP: dict[str, str] = {
    "exporter": "Nom, adresse et pays ; ICE à 15 chiffres ; centre et numéro du registre.",
    "registration": "Attribué par le guichet ; ne rien écrire.",
    "consignee": "Nom, adresse et pays de qui reçoit la marchandise.",
    "category": "Code de la catégorie demandée.",
    "procedure": "Code du régime, à trois chiffres.",
    "office": "Code du bureau de sortie.",
    "payment": "Comment la vente est réglée.",
    "incoterm": "Trois lettres (Incoterms 2020).",
    "currency": "Trois lettres (ISO 4217).",
    "countries": "Deux lettres par pays (ISO 3166).",
    "total": "Somme des factures, dans la devise de la case 9.",
    "goods": "Une ligne par code à dix chiffres ; le Ministère écrit la quantité accordée.",
    "invoices": "Chaque facture est jointe en PDF.",
    "documents": "Contrat, certificat ou autre pièce, joints en PDF.",
    "visa": "Réservé au Ministère : numéro, date, agent, durée et conditions.",
    "imputations": "Réservé à la Douane : une ligne par déclaration.",
    "repatriation": "Réservé aux banques : une ligne par attestation.",
    "clearance": "Réservé à l’Office des Changes.",
}
