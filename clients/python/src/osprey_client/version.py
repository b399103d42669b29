"""The version of this package: that of the repository it is released with."""

__version__ = "0.1.0"
