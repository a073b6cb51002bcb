"""What is kept of patients that stream past: counts that fit in memory whatever their number."""

from thymos.engine.reducers.bins import Bins
from thymos.engine.reducers.courses import Courses
from thymos.engine.reducers.failures import Failures
from thymos.engine.reducers.incidence import Incidence
from thymos.engine.reducers.means import Means
from thymos.engine.reducers.quantiles import Quantiles
from thymos.engine.reducers.reducer import Reducer, Tally

__all__ = ["Bins", "Courses", "Failures", "Incidence", "Means", "Quantiles", "Reducer", "Tally"]
