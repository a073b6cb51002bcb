"""thymos: an in-silico thymus in a dish, and the thymus in the patient, as one computable chain."""

__version__ = "0.1.0"

__all__ = ["__version__"]
