# %% [markdown]
# # A first look at a history
#
# The embedded sample: read it, measure it, and simulate one week of the desk behind it.
# Open this file as a notebook with Jupytext, or run it: `python notebooks/first_look.py`.

# %%
from datetime import date

from svcsim.contacts.read import read_history
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.metrics.evaluate import evaluate
from svcsim.samples.history import PRESET, history_path, truth

reading = read_history(history_path(), preset=PRESET)
reading.account["set_aside"]

# %% [markdown]
# The same metric code measures history ...

# %%
METRICS = ["volume", "frt_p50", "aht", "fcr_window(7d)", "csat_top2"]
by_month = evaluate(reading.log, METRICS, period="month")

# %% [markdown]
# ... and a simulated week.

# %%
week = simulate(truth(), Horizon(date(2025, 6, 2), 7, 7), seed=1, replication=1)
simulated = evaluate(week, METRICS)
