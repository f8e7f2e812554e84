"""The extension of SQLite: its columns, errors, memory, and connections."""
import json
import os
import resource
import sqlite3
import threading

import pytest

EXTENSION = os.environ["MAYRELAY_SQLITE"]
SESSIONS = int(os.environ.get("MAYRELAY_SESSIONS", "20000"))
POLICY = """
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}],
          reroute: {old.example: new.example}}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
    - {name: machine, certificates: ['%s']}
""" % ("ab" * 32)
FIVE = "?, '203.0.113.9', NULL, 'a@b.example', 'c@far.example'"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return str(path)


def connect():
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.enable_load_extension(True)
    database.load_extension(EXTENSION)
    return database


@pytest.fixture
def database():
    return connect()


def one(database, query, *values):
    (row,) = database.execute(query, values).fetchall()
    return row[0] if len(row) == 1 else row


def test_the_function(database, policy):
    assert one(database, "SELECT mayrelay_check(?, '10.1.2.3', NULL, '', "
               "'c@far.example')", policy) == "250 2.1.5 Recipient OK"


@pytest.mark.parametrize("facts, column, value", [
    ("client_names = '[]'", "reason", "relay-denied"),
    ("client_names = '[\"a.trusted.example\"]'", "rule", "known"),
    ("client_names = 'tempfail'", "code", 451),
    ("1", "needs", "client-name"),
    ("certificate = '%s' AND client_names = '[]'" % ("AB" * 32), "rule",
     "machine"),
])
def test_facts_by_name(database, policy, facts, column, value):
    assert one(database, f"SELECT {column} FROM mayrelay_check({FIVE}) "
               f"WHERE {facts}", policy) == value


@pytest.mark.parametrize("exists, reason", [
    (True, "inbound"), (False, "unknown-recipient"),
    ("tempfail", "lookup-failed"), (None, "lookup-failed")])
def test_mailboxes(database, policy, exists, reason):
    assert one(database, """SELECT reason FROM mayrelay_check(
        ?, '203.0.113.9', NULL, '', 'joe@example.com')
        WHERE recipient_exists = ?""", policy, exists) == reason


def test_groups_and_reroute(database, policy):
    query = """SELECT rule, deliver_to, is_relay FROM mayrelay_check(
        ?, '203.0.113.9', 'joe', '', 'a@old.example', NULL, '[]', ?, 0, NULL,
        NULL, ?)"""
    assert one(database, query, policy, '["admins"]', 1)[1] == "a@new.example"
    assert one(database, query.replace("old", "far"), policy, '["admins"]',
               0) == ("admins", "a@far.example", 1)


def test_explanations(database, policy):
    text, explained, decided = one(
        database, "SELECT explanation, explanation_json, json "
        f"FROM mayrelay_check({FIVE})", policy)
    assert "does not hold" in text
    assert json.loads(explained)["decision"] == json.loads(decided)


def test_rules(database, policy):
    rows = database.execute("SELECT name, file, line FROM mayrelay_rules(?) "
                            "ORDER BY line", [policy]).fetchall()
    assert [name for name, _, _ in rows] == ["office", "known", "admins",
                                             "machine"]
    assert {file for _, file, _ in rows} == {policy} and rows[0][2] == 8
    unused = database.execute(
        "SELECT name FROM mayrelay_rules(?1) EXCEPT SELECT rule FROM "
        "mayrelay_check(?1, '10.1.1.1', NULL, '', 'c@far.example')", [policy])
    assert {name for name, in unused} == {"known", "admins", "machine"}


def test_rules_of_a_policy_that_is_reloaded_meanwhile(database, policy):
    rows = database.execute("SELECT name, mayrelay_reload(policies.p) FROM "
                            "(SELECT ? AS p) AS policies, "
                            "mayrelay_rules(policies.p)", [policy])
    assert next(rows)[0]
    with open(policy, "w") as file:
        file.write("mayrelay: 1\n")
    assert len(rows.fetchall()) == 3


def test_audits(database, policy):
    whole = json.loads(one(database, "SELECT mayrelay_audit(?)", policy))
    assert whole["verdicts"]["stranger"]["verdict"] == "CLOSED"
    with open(policy, "a") as file:
        file.write("    - {name: wide, clients: [32.0.0.0/3]}\n")
    database.execute("SELECT mayrelay_reload(?)", [policy]).fetchall()
    verdict = "->> '$.verdicts.stranger.verdict'"
    assert one(database, f"SELECT mayrelay_audit(?) {verdict}",
               policy) == "OPEN"
    assert one(database, f"SELECT mayrelay_audit(?, '32.0.0.0/3', '10.0.0.0/8')"
               f"{verdict}", policy) == "CLOSED"


@pytest.mark.parametrize("network", [
    "nonsense", "", None, 5, b"192.0.2.1\0", "192.0.2.1\0", "1" * 10**7])
def test_wrong_networks(database, policy, network):
    with pytest.raises(sqlite3.OperationalError, match="not a network"):
        database.execute("SELECT mayrelay_audit(?, '10.0.0.0/8', ?)",
                         [policy, network]).fetchall()


def test_scopes(database, policy):
    scope, as_json, fingerprint = one(
        database, "SELECT scope, scope_json, fingerprint "
        f"FROM mayrelay_check({FIVE}) WHERE client_names = '[]'", policy)
    assert scope.startswith("connector default; client ")
    assert json.loads(as_json)["fingerprint"] == fingerprint
    same, = database.execute(f"""
        SELECT count(DISTINCT fingerprint) FROM
        (SELECT '203.0.113.9' AS client UNION SELECT '198.51.100.7') AS log,
        mayrelay_check(?, log.client, NULL, 'a@b.example', 'c@far.example')
        WHERE client_names = '[]'""", [policy]).fetchone()
    assert same == 1


def test_advice(database, policy):
    query = ("SELECT advice, advice_json FROM mayrelay_check("
             f"{FIVE}) WHERE client_names = '[]'")
    text, as_json = one(database, query, policy)
    edits = json.loads(as_json)["edits"]
    assert edits and edits[0]["text"] in text and edits[0]["file"] == policy
    with open(policy, "w") as file:
        file.write("mayrelay: 2\n")
    with pytest.raises(sqlite3.OperationalError, match="read for advice"):
        database.execute(query, [policy]).fetchall()
    assert one(database, f"SELECT code FROM mayrelay_check({FIVE})", policy)


def test_cases(database, policy):
    whole = one(database, "SELECT mayrelay_cases(?)", policy)
    cases = json.loads(whole)
    assert {it["decision"]["rule"] for it in cases} >= {
        "office", "known", "admins", "machine", None}
    assert len(json.loads(one(database, "SELECT mayrelay_cases(?, 3)",
                              policy))) == 3
    for arguments in ("", "?1, 1, 1", "?1, -1", "?1, '5'", "?1, 1.5",
                      "?1, NULL", "5", "NULL", "'/nowhere/policy.yaml'"):
        with pytest.raises(sqlite3.OperationalError, match="mayrelay|nowhere"):
            database.execute(f"SELECT mayrelay_cases({arguments}), ?1",
                             [policy]).fetchall()


def test_diffs(database, policy, tmp_path):
    wider = tmp_path / "wider.yaml"
    wider.write_text(POLICY.replace("10.0.0.0/8", "10.0.0.0/7"))
    query = "SELECT mayrelay_diff(?, ?) ->> '$.verdict'"
    assert one(database, query, policy, str(wider)) == "LOOSER"
    assert one(database, query, str(wider), policy) == "STRICTER"
    assert one(database, query, policy, policy) == "EQUIVALENT"
    for wrong in None, 5, b"x", "a\0b", "/nowhere/policy.yaml", "x" * 10**7:
        for pair in (wrong, policy), (policy, wrong):
            with pytest.raises(sqlite3.OperationalError):
                database.execute(query, pair).fetchall()


def test_two_cursors_take_turns(database, policy):
    rows = database.execute("""
        SELECT a.deliver_to, b.deliver_to
        FROM (SELECT 'a@example.com' AS x UNION SELECT 'b@example.com') AS x,
             mayrelay_check(?1, '10.1.1.1', NULL, '', x.x) AS a,
             (SELECT 'c@example.com' AS y UNION SELECT 'd@example.com') AS y,
             mayrelay_check(?1, '10.1.1.1', NULL, '', y.y) AS b
        ORDER BY 1, 2""", [policy]).fetchall()
    assert rows == [(a + "@example.com", b + "@example.com")
                    for a in "ab" for b in "cd"]


def test_a_policy_is_reloaded_when_it_is_said(database, policy):
    query = f"SELECT reason FROM mayrelay_check({FIVE})"
    assert one(database, query, policy) == "lookup-failed"
    before = one(database, "SELECT mayrelay_reload(?)", policy)
    with open(policy, "w") as file:
        file.write("mayrelay: 1\nrelay: {alow: []}\n")
    with pytest.raises(sqlite3.OperationalError, match=":2:9: error:"):
        database.execute("SELECT mayrelay_reload(?)", [policy]).fetchall()
    assert one(database, query, policy) == "lookup-failed"
    with open(policy, "w") as file:
        file.write("mayrelay: 1\n")
    assert one(database, "SELECT mayrelay_reload(?)", policy) != before
    assert one(database, query, policy) == "relay-denied"


def test_a_policy_that_is_reloaded_under_a_cursor(database, policy):
    rows = database.execute(
        """SELECT mayrelay_reload(?1), reason
           FROM (VALUES (1), (2), (3)), mayrelay_check(
               ?1, '10.1.1.1', NULL, '', 'c@far.example')""", [policy])
    assert [reason for _, reason in rows] == ["relay-allowed"] * 3


@pytest.mark.parametrize("arguments", [
    "?, 1, NULL, '', ''", "?, 1.5, NULL, '', ''", "?, x'00', NULL, '', ''",
    "?, '', 5, '', ''", "?, '', '', 5, ''", "?, '', '', '', 5",
    "?, '10.1.1.1', 'joe', '', '', 5", "?, '10.1.1.1', 'joe', '', '', '', '5'",
    "?, '10.1.1.1', 'joe', '', '', '', '{}'",
    "?, '10.1.1.1', 'joe', '', '', '', '[5]'",
    "?, '10.1.1.1', 'joe', '', '', '', '[\"a\", null]'",
    "?, '10.1.1.1', 'joe', '', '', '', '[\"a\"'",
    "?, '10.1.1.1', 'joe', '', '', '', NULL, 'a'",
    "?, '10.1.1.1', 'joe', '', '', '', NULL, NULL, 'yes'",
    "?, '10.1.1.1', 'joe', '', '', '', NULL, NULL, 1, 5",
    "?, '10.1.1.1', 'joe', '', '', '', NULL, NULL, 1, NULL, 'yes'",
    "?, '10.1.1.1', 'joe', '', '', '', NULL, NULL, 1, NULL, 1, 'yes'",
    "? || '.nowhere', '10.1.1.1'", "? || char(0), ''", "5 + ?"])
def test_bad_arguments(database, policy, arguments):
    with pytest.raises(sqlite3.OperationalError, match="mayrelay|nowhere"):
        database.execute(f"SELECT reply FROM mayrelay_check({arguments})",
                         [policy]).fetchall()
    assert one(database, f"SELECT reason FROM mayrelay_check({FIVE})", policy)


def test_no_policy(database):
    for query in ("SELECT * FROM mayrelay_check",
                  "SELECT * FROM mayrelay_check(NULL)",
                  "SELECT mayrelay_check(NULL, '', '', '', '')",
                  "SELECT mayrelay_check(5, '', '', '', '')",
                  "SELECT mayrelay_reload(NULL)", "SELECT mayrelay_audit()",
                  "SELECT mayrelay_audit(NULL)", "SELECT mayrelay_audit(5)",
                  "SELECT mayrelay_audit('/nowhere/policy.yaml')",
                  "SELECT * FROM mayrelay_rules",
                  "SELECT * FROM mayrelay_rules(NULL)",
                  "SELECT * FROM mayrelay_rules(x'00')",
                  "SELECT * FROM mayrelay_rules('/nowhere/policy.yaml')"):
        with pytest.raises(sqlite3.OperationalError):
            database.execute(query).fetchall()


@pytest.mark.parametrize("text", [b"a\0b@far.example", b"\xff\xfe", b"x" * 10**7,
                                  b"\xed\xa0\x80@x.example"],
                         ids=lambda text: repr(text[:9]))
def test_odd_texts_of_a_log(database, policy, text):
    """No error, but nothing that is accepted."""
    for place in range(1, 5):
        facts = ["'10.1.1.1'", "'joe'", "'a@b.example'", "'c@far.example'"]
        facts[place - 1] = "CAST(? AS TEXT)"
        assert one(database, "SELECT verdict FROM mayrelay_check(?, "
                   + ", ".join(facts) + ")", policy, text) != "accept"


def test_not_inside_views(database, policy):
    with pytest.raises(sqlite3.OperationalError, match="unsafe"):
        database.execute("CREATE VIEW v AS SELECT reply FROM mayrelay_check("
                         "'policy.yaml')")
        database.execute("SELECT * FROM v").fetchall()


def test_many_rows_at_flat_memory(database, policy):
    def some(count):
        (seen,) = database.execute(
            """WITH RECURSIVE n(i) AS (
                   SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
               SELECT sum(length(explanation) > 0 AND mayrelay_check(
                   ?1, '10.1.1.1', NULL, '', 'c@far.example') IS NOT NULL)
               FROM n, mayrelay_check(?1, '10.1.1.1', 'joe', '',
                                      'user' || i || '@far.example')""",
            [policy, count]).fetchone()
        assert seen == count
    some(min(SESSIONS, 5000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    some(SESSIONS)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 4096  # KiB


def test_many_connections_in_threads(policy):
    wrong = []

    def work():
        for _ in range(50):
            database = connect()
            rule = one(database, "SELECT rule FROM mayrelay_check(?, "
                       "'10.1.1.1', NULL, '', 'c@far.example')", policy)
            wrong.extend([rule] if rule != "office" else [])
            database.close()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_fork(database, policy):
    query = f"SELECT reason FROM mayrelay_check({FIVE})"
    assert one(database, query, policy) == "lookup-failed"
    child = os.fork()
    if child == 0:
        os._exit(one(database, query, policy) != "lookup-failed")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
