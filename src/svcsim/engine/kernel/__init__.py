"""The desk over arrays, for the compiled clock: plain functions that also run uncompiled.

They call the same `rules`, `outcomes` and `draws` as the SimPy clock, but keep the desk in other
structures: sorted lists linked through rows, idle lists, a heap of whole numbers. So each clock
checks the other. Times are whole seconds since the start of the run.
"""
