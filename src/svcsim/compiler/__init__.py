"""The one place that knows the compiler (numba): plain functions in, machine code out.

What is compiled are ordinary Python functions that run as they are, too: loops over arrays that
call rules of scalars. numba is imported when something is first compiled; its machine code is
kept in a cache folder named by the text of the compiled files, so a changed rule is never run
from an old cache. Options are fixed here because equality rests on them: no ``fastmath``, so no
fused or reordered arithmetic, and ``math``'s own exp and log.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import platform
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

announce: Callable[[str], None] | None = None
"""Called with the name of a function when it has to be compiled afresh (seconds, once)."""

_lock = threading.Lock()
_known: set[int] = set()


def available() -> bool:
    """Return whether the compiler is installed."""
    return importlib.util.find_spec("numba") is not None


class Compiled:
    """A plain function with its machine code, made at the first call.

    Parameters
    ----------
    function : callable
        What to compile; calling the object calls its machine code.
    uses : sequence of callables
        Plain functions that it calls, directly or not.
    """

    def __init__(self, function: Callable[..., Any], uses: Sequence[Callable[..., Any]]) -> None:
        self.function, self.uses = function, tuple(uses)
        self._code: Callable[..., Any] | None = None

    def __call__(self, *values: Any) -> Any:
        """Run the machine code, compiling it first where needed."""
        if self._code is None:
            with _lock:
                if self._code is None:
                    self._code = self._compile()
        return self._code(*values)

    def _compile(self) -> Callable[..., Any]:
        if not available():
            return self.function
        import numba

        for function in self._called():
            _make_jitable(function)
        code = numba.njit(**OPTIONS)(self._entry())
        folder = cache_folder([self.function, *self.uses])
        config: Any = numba.config
        saved, config.CACHE_DIR = config.CACHE_DIR, str(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            code.enable_caching()
        except (OSError, RuntimeError):
            pass  # nowhere to write: compiled again in every process
        finally:
            config.CACHE_DIR = saved
        if announce is not None and not any(folder.rglob(f"*{self.function.__name__}*.nbi")):
            announce(self.function.__name__)
        return code  # type: ignore[no-any-return]

    def _called(self) -> Sequence[Callable[..., Any]]:
        return self.uses

    def _entry(self) -> Callable[..., Any]:
        return self.function


class CompiledInMemory(Compiled):
    """A plain function of one named tuple of arrays, compiled to work on their addresses.

    See `memory`: tables have no ``len`` and bounds are not checked.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        uses: Sequence[Callable[..., Any]],
        fields: Sequence[tuple[str, Any]],
    ) -> None:
        super().__init__(function, uses)
        self.fields = tuple(fields)

    def __call__(self, memory: Any) -> Any:
        """Run the machine code on a named tuple of arrays."""
        if not available():
            return self.function(memory)
        from svcsim.compiler.memory import addresses_of

        return super().__call__(addresses_of(memory))

    def _called(self) -> Sequence[Callable[..., Any]]:
        return [*self.uses, self.function]

    def _entry(self) -> Callable[..., Any]:
        from svcsim.compiler.memory import memory_entry

        entry: Callable[..., Any] = memory_entry(self.function, self.fields)
        return entry


def _make_jitable(function: Callable[..., Any]) -> None:
    """Let compiled code call a plain function."""
    from numba.extending import register_jitable

    if id(function) not in _known:
        # inlined wherever it is called: a third faster for the compiled clock; nobody calls it
        # from outside machine code, so it needs no wrappers: a sixth less to compile
        alone = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        register_jitable(**alone, **OPTIONS)(function)
        _known.add(id(function))


def cache_folder(functions: Sequence[Callable[..., Any]]) -> Path:
    """Return where machine code of these functions is kept: one folder a text and compiler.

    ``SVCSIM_CACHE`` names the parent folder; default: the user's cache folder.
    """
    import numba

    text = hashlib.sha256(f"{numba.__version__} {platform.python_version()}".encode())
    own = [str(file) for file in Path(__file__).parent.glob("*.py")]
    for file in sorted({*own, *(inspect.getfile(function) for function in functions)}):
        text.update(Path(file).read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    parent = os.environ.get("SVCSIM_CACHE") or Path(base) / "svcsim"
    return Path(parent) / text.hexdigest()[:16]


def given(values: Any, kind: str) -> Any:
    """Return values as compiled functions take their input: ``kind``, contiguous, read-only.

    Tables hand out arrays that may or may not be written to; each of these would be a type of its
    own to the compiler. As read-only views all inputs are of one type, so one machine code serves.
    """
    import numpy as np

    view = np.ascontiguousarray(values, dtype=kind).view()
    view.flags.writeable = False
    return view
