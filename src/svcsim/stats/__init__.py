"""Statistics that know no desk: intervals, survival, shrinkage."""
