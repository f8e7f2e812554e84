#!/usr/bin/python3
"""Man pages out of what programs say of themselves.

usage: help.py command  PAGE PROGRAM COMMAND      of `PROGRAM COMMAND --help`
       help.py daemon   PAGE PROGRAM SUMMARY      of `PROGRAM --help`
       help.py overview PAGE PROGRAM TEMPLATE     of `PROGRAM --help`, whose
                                                  commands go into @COMMANDS@

So the pages cannot say anything else than --help does.
"""
import pathlib
import re
import subprocess
import sys

import mdoc

SECTION = re.compile(r"^([A-Z][A-Z ]*)$", re.M)
OPTION = re.compile(r"  (-.*)")
STATUS = re.compile(r"\s*(\d+)  (.*)")
COMMAND = re.compile(r"^  (\w+) {2,}(.+)$", re.M)
USAGE_WORD = re.compile(r"\[[^\]]*\](?:\.\.\.)?|\S+")


def help_of(*command):
    return subprocess.run([*command, "--help"], check=True,
                          capture_output=True, encoding="utf-8").stdout


# -- one line of a synopsis ----------------------------------------------------

def usage_word(word):
    """A word of a usage line as mdoc macros."""
    if word.startswith("["):
        inside, dots = re.fullmatch(r"\[(.*?)(?:\.\.\.)?\](\.*)", word).groups()
        repeated = dots or "...]" in word
        return (f"Oo {usage(inside)} Oc" + (" Ns ..." if repeated else ""))
    option = re.fullmatch(r"-(-?[\w-]+)", word)
    if option:
        return f"Fl {option[1]}"
    optional = re.fullmatch(r"--([\w-]+)\[=(\w+)\]", word)
    if optional:
        return f"Fl -{optional[1]} Ns Oo = Ns Ar {optional[2]} Oc"
    return f"Ar {mdoc.escape(word)}"


def usage(line):
    return " ".join(map(usage_word, USAGE_WORD.findall(line)))


def synopsis(lines, program, command=None):
    made = [".Sh SYNOPSIS"]
    start = f"{program} {command} " if command else f"{program} "
    for line in lines:
        rest = line.strip().removeprefix(start)
        made += [f".Nm {program}" + (f" Cm {command}" if command else ""),
                 "." + usage(rest)]
    return made


# -- the other sections --------------------------------------------------------

def option_heading(line):
    spellings = re.split(r", (?=-)", line)
    words = []
    for spelling in spellings:
        name, *arguments = re.findall(r"-[\w-]+\[=\w+\]|\S+", spelling)
        words.append(" ".join([usage_word(name),
                               *(f"Ar {mdoc.escape(a)}" for a in arguments)]))
    return ".It " + " , ".join(words)


def options(lines):
    made = [".Bl -tag -width Ds"]
    text = []
    for line in [*lines, None]:
        heading = line is not None and OPTION.fullmatch(line)
        if line is not None and not heading:
            text.append(line[6:])
            continue
        made += mdoc.prose(text)
        text = []
        if heading:
            made.append(option_heading(heading[1]))
    return made + [".El"]


def exit_status(lines):
    made = [".Bl -tag -width Ds"]
    for line in lines:
        status = STATUS.fullmatch(line)
        made += ([f".It {status[1]}", mdoc.escape(status[2])] if status
                 else mdoc.filled([line]))
    return made + [".El"]


def body_of(name, lines):
    if name in ("OPTIONS", "FACTS"):
        return options(lines)
    if name == "EXIT STATUS":
        return exit_status(lines)
    if name == "EXAMPLES":
        return mdoc.literal(mdoc.dedented(lines, 2))
    return mdoc.prose(mdoc.dedented(lines, 2))


# -- pages ---------------------------------------------------------------------

def command_page(program, command):
    name = pathlib.Path(program).name
    parts = SECTION.split(help_of(program, command))
    sections = {title: text.strip("\n").split("\n")
                for title, text in zip(parts[1::2], parts[2::2])}
    summary = sections.pop("NAME")[0].split(" - ", 1)[1]
    page = mdoc.head(f"{name}-{command}", 1, [f"{name}-{command}"], summary)
    page += synopsis(sections.pop("SYNOPSIS"), name, command)
    for title, lines in sections.items():
        page += [f".Sh {title}", *body_of(title, lines)]
    return page + mdoc.see_also("mayrelay 1", "mayrelay-policy 5")


def daemon_page(program, summary):
    name = pathlib.Path(program).name
    first, about, rest = help_of(program).split("\n\n", 2)
    lines = rest.rstrip("\n").split("\n")
    end = max(i for i, line in enumerate(lines) if line.startswith(" ")) + 1
    used = " ".join(first.split()).removeprefix("usage: ")
    used = used.replace(program, name, 1)
    page = mdoc.head(name, 8, [name], summary)
    page += synopsis([used], name)
    page += [".Sh DESCRIPTION", *mdoc.filled(about.split("\n")), ".Pp",
             *mdoc.filled(lines[end:])]
    page += [".Sh OPTIONS", *options(lines[:end])]
    return page + mdoc.see_also("mayrelay 1", "mayrelay-explain 1",
                                "mayrelay-policy 5")


def overview_page(program, template):
    listed = []
    for command, summary in COMMAND.findall(help_of(program)):
        listed += [f".It Xr mayrelay-{command} 1", mdoc.escape(summary)]
    text = pathlib.Path(template).read_text("ascii")
    return text.replace("@DATE@", mdoc.DATE).replace(
        "@COMMANDS@", "\n".join(listed)).rstrip("\n").split("\n")


PAGES = {"command": command_page, "daemon": daemon_page,
         "overview": overview_page}


def main(arguments):
    if len(arguments) != 5 or arguments[1] not in PAGES:
        sys.exit(__doc__)
    kind, path, program, what = arguments[1:]
    mdoc.write(path, PAGES[kind](program, what))


if __name__ == "__main__":
    main(sys.argv)
