"""SONIA tables of a few features for `tiny_igor`, so that reading and evaluating them needs no one else's files."""

from __future__ import annotations

from pathlib import Path

FEATURES = {
    "l3": 0.1,
    "l4": -0.2,
    "l5": 0.3,
    "aC0": 0.2,
    "aA1": -0.4,
    "aS1": 0.5,
    "aF-1": -0.3,
    "aT-2": 0.6,
    "v1;j1": 0.4,
    "v1;j2": -0.1,
    "v2;j1": 0.2,
    "v2;j2": 0.0,
}


def write_tiny_sonia(folder: Path, z: float = 0.9, stuck: tuple[str, ...] = (), energy: float = -4.0) -> None:
    """Write both files; `stuck` pairs have this energy, and no chain when the energies were learned."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["Feature,Energy,Marginal_data,Marginal_model,Marginal_gen"]
    for name, value in FEATURES.items():
        chains = 0.0 if name in stuck else 0.25
        rows.append(f"{name},{energy if name in stuck else value},0.25,0.25,{chains}")
    (folder / "features.tsv").write_text("\n".join(rows) + "\n")
    log = f"Z ={z}\nnorm_productive =0.2\nmin_energy_clip =-5\nmax_energy_clip =10\nL1 history =\n"
    (folder / "log.txt").write_text(log)
