"""A named tuple of arrays in machine code: one address, and no counting of references.

Compiled functions that pass a tuple of many arrays around spend their time on copying and counting
references. Here the tuple is one pointer to the arrays' addresses: ``s.rows`` loads an address,
``s.rows[i]`` is an element or the address of a row, whose fields are read and written there. Whole
numbers of any width are read as 64 bits, so a function is compiled for one kind of number. There is
no ``len`` and no check of bounds; whoever calls keeps the arrays alive. The plain functions work on
the named tuple itself all the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_global,
    signature,
)
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
)
from numba.np.numpy_support import from_dtype

_BYTE = ir.IntType(8).as_pointer()


class Row(types.Type):  # type: ignore[misc]
    """The address of a record of numbers."""

    def __init__(self, record: Any) -> None:
        self.record = record
        super().__init__(name=f"Row({record})")

    def read_as(self, name: str) -> Any:
        """Return the type under which a field is read."""
        kind = self.record.typeof(name)
        return types.int64 if isinstance(kind, types.Integer) else kind


class Table(types.Type):  # type: ignore[misc]
    """The address of elements of one kind: numbers, or records of numbers."""

    def __init__(self, dtype: Any) -> None:
        is_record = isinstance(dtype, types.Record)
        self.dtype = Row(dtype) if is_record else dtype
        self.size = dtype.size if is_record else dtype.bitwidth // 8
        super().__init__(name=f"Table({dtype})")


class Memory(types.Type):  # type: ignore[misc]
    """The address of the addresses of named tables."""

    def __init__(self, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = fields
        self.place = {name: i for i, (name, _) in enumerate(fields)}
        super().__init__(name=f"Memory({fields})")


register_model(Row)(models.OpaqueModel)
register_model(Table)(models.OpaqueModel)
register_model(Memory)(models.OpaqueModel)


@infer_getattr
class _Tables(AttributeTemplate):  # type: ignore[misc]
    key = Memory

    def generic_resolve(self, typ: Memory, attr: str) -> Any:  # type: ignore[override]
        return Table(typ.fields[typ.place[attr]][1]) if attr in typ.place else None


@lower_getattr_generic(Memory)  # type: ignore[untyped-decorator]
def _table(context: Any, builder: Any, typ: Memory, value: Any, attr: str) -> Any:
    addresses = builder.bitcast(value, _BYTE.as_pointer())
    at = builder.gep(addresses, [ir.Constant(ir.IntType(64), typ.place[attr])])
    table = builder.load(at)
    # the tables do not move while the code runs: an address once loaded is kept
    table.set_metadata("invariant.load", builder.module.add_metadata([]))
    return table


def _element(builder: Any, table: Table, base: Any, index: Any) -> Any:
    return builder.gep(base, [builder.mul(index, ir.Constant(ir.IntType(64), table.size))])


@infer_getattr
class _Fields(AttributeTemplate):  # type: ignore[misc]
    key = Row

    def generic_resolve(self, typ: Row, attr: str) -> Any:  # type: ignore[override]
        return typ.read_as(attr) if attr in typ.record.fields else None


def _field(context: Any, builder: Any, typ: Row, base: Any, attr: str) -> Any:
    kind = context.get_data_type(typ.record.typeof(attr))
    at = builder.gep(base, [ir.Constant(ir.IntType(64), typ.record.offset(attr))])
    return builder.bitcast(at, kind.as_pointer())


@lower_getattr_generic(Row)  # type: ignore[untyped-decorator]
def _read(context: Any, builder: Any, typ: Row, value: Any, attr: str) -> Any:
    found = builder.load(_field(context, builder, typ, value, attr))
    return context.cast(builder, found, typ.record.typeof(attr), typ.read_as(attr))


@lower_setattr_generic(Row)  # type: ignore[untyped-decorator]
def _write(context: Any, builder: Any, sig: Any, args: Any, attr: str) -> None:
    typ, given = sig.args
    value = context.cast(builder, args[1], given, typ.record.typeof(attr))
    builder.store(value, _field(context, builder, typ, args[0], attr))


@infer_global(operator.getitem)  # type: ignore[untyped-decorator]
class _GetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) == 2 and isinstance(args[0], Table) and isinstance(args[1], types.Integer):
            return signature(args[0].dtype, args[0], types.intp)
        return None


@infer_global(operator.setitem)  # type: ignore[untyped-decorator]
class _SetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) == 3 and isinstance(args[0], Table) and isinstance(args[1], types.Integer):
            return signature(types.none, args[0], types.intp, args[0].dtype)
        return None


@lower_builtin(operator.getitem, Table, types.Integer)  # type: ignore[untyped-decorator]
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    table = sig.args[0]
    index = context.cast(builder, args[1], sig.args[1], types.intp)
    at = _element(builder, table, args[0], index)
    if isinstance(table.dtype, Row):
        return at
    return builder.load(builder.bitcast(at, context.get_data_type(table.dtype).as_pointer()))


@lower_builtin(operator.setitem, Table, types.Integer, types.Any)  # type: ignore[untyped-decorator]
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    table = sig.args[0]
    index = context.cast(builder, args[1], sig.args[1], types.intp)
    at = _element(builder, table, args[0], index)
    builder.store(args[2], builder.bitcast(at, context.get_data_type(table.dtype).as_pointer()))
    return context.get_dummy_value()


def memory_entry(function: Callable[..., Any], fields: Sequence[tuple[str, Any]]) -> Any:
    """Return ``entry(addresses)`` that calls ``function`` with the memory at these addresses.

    ``fields``: name and numpy dtype of each table, in the order of the addresses (int64).
    """
    kind = Memory(tuple((name, from_dtype(np.dtype(dtype))) for name, dtype in fields))

    @intrinsic
    def at(typingctx: Any, addresses: Any) -> Any:
        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            array = context.make_array(sig.args[0])(context, builder, args[0])
            return builder.bitcast(array.data, _BYTE)

        return kind(addresses), code

    # Its own globals instead of a closure: machine code of closures is not found in the cache.
    own = {"_function": function, "_at": at, "__name__": __name__}
    entry = FunctionType(_entry.__code__, own, f"{function.__name__}_in_memory")
    entry.__qualname__, entry.__module__ = entry.__name__, __name__
    return entry


def _entry(addresses: Any) -> Any:
    return _function(_at(addresses))  # type: ignore[name-defined]  # noqa: F821


def addresses_of(tables: tuple[Any, ...]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the addresses of arrays, which must be contiguous."""
    for table in tables:
        assert table.flags.c_contiguous
    return np.array([table.ctypes.data for table in tables], dtype=np.int64)
