"""What says who a patient is: titles and values that thymos does not read, so that they never reach a result.

After the list of identifiers in 45 CFR 164.514(b)(2); days are counted from transplant, ages above 89 are pooled.
"""

from __future__ import annotations

import re

TITLES = {
    "a name": r"((first|last|sur|fore|family|given|full|patient|donor|mother|physician|doctor) ?)?names?"
    r"|initials|nom|prenom|nachname|vorname",
    "a birth date": r".*\b(birth.*|dob|born|geburts.*|naissance)\b.*",
    "a record number": r".*\b(mrn|ssn|nhs|records?|insurance|passport|fallnummer|accession|case number)\b.*",
    "an e-mail address": r".*\be ?mails?\b.*",
    "a phone number": r".*\b(tele)?(phone|fax)\b.*|.*\b(tel|mobile)\b.*",
    "an address": r".*\b(address|street|zip ?code|zip|post ?code|city|village)\b.*",
}
VALUES = {
    "an e-mail address": r"[^@\s]+@[^@\s]+\.\w+",
    "a phone number": r"(?:\+|00)\d[\d\s/().-]{7,}\d|\(?\d{3,5}\)?[\s/-]\d{3,4}[\s/-]\d{2,}",
    "a record number": r"(?<![\d.])\d{6,}(?![\d.])",
}
HINT = "remove it: thymos counts days from transplant and needs nobody's identity"
OLDEST = 89.0
POOLED = 90.0
"""Age [year] that stands for all above 89."""


def personal_title(title: str) -> str:
    """Which personal data a column or key of this title would hold; empty where none."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower().replace("é", "e")
    spaced = re.sub(r"[^a-z]+", " ", words).strip()
    return next((what for what, pattern in TITLES.items() if re.fullmatch(pattern, spaced)), "")


def personal_value(text: str) -> str:
    """Which personal data stand in a text; empty where none."""
    return next((what for what, pattern in VALUES.items() if re.search(pattern, text)), "")
