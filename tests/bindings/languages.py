"""How each binding is built, and what of it is run."""
import dataclasses
import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent
PYTHON = sys.executable
#: judgements of the tables, by chance, and what else can be asked
DIALOGUES = ("tables", "generated", "learned")


@dataclasses.dataclass
class Language:
    name: str
    source: pathlib.Path  #: below examples/
    work: pathlib.Path  #: where it is built; everything runs here
    environment: dict
    example_file: str  #: the README's example goes here
    example: list  #: commands that build and run it
    build: list = dataclasses.field(default_factory=list)
    replay: list = dataclasses.field(default_factory=list)
    dialogues: tuple = DIALOGUES
    tests: list = dataclasses.field(default_factory=list)
    #: what has to be built for the benchmark alone, and it
    measured: list = dataclasses.field(default_factory=list)
    bench: list = dataclasses.field(default_factory=list)


def surroundings(root, **more):
    """The library that is installed below `root`, as if it were below /."""
    pc = next(root.rglob("mayrelay.pc"))
    return {**os.environ, "LD_LIBRARY_PATH": str(pc.parent.parent),
            "PKG_CONFIG_PATH": str(pc.parent),
            "PKG_CONFIG_SYSROOT_DIR": str(root),
            "PYTHONDONTWRITEBYTECODE": "1", **more}


def declared(binding, noop):
    """Whether the calls of C that it declares are those of the headers."""
    headers = noop.parents[1] / "api/declarations.h"
    return [PYTHON, TESTS / "declared.py", binding, headers]


def python(source, work, root, noop):
    copy, site = work / "source", work / "site"
    tests = TESTS / "python"
    pip = [PYTHON, "-m", "pip", "-q", "--disable-pip-version-check"]
    return Language(
        "python", source, work,
        surroundings(root, PYTHONPATH=str(site), PIP_NO_INDEX="1"),
        example_file="example.py", example=[[PYTHON, "example.py"]],
        build=[["cp", "-r", source, copy],
               [*pip, "wheel", "--no-build-isolation", "--no-deps",
                "-w", work / "dist", copy],
               [*pip, "install", "--no-deps", "--target", site,
                "--find-links", work / "dist", "mayrelay"]],
        replay=[PYTHON, tests / "replay.py"],
        tests=[[PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]],
        bench=[PYTHON, tests / "bench.py", noop])


CXX_FLAGS = ["-std=c++17", "-O2", "-g", "-Wall", "-Wextra", "-Wpedantic",
             "-Wshadow", "-Wconversion", "-Werror"]


def compiled(compiler, flags, source, output, *more, packages="mayrelay"):
    """With the library's flags, as its users have them from pkg-config."""
    flagged = f'"$@" $(pkg-config --cflags --libs {packages})'
    return ["sh", "-c", flagged, "sh", compiler, *flags, source,
            "-o", output, *more]


def cpp(source, work, root, noop):
    tests = TESTS / "cpp"
    flags, more = CXX_FLAGS, [tests / "watch.cpp", tests / "learned.cpp"]

    def program(name, *more):
        return compiled("c++", flags, tests / f"{name}.cpp",
                        work / name, *more)
    sanitized = compiled(
        "c++", [*flags, "-fsanitize=address,undefined",
                  "-fno-sanitize-recover"], tests / "test.cpp",
        work / "sanitized", *more)
    return Language(
        "cpp", source, work, surroundings(root),
        example_file="example.cpp",
        example=[compiled("c++", flags, "example.cpp", "example"),
                 ["./example"]],
        build=[program("replay"), program("test", *more), program("threads"),
               sanitized],
        replay=[work / "replay"],
        tests=[[work / "test"], [work / "threads"], [work / "sanitized", "100"]],
        measured=program("bench", noop, f"-Wl,-rpath,{noop.parent}"),
        bench=[work / "bench"])


def luajit(source, work, root, noop):
    """The module as it is installed."""
    tests = TESTS / "luajit"
    module = next(root.rglob("lua/5.1"))
    return Language(
        "luajit", source, work,
        surroundings(root, LUA_PATH=f"{module}/?.lua;{module}/?/init.lua;"
                     f"{tests}/?.lua"),
        example_file="example.lua", example=[["luajit", "example.lua"]],
        replay=["luajit", tests / "replay.lua"],
        tests=[["luajit", tests / "test.lua"], ["luajit", tests / "watch.lua"],
               ["luajit", tests / "learned.lua"]],
        bench=["luajit", tests / "bench.lua", noop])


def rust(source, work, root, noop):
    """Copied with the folders it lies in, as the tests name its path: cargo
    writes beside what it builds."""
    package = work / "tests/bindings/rust"
    built = package / "target/release"
    cargo = ["cargo", "build", "-q", "--release", "--offline",
             "--manifest-path", package / "Cargo.toml"]
    return Language(
        "rust", source, work,
        surroundings(root, RUSTFLAGS="-D warnings"),
        example_file="tests/bindings/rust/src/bin/example.rs",
        example=[[*cargo, "--bin", "example"], [built / "example"]],
        build=[["mkdir", "-p", work / "examples", package.parent],
               ["cp", "-r", source, work / "examples"],
               ["cp", "-r", TESTS / "rust", package.parent],
               ["cargo", "package", "-q", "--offline", "--allow-dirty",
                "--manifest-path", work / "examples/rust/Cargo.toml"],
               [*cargo, "--bin", "replay", "--bin", "test"]],
        replay=[built / "replay"],
        tests=[[built / "test"],
               declared(source / "src/ffi.rs", noop)],
        measured=["env", f"MAYRELAY_NOOP={noop.parent}", *cargo,
                  "--bin", "bench"],
        bench=[built / "bench"])


def sql(source, work, root, noop):
    tests = TESTS / "sql"
    extension = next(root.rglob("mayrelay_sqlite.so"))
    return Language(
        "sql", source, work, surroundings(root, MAYRELAY_SQLITE=str(extension)),
        example_file="example.sql",
        example=[["sh", "-c", "sqlite3 -bail :memory: < example.sql"]],
        build=[["cp", extension, work]],
        replay=[PYTHON, tests / "replay.py", extension],
        dialogues=DIALOGUES[:2],
        tests=[[PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]],
        bench=[PYTHON, tests / "bench.py", extension])


def node(source, work, root, noop):
    """As npm packs it.  Modules are sought beside who imports them: the tests
    are copied."""
    package, tests, modules = work / "package", work / "node", \
        work / "node_modules"
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
           "--prefer-offline", "--prefix", package]
    return Language(
        "node", source, work, surroundings(root),
        example_file="example.mjs", example=[["node", "example.mjs"]],
        build=[["npm", "pack", "--silent", "--pack-destination", work, source],
               ["sh", "-c", "tar -xzf mayrelay-*.tgz"],  # makes package/
               ["cp", source / "package-lock.json", package], npm,
               ["cp", "-r", TESTS / "node", tests],
               ["ln", "-s", package / "node_modules", modules],
               ["ln", "-s", package, modules / "mayrelay"],
               [modules / ".bin/tsc", "-p", tests]],
        replay=["node", tests / "replay.mjs"],
        tests=[["node", "--expose-gc", tests / "test.mjs"],
               ["node", "--expose-gc", tests / "watch.mjs"],
               ["node", "--expose-gc", tests / "learned.mjs"],
               declared(source / "lib/library.js", noop)],
        bench=["node", tests / "bench.mjs", noop])


def check(source, work, root, noop):
    """The fixture for Check, which is C: nothing to replay."""
    tests = TESTS / "check"
    flags = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wshadow",
             "-Wconversion", "-Werror", f"-I{source}"]

    def program(file, output):
        return compiled("cc", flags, file, output, source / "relay_fixture.c",
                        packages="mayrelay check")
    return Language(
        "check", source, work,
        surroundings(root, FAILING=str(work / "failing")),
        example_file="example.c",
        example=[program("example.c", "example"), ["./example"]],
        build=[program(tests / "failing.c", work / "failing")], dialogues=(),
        tests=[[PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]])


MAKERS = {"python": python, "cpp": cpp, "luajit": luajit, "rust": rust,
          "sql": sql, "node": node, "check": check}
NAMES = list(MAKERS)


def make(name, source_root, place, build):
    return MAKERS[name](source_root / "examples" / name, place / name,
                        place / "root",
                        build / "tests/bindings/libbinding_noop.so")
