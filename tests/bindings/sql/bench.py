"""What a call costs in SQLite, beside one of the same shape that does nothing:
its own coalesce(), of five texts.

usage: bench.py EXTENSION
"""
import sqlite3
import sys
import tempfile
import time

POLICY = """
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
"""
CALLS = 300_000


def measure(database, name, what, joined=""):
    began = time.perf_counter()
    database.execute(f"""
        WITH RECURSIVE n(i) AS (
            SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CALLS})
        SELECT sum(length({what})) FROM n{joined}""").fetchall()
    took = (time.perf_counter() - began) / CALLS * 1e9
    print(f"sql      {name:40} {took:8.0f} ns")


def main(extension):
    database = sqlite3.connect(":memory:")
    database.enable_load_extension(True)
    database.load_extension(extension)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as policy:
        policy.write(POLICY)
        policy.flush()
        five = (f"'{policy.name}', '10.1.2.3', 'alice', 'a@sender.example', "
                "'x' || i || '@far.example'")
        measure(database, "coalesce() of five texts", f"coalesce({five})")
        measure(database, "the function mayrelay_check",
                f"mayrelay_check({five})")
        measure(database, "the table mayrelay_check", "d.reply",
                f", mayrelay_check({five}) AS d")


main(*sys.argv[1:])
