"""What kind of organism an antigen is of, from the name that VDJdb gives its species."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Where a peptide comes from."""

    virus = "virus"
    bacterium = "bacterium"
    fungus = "fungus"
    parasite = "parasite"
    tumour = "tumour"
    self = "self"
    other = "other"


# Beginnings of names, in lower case.
SPECIES = {
    Kind.virus: (
        "adv", "adeno", "bkv", "bkpyv", "cmv", "mcmv", "dengue", "denv", "ebv", "hbv", "hcv", "hcov", "hdv",
        "hhv", "hiv", "hpv", "hsv", "htlv", "influenza", "jcv", "jev", "lcmv", "mcpyv", "mers", "rsv", "sars",
        "siv", "tbev", "vaccinia", "vsv", "vzv", "wnv", "yfv", "zikv",
    ),
    Kind.bacterium: (
        "bordetella", "clostridium", "e.coli", "escherichia", "listeria", "m.tuberculosis", "mycobacterium",
        "pseudomonas", "salmonella", "s.aureus", "staphylococcus", "streptococcus", "streptomyces",
    ),
    Kind.fungus: (
        "a.fumigatus", "aspergillus", "c.albicans", "candida", "coccidioides", "cryptococcus", "histoplasma",
        "malassezia", "pneumocystis", "s.cerevisiae", "saccharomyces",
    ),
    Kind.parasite: (
        "leishmania", "p.berghei", "p.falciparum", "plasmodium", "t.cruzi", "t.gondii", "toxoplasma",
        "trypanosoma",
    ),
}  # fmt: skip
HUMAN = "homosapiens"
# Human genes whose peptides are sought as targets on tumours; without this list a self peptide is a self peptide.
TUMOUR_GENES = (
    "BST2", "CALR", "CTAG", "EGFR", "ERBB2", "GAGE", "GP100", "HER2", "IDH1", "KRAS", "MAGE", "MART", "MELAN", "MLANA",
    "MUC1", "NRAS", "NY-ESO", "PIK3CA", "PMEL", "PRAME", "SSX", "TERT", "TP53", "TYR", "WT1", "NEOANTIGEN",
)  # fmt: skip


def kind_of(source: str, antigen: str) -> Kind:
    """The kind of an antigen's species; for a human one, whether its gene is known as a target on tumours.

    source, antigen : species and gene as VDJdb writes them
    """
    name = source.lower().replace(" ", "")
    if name.startswith(HUMAN):
        return Kind.tumour if antigen.upper().startswith(TUMOUR_GENES) else Kind.self
    return next((kind for kind, starts in SPECIES.items() if name.startswith(starts)), Kind.other)
