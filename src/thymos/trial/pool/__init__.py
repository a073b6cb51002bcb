"""Whoever computes the chunks of a run; each kind is one file, and none changes a number."""

from thymos.trial.pool.cluster import Cluster
from thymos.trial.pool.pool import Pool
from thymos.trial.pool.processes import Processes
from thymos.trial.pool.threads import Threads

__all__ = ["Cluster", "Pool", "Processes", "Threads"]
