"""What a transplant platform hands over to the recipient: numbers with papers, like any model's."""

from __future__ import annotations

from thymos.lang import Model, parameter


class Platform(Model):
    """The transplant around the product: engraftment, conditioning, residual cells, and published incidences.

    A therapy's own file fills in the values. Baselines are cumulative hazards at the platform's own immune
    course (`reference_...`), so that the untreated arm keeps the published incidences whatever the shrink
    factor of the hazards is.
    """

    chimerism = parameter("", "donor share of marrow, 0 to 1")
    engraftment_day = parameter("day", "day of half engraftment")
    graft_naive_share = parameter("", "naive share of the mature T cells of the graft")
    graft_cd4_share = parameter("", "CD4 share of the mature T cells of the graft")
    graft_burst = parameter(
        "", "burst of naive graft cells that turn memory, relative to the recipient's own"
    )
    residual_t_cells = parameter("cell/kg", "host T cells that survive conditioning")
    initial_nk = parameter("cell/uL", "NK cells in blood on the day of transplant")
    rituximab_doses = parameter("", "rituximab present on the day of transplant, in doses")
    injury_none = parameter("", "thymic stroma lost without conditioning")
    injury_reduced = parameter("", "thymic stroma lost to reduced-intensity conditioning")
    injury_myeloablative = parameter("", "thymic stroma lost to myeloablative conditioning")
    atg_per_dose = parameter("AU/mL", "active ATG for 1 mg/kg, right after it is given")
    atg_fall = parameter("1/day", "fall of active ATG while it is being given")
    alemtuzumab_per_dose = parameter("ug/mL", "alemtuzumab for 1 mg/kg, right after it is given")
    cyclophosphamide_duration = parameter("day", "time for which a day of cyclophosphamide acts")
    gvhd_baseline = parameter("", "cumulative hazard of acute GvHD II-IV")
    severe_share = parameter("", "share of acute GvHD II-IV that is III-IV")
    moderate_severity = parameter("", "severity of grade II, relative to III-IV")
    relapse_baseline = parameter("", "cumulative hazard of relapse")
    residual_disease_ratio = parameter("", "hazard of relapse with measurable residual disease")
    infection_baseline = parameter("", "cumulative hazard of a first serious infection")
    mortality_baseline = parameter("", "cumulative hazard of other non-relapse death")
    reference_cd4 = parameter("cell/uL", "median CD4 of the platform at day 100")
    reference_cd4_slope = parameter("", "power of time with which that median rises")
    reference_nk = parameter("cell/uL", "median NK of the platform after engraftment")
    reference_cd4_allo = parameter("cell/uL", "CD4 cells of the graft in blood at which GvHD was observed")
    reference_naive = parameter("cell/uL", "median of naive T cells of the platform at day 100")
    reference_naive_slope = parameter("", "power of time with which that median rises")
