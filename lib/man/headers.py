#!/usr/bin/python3
"""The man page of a public header, out of its comments.

usage: headers.py PAGE HEADER

A comment speaks of what stands right behind it.  The first one is the page's
description, `/* -- title --- */` begins a section.
"""
import pathlib
import re
import sys

import mdoc

COMMENT = r"/\*(?:[^*]|\*(?!/))*\*/"
# A comment, a constant, or a declaration; an enum has comments of its own.
PART = re.compile(rf"""
    (?P<comment>{COMMENT})
  | ^(?P<constant>\#define\ MAYRELAY_(?!API\b)\w+\ \S.*)$
  | ^(?P<declaration>(?:typedef|enum|MAYRELAY_API)\b
        (?:{COMMENT} | \{{(?:{COMMENT}|[^}}])*\}} | [^;{{])*;)""", re.M | re.X)
TITLE = re.compile(r"-- (.*?) -+")
FUNCTION = re.compile(r"MAYRELAY_API\s+(.*?)(mayrelay_\w+)\s*\((.*)\);", re.S)


class Header:
    """The parts of a header: its introduction, types and functions."""

    def __init__(self, text):
        self.types = []      # (comment, text)
        self.functions = []  # (comment, [function, ...]), or a title
        text = re.sub(r'^extern "C" \{\n', "", text, flags=re.M)
        parts = list(PART.finditer(text))
        self.summary, self.introduction = introduction(plain(parts[0][0]))
        comment = None
        for part in parts[1:]:
            if part["comment"]:
                comment = plain(part[0])
                title = TITLE.fullmatch(comment[0])
                if title:
                    self.functions.append(title[1])
                    comment = None
                continue
            self.take(part, comment)
            comment = None

    def take(self, part, comment):
        function = FUNCTION.fullmatch(part["declaration"] or "")
        if not function:
            self.types.append((comment, part["constant"] or part[0]))
        elif comment:
            self.functions.append((comment, [prototype(function)]))
        elif self.functions and isinstance(self.functions[-1], tuple):
            self.functions[-1][1].append(prototype(function))
        else:
            self.functions.append(([], [prototype(function)]))

    def prototypes(self):
        return [one for entry in self.functions if isinstance(entry, tuple)
                for one in entry[1]]


def plain(comment):
    """The lines of a comment without its stars."""
    text = comment.removeprefix("/*").removesuffix("*/")
    lines = [re.sub(r"^ \* ?", "", line).rstrip()
             for line in text.strip().split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def introduction(lines):
    """mayrelay/x.h: what it is.  The rest is for the description."""
    summary = lines[0].split(": ", 1)[1].rstrip(".")
    return summary, lines[2:]


def prototype(function):
    result, name, arguments = (" ".join(part.split()) for part in
                               function.groups())
    return result, name, re.sub(r"/\*.*?\*/", "", arguments).split(", ")


def in_synopsis(function):
    result, name, arguments = function
    return [f'.Ft "{result}"', f".Fo {name}",
            *(f'.Fa "{argument}"' for argument in arguments), ".Fc"]


def types(header):
    made = []
    for comment, text in header.types:
        made += mdoc.prose(comment or [])
        made += [*mdoc.literal(text.split("\n")), ".Pp"]
    return mdoc.without_empty(made)


def functions(header):
    made, is_open = [], False
    for entry in header.functions:
        if isinstance(entry, str):
            made += [".El"] * is_open + [f".Ss {entry[0].upper()}{entry[1:]}"]
            is_open = False
            continue
        comment, group = entry
        made += [".Bl -tag -width Ds"] * (not is_open)
        is_open = True
        made.append(".It " + " , ".join(f"Fn {name}" for _, name, _ in group))
        made += mdoc.prose(comment)
    return made + [".El"] * is_open


def others(name, directory):
    """The pages of the headers beside this one."""
    stems = [path.stem for path in directory.glob("*.h") if path.stem != name]
    return [f"mayrelay_{stem} 3" for stem in stems]


def page(path):
    header = Header(path.read_text("utf-8"))
    name = f"mayrelay_{path.stem}"
    named = [name, *(function for _, function, _ in header.prototypes())]
    made = mdoc.head(name, 3, named, header.summary)
    made += [".Sh LIBRARY", "Library of mail relay decisions",
             ".Pq libmayrelay, Fl lmayrelay", ".Sh SYNOPSIS", ".In mayrelay.h"]
    for function in header.prototypes():
        made += in_synopsis(function)
    made += [".Sh DESCRIPTION", *mdoc.prose(header.introduction)]
    if header.types:
        made += [".Ss Types", *types(header)]
    if header.functions and isinstance(header.functions[0], tuple):
        made.append(".Ss Functions")
    made += functions(header)
    return made + mdoc.see_also("mayrelay 3", *others(path.stem, path.parent))


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    mdoc.write(arguments[1], page(pathlib.Path(arguments[2])))


if __name__ == "__main__":
    main(sys.argv)
