"""What happened: the one table that history, simulation and live periods share."""
