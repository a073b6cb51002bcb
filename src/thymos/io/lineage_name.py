"""Lymphocytes as laboratories call them, and the one word that thymos has for each."""

from __future__ import annotations

import re

from thymos.lang.nearest import nearest

LINEAGES = ("lymphocytes", "cd3", "cd4", "cd8", "cd4_naive", "cd19", "nk", "trec")
"""`lymphocytes` are CD3 + CD19 + NK; `trec` are copies of the signal-joint circle, the others cells."""

PARENTS = {
    "cd3": ("lymphocytes",),
    "cd4": ("lymphocytes", "cd3"),
    "cd8": ("lymphocytes", "cd3"),
    "cd4_naive": ("lymphocytes", "cd3", "cd4"),
    "cd19": ("lymphocytes",),
    "nk": ("lymphocytes",),
}
"""Of what a percentage of each may be taken; a parent comes before its children in `LINEAGES`."""

SPELLINGS = {
    "lymphocytes": "lymphocytes, lymphocyte, lymphs, lymph, lym, ly, alc, absolute lymphocyte count, "
    "total lymphocytes, lymphozyten, lymphocytes totaux",
    "cd3": "cd3, t, t cells, t lymphocytes, total t cells, cd3 t cells, cd3 t lymphocytes, pan t, t zellen",
    "cd4": "cd4, t4, cd3 cd4, cd4 t cells, cd3 cd4 t cells, t helper, helper t cells, t helper cells, th, "
    "cd4 t helper, cd4 t lymphocytes, cd4 helper t cells",
    "cd8": "cd8, t8, cd3 cd8, cd8 t cells, cd3 cd8 t cells, t cytotoxic, cytotoxic t cells, cytotoxic, tc, "
    "t suppressor, suppressor t cells, cd8 t lymphocytes, cd8 cytotoxic t cells",
    "cd4_naive": "cd4 naive, naive cd4, cd4 naive t cells, naive cd4 t cells, cd4 cd45ra, cd3 cd4 cd45ra, "
    "cd45ra cd4, cd4 cd45ra naive, cd4 cd45ra ccr7, cd3 cd4 cd45ra ccr7, cd4 cd45ra cd62l, "
    "cd3 cd4 cd45ra cd62l, cd45ra naive cd4, cd4 cd45ra naive t cells",
    "cd19": "cd19, b, b cells, b lymphocytes, cd3neg cd19, cd19 b cells, cd19 cd20, b zellen, cd19 b lymphocytes",
    "nk": "nk, nk cells, natural killer, natural killer cells, cd16 56, cd16 cd56, cd56, cd3neg cd56, "
    "cd3neg cd16 cd56, cd3neg cd16 56, cd3neg cd56 nk cells, cd16 cd56 nk cells, nk zellen, "
    "cd3neg cd16 cd56 nk cells",
    "trec": "trec, trecs, sjtrec, sj trec, sjtrecs, sj trecs, t cell receptor excision circles",
}


def _plain(text: str) -> str:
    """Letters and digits alone; a minus behind a marker is kept as `neg`."""
    lower = re.sub(r"[\u2010-\u2212]", "-", text).lower()
    marked = re.sub(r"(cd\d+)\s*-(?=\s*/?\s*cd)", r"\1neg ", lower)
    bare = re.sub(r"[^a-z0-9]+", "", marked)
    return bare if bare in ("alc",) else re.sub(r"(?:absolutecount|absolute|abs|counts?)$", "", bare)


KNOWN = {
    _plain(spelling): lineage for lineage, spellings in SPELLINGS.items() for spelling in spellings.split(",")
} | {_plain(lineage): lineage for lineage in LINEAGES}


def lineage_of(text: str) -> str:
    """The lineage that a laboratory calls so, such as cd4 for `CD3+CD4+`; empty for an unknown one.

    `NK cells (CD16+/CD56+)` says it twice: both names have to be of one lineage.
    """
    parts = [plain for part in re.split(r"[()]", text) if (plain := _plain(part))]
    found = {KNOWN.get(part, "") for part in parts}
    return found.pop() if len(found) == 1 else ""


def meant(text: str) -> str:
    """What to try in place of an unknown name."""
    if re.fullmatch(r"\s*\d{1,6}-\d\s*", text):
        return "a LOINC code is not read: write the lineage, for example cd4"
    if _plain(text) in ("cd45ra", "naive", "cd45ranaive", "naivecd45ra", "naivet", "naivetcells"):
        return "cd4_naive, if they are CD4+ cells"
    near = nearest(_plain(text), [key for key in KNOWN if len(key) > 1])
    names = dict.fromkeys(KNOWN[key] for key in re.findall(r"[a-z0-9]+", near) if key in KNOWN)
    return f"did you mean {' or '.join(names)}?" if names else ""
