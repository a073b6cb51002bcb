"""NK cells in the culture: commitment once Notch falls and IL-15 comes, maturation, and how well they kill."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, needs, parameter, state, switch


class NaturalKillers(Model):
    r"""CD7+ cells that are not locked to T become NK cells where Notch is gone and IL-15 is there.

    $$ h = \frac{c_{15}}{K_{15} + c_{15}}, \qquad o, x \to K_p: k_{TN} (1 - N) h, \qquad
       K_p \to K_i: k_K, \qquad K_i \to K_{16} \to K_{KIR}: k_M (1 + a_{re} N) $$
    $$ \text{division: } r_K h, \qquad \text{effector strength } u = \frac{1}{1 + w_{15}/w_h}, \qquad
       \dot w_{15} = N h $$

    CD16 appears before KIR, faster on cells that meet the ligand again. Notch that goes on under IL-15 leaves
    weaker killers. At harvest most cells are CD16- and KIR-, because $k_M$ is slow, not because it is forbidden.
    References: `martin2025`, `felices2014`, `bachanova2009`, `glycostem_nk`, `spanholtz2011`, `koehl2013`.
    """

    notch_under_il15 = state("day", "Notch activity summed over time while IL-15 acts")
    notch = needs("", "Notch activity, 0 to 1")
    il15_effect = needs("", "effect of IL-15, 0 to 1")
    nk_maturation = switch("one_way", "none", "whether CD16 and KIR appear in the vessel at all")
    commitment = parameter("1/day", "commitment of unlocked CD7+ cells to NK without Notch under IL-15")
    cd56_gain = parameter("1/day", "gain of CD56 by NK progenitors")
    maturation = parameter("1/day", "gain of CD16, then of KIR, without Notch")
    notch_gain = parameter("", "rise of that rate at full Notch activity, less 1")
    division = parameter("1/day", "division rate of NK cells under plentiful IL-15")
    death = parameter("1/day", "death rate of NK cells")
    weakening = parameter("day", "Notch exposure under IL-15 that halves the strength of a killer")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield Transition("Notch under IL-15", env.notch * env.il15_effect, {x.notch_under_il15: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        ripening = p.nk_maturation.choose(one_way=p.maturation * (1 + p.notch_gain * env.notch), none=0)
        steps = {
            "nk_commitment": (p.commitment * (1 - env.notch) * env.il15_effect, "commitment to NK"),
            "nk_cd56": (p.cd56_gain, "gain of CD56"),
            "nk_cd16": (ripening, "gain of CD16"),
            "nk_kir": (ripening, "gain of KIR"),
        }
        for name, (rate, text) in steps.items():
            yield Output("nk_step", "1/day", rate, text, (name,))
        yield Output("nk_division", "1/day", p.division * env.il15_effect, "division rate of NK cells")
        yield Output("nk_death", "1/day", p.death, "death rate of NK cells")
        strength = p.weakening / (p.weakening + x.notch_under_il15)
        text = "strength of a killer, 1 where Notch was gone before IL-15 came"
        yield Output("nk_strength", "", strength, text, observe=True)
