"""How it is measured: sees a ContactLog, never a model."""
