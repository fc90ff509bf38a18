"""What wasmtime's Python bindings lack, or do in many more steps than it takes, by the C interface beneath them."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any

import wasmtime
from wasmtime import _ffi

START = b"_start"
KEPT_BYTES = 1 << 16
"""How much of a guest's memory this process keeps, wiped, for the next one: to give it back to the system and fault it
in again costs as much as the rest of an instance. Of more, wiping costs as much."""
TABLES = 4
"""How many tables a module may have that is to find its place ready, beside one memory."""
FUNCTION = _ffi.WASMTIME_EXTERN_FUNC.value


def new_engine(table_elements: int = 0) -> wasmtime.Engine:
    """The engine for which modules are compiled: with an epoch as deadline, and fuel.

    With `table_elements`, the most that a table may have, it has the place of one instance ready from the start, which
    wasmtime wipes before the next guest sees it. What does not fit into it is refused when it is loaded. That place is
    gigabytes of addresses: where they are limited (`ulimit -v`) none is made ready.
    """
    configuration = wasmtime.Config()
    configuration.epoch_interruption = True
    configuration.consume_fuel = True
    if table_elements and _has_addresses():
        pool = _ffi.wasmtime_pooling_allocation_config_new()
        _ffi.wasmtime_pooling_allocation_config_total_core_instances_set(pool, 1)
        _ffi.wasmtime_pooling_allocation_config_total_memories_set(pool, 1)
        _ffi.wasmtime_pooling_allocation_config_total_tables_set(pool, TABLES)
        _ffi.wasmtime_pooling_allocation_config_max_tables_per_module_set(pool, TABLES)
        _ffi.wasmtime_pooling_allocation_config_table_elements_set(pool, table_elements)
        _ffi.wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, KEPT_BYTES)
        _ffi.wasmtime_pooling_allocation_config_table_keep_resident_set(pool, KEPT_BYTES)
        _ffi.wasmtime_pooling_allocation_strategy_set(configuration.ptr(), pool)
        _ffi.wasmtime_pooling_allocation_config_delete(pool)
    return wasmtime.Engine(configuration)


def start(store: wasmtime.Store, instance: wasmtime.Instance) -> bool:
    """Calls `_start` to its end; whether there is such a function. Raises what calling a `wasmtime.Func` does."""
    context = store._context()
    item: Any = _ffi.wasmtime_extern_t()
    found = _ffi.wasmtime_instance_export_get(context, byref(instance._instance), START, len(START), byref(item))
    if not found or item.kind != FUNCTION:
        return False
    trap: Any = ctypes.POINTER(_ffi.wasm_trap_t)()
    error = _ffi.wasmtime_func_call(context, byref(item.of.func), None, 0, None, 0, byref(trap))
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)
    if trap:
        raise wasmtime.Trap._from_ptr(trap)
    return True


def set_stdin(wasi: wasmtime.WasiConfig, data: bytes) -> None:
    """Without a file, which costs as much as the rest of an instance."""
    vector = _ffi.wasm_byte_vec_t()
    buffer = ctypes.create_string_buffer(data, len(data))
    _ffi.wasm_byte_vec_new(byref(vector), len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8)))
    _ffi.wasi_config_set_stdin_bytes(wasi.ptr(), byref(vector))


def _has_addresses() -> bool:
    import resource  # there is none on Windows, where only single guests run  # noqa: PLC0415

    return resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
