"""Virtual trials: population, arms, visits, endpoints, analysis and power."""
