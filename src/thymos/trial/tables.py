"""Tables of a stored trial: every virtual lot, patient, visit and event, with unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.io.columns import CURVES, DIVERSITY, INCIDENCE, Column, Columns
from thymos.trial.visits import LINEAGES, TRANSGENE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from thymos.io.study_schema import Study
    from thymos.therapy.culture import Lots

UNITS = {name: "copy/uL" if name == "trec" else "cell/uL" for name in LINEAGES}
TRANSGENE_UNITS = {"transgene_cd3": "cell/uL", "vcn_cd3": "copy/cell"}

WHO: Columns = (
    Column("patient", "int", "", "virtual patient; the same number in every arm is the same patient"),
    Column("draw", "int", "", "draw of the uncertain typical values"),
)
ARM = Column("arm", "text", "", "name of the arm")

LOTS: Columns = (
    *WHO,
    Column("fold", "float", "1", "live cells at harvest for one CD34+ cell seeded"),
    Column("cd7_percent", "float", "percent", "CD7+CD3- share of live cells"),
    Column("cd7_per_cd34", "float", "1", "CD7+CD3- cells at harvest for one CD34+ cell seeded"),
    Column("viability", "float", "percent", "live share of all cells"),
    Column("cd7_cells", "float", "cell", "viable CD7+CD3- cells in the bag"),
    Column("cd3_per_cd7", "float", "1", "CD3+ cells for one CD7+CD3- cell"),
)
PATIENTS: Columns = (
    *WHO,
    ARM,
    Column("status", "text", "", "ok, or why the equations could not be solved"),
    Column("age", "float", "year", "age at transplant"),
    Column("weight", "float", "kg", "body weight at transplant"),
    Column("sex", "text", "", "female or male"),
    Column("diagnosis", "text", "", "diagnosis or genotype"),
    Column(
        "disease_status", "text", "", "early, intermediate or advanced; none where the study does not say"
    ),
    Column("donor", "text", "", "relation and match of the donor"),
    Column("infected", "flag", "", "active infection at transplant"),
    Column("residual_disease", "flag", "", "measurable residual disease at transplant"),
    Column("cmv_recipient", "flag", "", "patient has antibodies against cytomegalovirus"),
    Column("cmv_donor", "flag", "", "donor has antibodies against cytomegalovirus"),
    Column("dose_per_kg", "float", "cell/kg", "CD7+CD3- progenitors given"),
    Column("infusion_day", "float", "day", "day of the infusion"),
    Column("cd3_per_kg", "float", "cell/kg", "CD3+ cells given with them"),
    Column("cd4_ir_day100", "flag", "", "CD4 above 50/uL on two consecutive visits by day 100"),
    Column(
        "day_cd4_200", "float", "day", "first of two consecutive visits with CD4 above 200/uL; inf if none"
    ),
    Column("agvhd_2_4", "float", "day", "onset of acute GvHD II-IV; inf if none"),
    Column("agvhd_3_4", "float", "day", "onset of acute GvHD III-IV; inf if none"),
    Column("relapse", "float", "day", "relapse; inf if none"),
    Column("serious_infection", "float", "day", "first serious infection; inf if none"),
    Column("nrm", "float", "day", "death without relapse; inf if none"),
    Column("death", "float", "day", "death from any cause; inf if none"),
)
VISITS: Columns = (
    *WHO,
    ARM,
    Column("planned", "float", "day", "planned day of the visit"),
    Column("day", "float", "day", "day on which blood was taken"),
    *(Column(name, "float", UNITS[name], f"reported {name}; nan after death") for name in LINEAGES),
    *(Column(f"{name}_below", "flag", "", f"{name} below the limit of the assay") for name in LINEAGES),
)
TRANSGENE_LOTS: Columns = (
    Column("marked_percent", "float", "percent", "share of live cells with the transgene"),
    Column("expressing_percent", "float", "percent", "share of live cells that express it"),
    Column("vcn", "float", "copy/cell", "integrated copies per live cell"),
    Column("vcn_marked", "float", "copy/cell", "integrated copies per cell that has any; 0 if none has"),
    Column("vcn_measured", "float", "copy/cell", "copies per live cell as PCR sees them, episomes included"),
    Column("vcn_at_most", "float", "copy/cell", "one-sided 95 % upper limit of that PCR's report"),
    Column("many_copies_percent", "float", "percent", "share of live cells with more than 5 copies"),
    Column("cd7_marked_percent", "float", "percent", "share of CD7+CD3- cells with the transgene"),
)
TRANSGENE_TEXTS = {
    "transgene_cd3": "T cells that express the transgene",
    "vcn_cd3": "vector copies per T cell",
}
TRANSGENE_VISITS: Columns = (
    *(
        Column(name, "float", TRANSGENE_UNITS[name], f"reported {TRANSGENE_TEXTS[name]}; nan after death")
        for name in TRANSGENE
    ),
    *(
        Column(f"{name}_below", "flag", "", f"{TRANSGENE_TEXTS[name]} below the limit of the assay")
        for name in TRANSGENE
    ),
)
EVENTS: Columns = (
    *WHO,
    ARM,
    Column("event", "text", "", "agvhd_2_4, agvhd_3_4, relapse, serious_infection, nrm or death"),
    Column("day", "float", "day", "day of the event, or the last day of follow-up"),
    Column(
        "cnsr", "int", "", "CNSR: 0 event, 1 alive without it at the last day, 2 a competing event came first"
    ),
)
TABLES: dict[str, Columns] = {
    "lots": LOTS,
    "patients": PATIENTS,
    "visits": VISITS,
    "events": EVENTS,
    "curves": CURVES,
    "incidence": INCIDENCE,
    "diversity": DIVERSITY,
}


def tables_of(study: Study) -> dict[str, Columns]:
    """The tables of one study: those of a transduced product have more columns, the others are as ever."""
    if study.culture.vector is None:
        return TABLES
    return TABLES | {"lots": (*LOTS, *TRANSGENE_LOTS), "visits": (*VISITS, *TRANSGENE_VISITS)}


def transgene_of(lots: Lots) -> dict[str, NDArray[np.float64]]:
    """The columns of `TRANSGENE_LOTS` (lot,); none where no vector was used."""
    if lots.vector is None:
        return {}
    read = lots.harvest | {"vcn_at_most": lots.vcn_at_most}
    return {column.name: read[column.name] for column in TRANSGENE_LOTS}
