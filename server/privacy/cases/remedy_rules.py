"""What somebody can do against our answer: a review, the authority, the court, by region.

A row says which bodies a letter to that region must name. Where there is no row the staff has to
find out; a letter without an authority and a court is not written either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

REVIEW: Final = (
    "Answer this letter and say that you want a review; somebody who had no part in the decision "
    "will look at it again."
)
GDPR_COURT: Final = "the court of the place where you live or where we are (GDPR, Art. 79)"
SHORTEST: Final = 10  # characters; less names no body and no way


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a refusal tells its reader to do next."""

    review: str
    authority: str
    court: str


@dataclass(frozen=True, slots=True)
class Bodies:
    """Whom a letter to a region names."""

    authority: str
    court: str = GDPR_COURT


BODIES: Final[Mapping[str, Bodies]] = {
    "AT": Bodies("Datenschutzbehörde"),
    "BE": Bodies("Gegevensbeschermingsautoriteit / Autorité de protection des données"),
    "BG": Bodies("Commission for Personal Data Protection"),
    "CY": Bodies("Commissioner for Personal Data Protection"),
    "CZ": Bodies("Úřad pro ochranu osobních údajů"),
    "DE": Bodies("data protection authority of your Land"),
    "DK": Bodies("Datatilsynet"),
    "EE": Bodies("Andmekaitse Inspektsioon"),
    "ES": Bodies("Agencia Española de Protección de Datos"),
    "FI": Bodies("Office of the Data Protection Ombudsman"),
    "FR": Bodies("Commission nationale de l'informatique et des libertés"),
    "GR": Bodies("Hellenic Data Protection Authority"),
    "HR": Bodies("Agencija za zaštitu osobnih podataka"),
    "HU": Bodies("Nemzeti Adatvédelmi és Információszabadság Hatóság"),
    "IE": Bodies("Data Protection Commission"),
    "IS": Bodies("Persónuvernd"),
    "IT": Bodies("Garante per la protezione dei dati personali"),
    "LI": Bodies("Datenschutzstelle"),
    "LT": Bodies("Valstybinė duomenų apsaugos inspekcija"),
    "LU": Bodies("Commission nationale pour la protection des données"),
    "LV": Bodies("Datu valsts inspekcija"),
    "MT": Bodies("Information and Data Protection Commissioner"),
    "NL": Bodies("Autoriteit Persoonsgegevens"),
    "NO": Bodies("Datatilsynet"),
    "PL": Bodies("Prezes Urzędu Ochrony Danych Osobowych"),
    "PT": Bodies("Comissão Nacional de Proteção de Dados"),
    "RO": Bodies("Autoritatea Națională de Supraveghere a Prelucrării Datelor"),
    "SE": Bodies("Integritetsskyddsmyndigheten"),
    "SI": Bodies("Informacijski pooblaščenec"),
    "SK": Bodies("Úrad na ochranu osobných údajov"),
    "GB": Bodies("Information Commissioner", "a county court, or the sheriff court in Scotland"),
    "CH": Bodies("Federal Data Protection and Information Commissioner", "the civil court"),
    "CN": Bodies("Cyberspace Administration of China", "the people's court (PIPL, Art. 50)"),
    "JP": Bodies("Personal Information Protection Commission", "the district court"),
    "KR": Bodies("Personal Information Protection Commission", "the district court"),
    "BR": Bodies("Autoridade Nacional de Proteção de Dados", "the civil court where you live"),
    "CA": Bodies("Office of the Privacy Commissioner", "the Federal Court"),
    "AU": Bodies("Office of the Australian Information Commissioner", "the Federal Court"),
    "NZ": Bodies("Privacy Commissioner", "the Human Rights Review Tribunal"),
    "SG": Bodies("Personal Data Protection Commission", "the District Court"),
    "US": Bodies("attorney general of your state", "a court of your state"),
}


def proposed(region: str) -> Remedies:
    """What a letter to this region says; empty where somebody has to find out first."""
    bodies = BODIES.get(region)
    if bodies is None:
        return Remedies(REVIEW, "", "")
    return Remedies(
        REVIEW,
        f"You can complain to the supervisory authority: {bodies.authority}.",
        f"You can go to court: {bodies.court}.",
    )


def faults_of_remedies(region: str, told: Remedies) -> Iterator[tuple[str, str]]:
    """Which part of the remedies says nothing, or names another body than the region's own."""
    bodies = BODIES.get(region)
    for name, text, body in (
        ("review", told.review, ""),
        ("authority", told.authority, bodies.authority if bodies else ""),
        ("court", told.court, bodies.court if bodies else ""),
    ):
        if len(text.strip()) < SHORTEST:
            yield name, "say it in a sentence"
        elif body not in text:
            yield name, f"name the region's own: {body}"
