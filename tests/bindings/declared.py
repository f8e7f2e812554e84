"""Rust and koffi are told what C has: is it what the headers have?

usage: declared.py BINDING DECLARATIONS

BINDING is ffi.rs or library.js, DECLARATIONS mayrelay.h behind the
preprocessor.
"""
import pathlib
import re
import sys

C_CALL = re.compile(r"([\w *]+?)\s*\b(mayrelay_\w+)\s*\(([^()]*)\)\s*;")
RUST_CALL = re.compile(r"pub fn (mayrelay_\w+)\(([^()]*)\)(?: -> ([^;]+))?;")
C_TYPES = {"c_int": "int", "c_uint": "unsigned", "c_char": "char",
           "c_void": "void", "usize": "size_t", "u16": "uint16_t",
           "u32": "uint32_t", "u64": "uint64_t", "bool": "_Bool"}
RUST_CONSTANT = re.compile(r"pub const (MAYRELAY_\w+): c_int = (-?\d+);")
C_CONSTANT = re.compile(r"\b(MAYRELAY_\w+) = (-?\d+)")
POINTER = re.compile(r"\*(const|mut) (.*)")


def c_type(text, named):
    """Without the name of a parameter; enums are passed as int."""
    words = text.replace("*", " * ").split()
    if named:
        words.pop()
    kept = " ".join(words)
    return "int" if kept.startswith("enum ") and "*" not in kept else kept


def rust_type(text):
    found = POINTER.match(text)
    if not found:
        return C_TYPES.get(text, text)
    const = "const " if found[1] == "const" else ""
    return f"{const}{rust_type(found[2])} *"


def c_calls(text):
    for result, name, parameters in C_CALL.findall(" ".join(text.split())):
        listed = [] if parameters.strip() == "void" else parameters.split(",")
        yield name, (c_type(result, False),
                     [c_type(one, True) for one in listed])


def rust_calls(text):
    for name, parameters, result in RUST_CALL.findall(" ".join(text.split())):
        types = re.findall(r"\w+: ([^,]+?)\s*(?:,|$)", parameters)
        yield name, (rust_type(result.strip()) if result else "void",
                     [rust_type(one) for one in types])


def koffi_calls(text):
    """Its prototypes are C, but for directions; texts that have a length are
    void *, which is how koffi takes octets."""
    lines = "".join(line + ";\n" for line in text.splitlines()
                    if re.match(r"[\w *]+ \*?mayrelay_\w+\(.*\)$", line))
    lines = lines.replace("_Out_ ", "").replace("unsigned int", "unsigned")
    lines = lines.replace("bool ", "_Bool ").replace("()", "(void)")
    yield from c_calls(lines.replace("void *", "char *"))


def declared_by(path):
    text = path.read_text("utf-8")
    if path.suffix == ".js":
        return dict(koffi_calls(text))
    return dict([*rust_calls(text), *RUST_CONSTANT.findall(text)])


def main(ours, theirs):
    theirs = pathlib.Path(theirs).read_text("utf-8")
    declared = declared_by(pathlib.Path(ours))
    headers = dict([*c_calls(theirs), *C_CONSTANT.findall(theirs)])
    wrong = [name for name, shape in declared.items()
             if headers.get(name) != shape]
    for name in wrong:
        print(f"{name}: {declared[name]}, in C {headers.get(name)}")
    print(f"{len(declared) - len(wrong)} passed, {len(wrong)} failed")
    return int(bool(wrong) or not declared)


sys.exit(main(*sys.argv[1:]))
