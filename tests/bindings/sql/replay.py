"""What the extension of SQLite says to a dialogue; see ../README.md.

usage: replay.py EXTENSION

Every decision is a row of facts, and one statement judges all of them.
"""
import re
import sqlite3
import sys

import flatten

FACTS = ("policy", "client", "identity", "sender", "recipient", "listener",
         "names", "groups", "tls", "certificate", "mailbox")
COLUMNS = ("verdict", "enhanced", "text", "reply", "reason", "kind", "rule",
           "file", "connector", "deliver_to")
BITS = {"client-name": 1, "groups": 2, "recipient": 4}
TO_ESCAPE = re.compile("[\x00-\x1f\x7f%]")


def escaped(value):
    if value is None:
        return "-"
    if value == "-":
        return "%2D"
    return TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", value)


def connect(extension):
    database = sqlite3.connect(":memory:")
    database.enable_load_extension(True)
    database.load_extension(extension)
    # Octets of a client's, UTF-8 or not, are text.
    as_text = ", ".join("?" if name in ("tls", "mailbox")
                        else "CAST(? AS TEXT)" for name in FACTS)
    database.execute(f"CREATE TABLE facts({', '.join(FACTS)}, format)")
    database.executemany(
        f"INSERT INTO facts VALUES({as_text}, ?)",
        ([facts.get(name) for name in FACTS] + [format]
         for facts, format in flatten.rows(sys.stdin.buffer)))
    return database


def judged(database):
    arguments = ", ".join("facts." + name for name in FACTS)
    return database.execute(f"""
        SELECT format, code, line, needs, is_relay, {', '.join(
            'd.' + name for name in COLUMNS)},
            CASE format WHEN 'json' THEN explanation_json
                        WHEN 'text' THEN explanation END
        FROM facts CROSS JOIN
             mayrelay_check({arguments}, format IS NOT NULL) AS d""")


def main(extension):
    out = open(1, "w", encoding="utf-8", buffering=1 << 16)
    for format, code, line, needs, relay, *texts in judged(connect(extension)):
        if format is None:
            out.write(f"{code}\t{escaped(texts[3])}\n")
            continue
        bits = sum(BITS[name] for name in needs.split())
        out.write("\t".join((str(code), str(line), str(bits), str(relay),
                             *map(escaped, texts))) + "\n")
    out.close()


main(*sys.argv[1:])
