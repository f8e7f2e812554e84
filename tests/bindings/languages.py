"""How each binding is built, and what of it is run."""
import dataclasses
import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent
PYTHON = sys.executable


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
    tests: list = dataclasses.field(default_factory=list)
    bench: list = dataclasses.field(default_factory=list)


def surroundings(root, **more):
    """The library that is installed below `root`, as if it were below /."""
    pc = next(root.rglob("mayrelay.pc"))
    return {**os.environ, "LD_LIBRARY_PATH": str(pc.parent.parent),
            "PKG_CONFIG_PATH": str(pc.parent),
            "PKG_CONFIG_SYSROOT_DIR": str(root),
            "PYTHONDONTWRITEBYTECODE": "1", **more}


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


MAKERS = {"python": python}
NAMES = list(MAKERS)


def make(name, source_root, place, build):
    return MAKERS[name](source_root / "examples" / name, place / name,
                        place / "root",
                        build / "tests/bindings/libbinding_noop.so")
