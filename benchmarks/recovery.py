"""What calibration learns of the sample desk beside its truth: python benchmarks/recovery.py."""

from svcsim.calibration.fit import calibrate
from svcsim.contacts.read import read_history
from svcsim.samples.history import PRESET, history_path, truth
from svcsim.samples.recovery import compare


def main() -> None:
    """Print the table and the share of intervals that hold the truth."""
    baseline = calibrate(read_history(history_path(), preset=PRESET).log, name="sample")
    rows = compare(truth(), baseline.model)
    print(f"{'parameter':46s} {'truth':>10s} {'learned':>10s} {'90 % interval':>23s}  error")
    for row in rows:
        interval = f"[{row.low:.4g}, {row.high:.4g}]"
        mark = "" if row.covered else "  outside"
        print(
            f"{row.path:46s} {row.truth:10.4g} {row.learned:10.4g} {interval:>23s} "
            f"{row.error:+.3f}{mark}"
        )
    print(f"{sum(r.covered for r in rows)} of {len(rows)} intervals hold the truth")


if __name__ == "__main__":
    main()
