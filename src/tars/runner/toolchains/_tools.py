"""The programs that the built-in toolchains need, and how each is installed."""

from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.extras import install_of
from tars.runner.values import Tool

_RUST_HINTS = {
    "brew": "brew install rust",
    "winget": "winget install Rustlang.Rustup",
    "": "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
}
RUSTC: Final = Tool("rustc", (1, 60), hints=_RUST_HINTS, label="Rust toolchain")
CARGO: Final = Tool("cargo", (1, 60), hints=_RUST_HINTS, label="Rust toolchain")

GO: Final = Tool(
    "go",
    (1, 18),
    ("version",),
    {
        "apt": "apt-get install golang-go",
        "dnf": "dnf install golang",
        "pacman": "pacman -S go",
        "zypper": "zypper install go",
        "apk": "apk add go",
        "brew": "brew install go",
        "winget": "winget install GoLang.Go",
        "pip": install_of("go"),
    },
    "Go toolchain",
)

NODE: Final = Tool(
    "node",
    (18,),
    hints={
        "dnf": "dnf install nodejs",
        "pacman": "pacman -S nodejs",
        "zypper": "zypper install nodejs",
        "apk": "apk add nodejs",
        "apt": "apt-get install nodejs",
        "brew": "brew install node",
        "winget": "winget install OpenJS.NodeJS.LTS",
        "pip": install_of("javascript"),
    },
    label="Node.js",
)
DENO: Final = Tool(
    "deno",
    (1, 40),
    hints={
        "brew": "brew install deno",
        "winget": "winget install DenoLand.Deno",
        "pip": install_of("deno"),
    },
    label="Deno",
)
BUN: Final = Tool(
    "bun", (1, 0), hints={"brew": "brew install oven-sh/bun/bun", "npm": "npm install --global bun"}, label="Bun"
)
NPM: Final = Tool(
    "npm",
    (7,),
    hints={"apt": "apt-get install npm", "apk": "apk add npm", "pacman": "pacman -S npm", "brew": "brew install node"},
)
ESBUILD: Final = Tool(
    "esbuild", (0, 17), hints={"npm": "npm install --save-dev esbuild", "brew": "brew install esbuild"}
)
COMPONENTIZE_QJS: Final = Tool(
    "componentize-qjs", (0, 4), hints={"npm": "npm install --save-dev componentize-qjs"}, label="componentize-qjs"
)
ESBUILD_OR_NODE: Final = replace(ESBUILD, instead=(replace(NODE, version_min=(22, 15)),))
"""What TypeScript needs besides a runtime: without esbuild, a newer node takes the types away itself."""
TSC: Final = Tool("tsc", (5,), hints={"npm": "npm install --save-dev typescript"}, label="TypeScript compiler (tsc)")
COMPONENTIZE_PY: Final = Tool(
    "componentize-py", (0, 25), hints={"pip": install_of("python-wasm")}, label="componentize-py"
)
WASMTIME: Final = Tool("wasmtime", (20,), hints={"pip": install_of("wasm")}, label="wasmtime")


ZIG: Final = Tool(
    "zig",
    (0, 13),
    ("version",),
    {
        "brew": "brew install zig",
        "winget": "winget install zig.zig",
        "pacman": "pacman -S zig",
        "pip": install_of("zig"),
    },
    "Zig toolchain",
)
CC: Final = Tool(
    "cc",
    hints={
        "apt": "apt-get install gcc libc6-dev",
        "dnf": "dnf install gcc",
        "pacman": "pacman -S gcc",
        "apk": "apk add gcc musl-dev",
        "brew": "brew install gcc",
        "pip": install_of("zig"),
    },
    label="C compiler",
    instead=(ZIG,),
)
_LUA_HINTS = {
    "apt": "apt-get install lua5.4",
    "dnf": "dnf install lua",
    "pacman": "pacman -S lua",
    "apk": "apk add lua5.4",
    "brew": "brew install lua",
    "winget": "winget install DEVCOM.Lua",
}
LUA: Final = Tool(
    "lua",
    (5, 1),
    ("-v",),
    _LUA_HINTS,
    "Lua",
    tuple(Tool(name, (), ("-v",), _LUA_HINTS) for name in ("lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit")),
)
SWIFTC: Final = Tool(
    "swiftc",
    (5, 5),
    hints={
        "brew": "brew install swift",
        "winget": "winget install Swift.Toolchain",
        "": "curl -sSfL https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz | tar xz && ./swiftly init",
    },
    label="Swift toolchain",
)


def python(runtime: str) -> Tool:
    """The interpreter that `runtime` names (`python3.12`, `3.12`, `pypy3`); empty is the one beneath TARS itself."""
    name = runtime or "python3"
    if name[0].isdigit():
        name = f"python{name}"
    minor = name.removeprefix("python")
    hints = {
        "apt": f"apt-get install {name}",
        "dnf": f"dnf install {name}",
        "brew": f"brew install python@{minor}",
        "winget": f"winget install Python.Python.{minor}",
        "": f"put `{name}` on PATH",
    }
    return Tool(name, hints=hints, label=f"Python ({name})")


def rust_library(target: str) -> Tool:
    """Rust's standard library for another target."""
    hints = {"rustup": f"rustup target add {target}", "apt": "apt-get install libstd-rust-dev-wasm32"}
    return Tool(f"rust-std-{target}", hints=hints, label=f"Rust's library for {target}")
