"""What differs between two runs of one process although the donor is the same."""

from __future__ import annotations

from thymos.lang import Model, parameter


class Manufacturing(Model):
    r"""Each run has its own coating, counts, cytokine lots and hour of harvest, and a rest that no one can name.

    $$ D' = D e^{\sigma_D z_1}, \quad n' = n e^{\sigma_n z_2}, \quad c_i' = c_i e^{\sigma_c z_{3i}}, \quad
       t' = t + \sigma_t z_4, \quad r' = r e^{\sigma z_5 / g}, \quad g = d \ln Y / d \ln r $$

    z are standard normal and drawn anew for each run. D is the activity of the coating, n the CD34+ cells that are
    seeded where as many were counted, c a cytokine in fresh medium, t the harvest, r the growth rate, and Y the
    yield of CD7+ cells of the typical donor in the clinical process: so $\sigma$ is the spread of ln Y itself.
    A value of 0 takes that cause away. Reference: `unmasc2025`.
    """

    rest = parameter("", "SD of ln CD7+ count between runs of one donor, from causes without a name")
    coating = parameter("", "SD of ln DL4 activity between coatings")
    counting = parameter("", "SD of ln CD34+ cells seeded where as many were counted")
    potency = parameter("", "SD of ln potency between lots of a cytokine")
    harvest_time = parameter("day", "SD of the harvest around the planned time")
