"""Plain text as mdoc(7): what the generators of man pages share."""
import re
import textwrap

# Of the last change that a reader of the pages would notice.
DATE = "November 25, 2026"

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9`'\"<])")
ITEM = re.compile(r"\s*- (.*)")


def escape(text):
    """Text that no formatter takes for anything else."""
    text = text.replace("\\", "\\e")
    text = re.sub(r"`([^`]*)`", r"\\(oq\1\\(cq", text)
    text = text.replace("--", "\\-\\-")
    text = "".join(c if c < "\x7f" else f"\\[u{ord(c):04X}]" for c in text)
    return "\\&" + text if text[:1] in (".", "'") else text


def literal(lines):
    """Lines that stay as they are, to be copied from the page."""
    whole = [line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
             .replace("`", "\\(ga") for line in lines]
    return [".Bd -literal -offset indent",
            *("\\&" + line if line[:1] == "." else line for line in whole),
            ".Ed"]


def filled(lines):
    """Lines that may be broken elsewhere; each sentence begins a new one."""
    text = " ".join(" ".join(lines).split())
    made = []
    for sentence in SENTENCE_END.split(text):
        made += textwrap.wrap(sentence, 64, break_long_words=False,
                              break_on_hyphens=False)
    return [escape(line) for line in made]


def bullets(lines):
    items = []
    for line in lines:
        start = ITEM.fullmatch(line)
        if start:
            items.append([start[1]])
        else:
            items[-1].append(line)
    made = [".Bl -bullet -compact"]
    for item in items:
        made += [".It", *filled(item)]
    return made + [".El"]


def dedented(lines, width):
    return [line[width:] for line in lines]


def is_set_off(line):
    return line.startswith(" ")


def runs(lines):
    """Neighbouring lines that are alike: blank, set off, or neither."""
    run = []
    for line in lines:
        if run and (bool(line) != bool(run[-1]) or
                    is_set_off(line) != is_set_off(run[-1])):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def prose(lines):
    """Paragraphs; what is set off is a list of items, or stays as it is."""
    made = []
    for run in runs(lines):
        if not run[0]:
            made.append(".Pp")
        elif not is_set_off(run[0]):
            made += filled(run)
        elif ITEM.fullmatch(run[0]):
            made += bullets(run)
        else:
            margin = min(len(line) - len(line.lstrip()) for line in run)
            made += [*literal(dedented(run, margin)), ".Pp"]
    return without_empty(made)


def without_empty(made):
    """Without paragraphs of nothing, which linters mind."""
    kept = []
    for line, after in zip(made, [*made[1:], ".Sh"]):
        if line == ".Pp" and (not kept or kept[-1] == ".Pp" or
                              after.startswith((".Bd", ".Sh"))):
            continue
        kept.append(line)
    if kept and kept[-1] == ".Pp":
        kept.pop()
    return kept


def head(title, section, names, summary):
    # A name of a page is followed by a comma if there is another.
    listed = [f".Nm {name} ," for name in names[:-1]] + [f".Nm {names[-1]}"]
    return [f".Dd {DATE}", f".Dt {title.upper()} {section}", ".Os",
            ".Sh NAME", *listed, f".Nd {escape(summary)}"]


def see_also(*pages):
    """Pages as "name section", in the order that mandoc wants."""
    ordered = sorted(pages, key=lambda page: page.split()[::-1])
    return [".Sh SEE ALSO", *(f".Xr {page} ," for page in ordered[:-1]),
            f".Xr {ordered[-1]}"]


def write(path, lines):
    with open(path, "w", encoding="ascii") as page:
        page.write("\n".join(lines) + "\n")
