"""svcsim: realistic KPI targets for support teams, from a calibrated simulation of the desk."""

__version__ = "0.1.0"
