"""One error family. A Finding says where, what was found, what was expected and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing about an input.

    Parameters
    ----------
    where : str
        ``file:line``, ``file row 12`` or the name of an option.
    found, expected, mend : str
        What stood there, what was expected instead, and how to put it right.
    level : str
        ``error`` (nothing is computed), ``warning`` (computed, but said) or ``note``.
    """

    where: str
    found: str
    expected: str = ""
    mend: str = ""
    level: str = "error"

    def __str__(self) -> str:
        text = "; ".join(part for part in (self.found, self.expected, self.mend) if part)
        return f"{self.where}  {text}"

    def to_dict(self) -> dict[str, str]:
        """Return the finding as the plain object that ``--json`` prints."""
        return asdict(self)


class SvcsimError(Exception):
    """Base of every error that svcsim raises on purpose; ``exit_code`` is the contract's."""

    exit_code = 1


class InputError(SvcsimError):
    """Bad usage or input: nothing was computed. Carries every finding, not only the first."""

    exit_code = 2

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = (
            (findings,) if isinstance(findings, Finding) else tuple(findings)
        )
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Finding, ...]]]:
        """Carry the findings, not only their text, out of a worker process."""
        return (type(self), (self.findings,))


class ProblemsError(ValueError):
    """What is wrong between the parts of a declaration: sentences ``PATH: what``, at most eight."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems[:8])
        super().__init__("; ".join(self.problems))


class NotInstalledError(SvcsimError):
    """An optional part is not installed; the message gives the install line."""

    exit_code = 4


def nearest(name: str, known: Sequence[str] | Iterable[str], n: int = 3) -> str:
    """Return ``Did you mean a, b?`` for the known names closest to ``name``, or an empty text."""
    options = {str(option).lower(): str(option) for option in known}
    close = difflib.get_close_matches(name.lower(), options, n=n, cutoff=0.55)
    return f"Did you mean {', '.join(options[c] for c in close)}?" if close else ""


def unknown_name(where: str, name: str, known: Iterable[str], nothing: str = "") -> str:
    """Say that a name is unknown, with the nearest or (where they are few) all known ones."""
    options = list(known)
    few = f"expected one of {', '.join(options)}" if len(options) <= 8 else ""
    hint = (nearest(name, options) or few) if options else nothing
    return f"{where}: '{name}' is unknown. {hint}".rstrip()
