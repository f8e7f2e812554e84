#!/usr/bin/python3
"""What Exim tells the adapter, fact by fact; and that it is judged where mail
really goes.

usage: test_exim_facts.py BUILD
"""
import hashlib
import json
import ssl
import subprocess
import sys

import bench
import exim_server
import sandbox
import smtp
import table
from exim_server import Exim, compile_policy, route

STRANGER = "127.0.0.1"
OURS, FAR = "joe@corp.example", "victim@external.test"
ACL = "acl/01_mayrelay"
KEYS = bench.WORK / "keys"


def exim_with(policy, more="", **parts):
    image = bench.POLICY / "facts.mrp"
    compile_policy(policy, image)
    return Exim(f"policy={image} log={exim_server.DECISIONS} {more}", **parts)


def reply_to(session, recipient, sender="a@sender.example"):
    session.ask("RSET")
    session.ask(f"MAIL FROM:<{sender}>")
    return session.ask(f"RCPT TO:<{recipient}>")


def code_to(exim, recipient, client=STRANGER, user=None):
    return table.attempt(exim, client, "a@sender.example", recipient,
                         user)[1].code


# -- where the client has connected ------------------------------------------

LISTENERS = """\
mayrelay: 1
domains: {inbound: [corp.example]}
connectors:
  - {name: outside, listen: ["127.0.0.1:2525"], relay: {}}
  - name: inside
    listen: ["127.0.0.1:2526"]
    relay: {allow: [{clients: [127.0.0.0/8]}]}
"""


def check_listeners(checks):
    with exim_with(LISTENERS, ports="2525 : 2526") as exim:
        checks.expect("by the outer port", code_to(exim, FAR), 550)
        exim.port = 2526
        checks.expect("by the inner one", code_to(exim, FAR), 250)


IPV6 = """\
mayrelay: 1
domains: {inbound: [corp.example]}
connectors:
  - {name: outside, listen: ["127.0.0.1:2525"], relay: {}}
  - name: inside
    listen: ["[::1]:2525"]
    relay: {allow: [{clients: ["::1"]}]}
"""


def check_ipv6(checks):
    with exim_with(IPV6) as exim:
        checks.expect("by IPv4", code_to(exim, FAR), 550)
        with smtp.Client(exim.port, "::1", "::1") as session:
            session.hello()
            checks.expect("by IPv6", reply_to(session, FAR).code, 250)


def check_proxy(checks):
    """Behind a proxy, the client that it tells of is judged; and a client that
    claims to be one gains nothing."""
    policy = ("mayrelay: 1\ndomains: {inbound: [corp.example]}\n"
              "relay: {allow: [{clients: [127.0.2.0/24, 10.1.0.0/16]}]}\n")
    with exim_with(policy, main="hosts_proxy = 127.0.2.1\n") as exim:
        for client, wanted in ("203.0.113.9", 550), ("10.1.2.3", 250):
            checks.expect(f"{client} behind a proxy that may relay itself",
                          proxied(exim, "127.0.2.1", client), wanted)
        with smtp.Client(exim.port, STRANGER) as session:
            checks.expect("a client that claims to be a proxy", [
                session.ask(said_by_proxy("10.1.2.3")).code,
                session.hello().code, reply_to(session, FAR).code],
                [500, 250, 550])


def said_by_proxy(client):
    return f"PROXY TCP4 {client} 192.0.2.25 4711 25"


def proxied(exim, proxy, client):
    """The greeting comes behind what the proxy says."""
    with smtp.Client(exim.port, proxy, greeted=False) as session:
        session.send(said_by_proxy(client))
        session.greeting = session.read()
        session.hello()
        return reply_to(session, FAR).code


# -- TLS and certificates ----------------------------------------------------

def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, cwd=KEYS,
                   capture_output=True)


def make_keys():
    """A certificate for the server, one of our CA's for a client, and one that
    another client has made for himself."""
    KEYS.mkdir()
    for name in "server", "ca", "self":
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                f"{name}.pem")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=printer",
            "-keyout", "printer.key", "-out", "printer.csr")
    openssl("x509", "-req", "-in", "printer.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "9", "-out", "printer.pem")
    for path in KEYS.iterdir():
        path.chmod(0o644)


def fingerprint(name):
    text = (KEYS / f"{name}.pem").read_text()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def certificates_policy():
    listed = ", ".join(fingerprint(name) for name in ("printer", "self"))
    return f"""\
mayrelay: 1
domains: {{inbound: [corp.example]}}
submit:
  deny: [{{name: clear-text, tls: false, recipients: [secret@]}}]
relay:
  allow: [{{name: machines, certificates: [{listed}]}}]
"""


def start_tls(session, certificate):
    session.hello()
    if session.ask("STARTTLS").code != 220:
        raise RuntimeError("no STARTTLS")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(KEYS / f"{certificate}.pem",
                                KEYS / f"{certificate}.key")
    session.file.close()
    session.socket = context.wrap_socket(session.socket)
    session.file = session.socket.makefile("rb")
    session.hello()


def check_tls(checks):
    make_keys()
    main = (f"tls_advertise_hosts = *\ntls_certificate = {KEYS}/server.pem\n"
            f"tls_privatekey = {KEYS}/server.key\n"
            f"tls_verify_certificates = {KEYS}/ca.pem\n"
            "tls_try_verify_hosts = *\n")
    with exim_with(certificates_policy(), main=main) as exim:
        with smtp.Client(exim.port) as session:
            session.hello()
            checks.expect("in clear text", [
                reply_to(session, to).code
                for to in (FAR, OURS, "secret@corp.example")], [550, 250, 550])
        for certificate, wanted in (None, 550), ("printer", 250), ("self", 550):
            with smtp.Client(exim.port) as session:
                start_tls(session, certificate)
                checks.expect(f"by TLS, certificate: {certificate}", [
                    reply_to(session, to).code
                    for to in (FAR, OURS, "secret@corp.example")],
                    [wanted, 250, 250])


# -- what Exim looks up ------------------------------------------------------

ASK = """\
mayrelay: 1
groups: {Domain Admins: ask, staff: ask}
domains:
  inbound:
    - corp.example
    - {domain: asked.example, mailboxes: ask}
relay: {allow: [{users: [$Domain Admins, $staff]}]}
"""
# The recipient exists, does not, or Exim cannot tell.
VERIFIED = """\
  warn    set acl_m_exists = tempfail
  warn    verify = recipient
          set acl_m_exists = yes
  warn    !verify = recipient
          set acl_m_exists = no
"""
ROUTERS = """\
unknown:
  driver = redirect
  local_parts = nobody
  allow_fail
  data = :fail: no such user
undecided:
  driver = redirect
  local_parts = perhaps
  allow_defer
  data = :defer: ask later
"""


def acl_with(arguments, before=""):
    text = (exim_server.FRAGMENTS / ACL).read_text("utf-8")
    others, rcpt = text.split("acl_mayrelay_rcpt:\n")
    rcpt = rcpt.replace("{MAYRELAY_SETTINGS}", "{MAYRELAY_SETTINGS}"
                        + arguments)
    return f"{others}acl_mayrelay_rcpt:\n{before}{rcpt}"


def check_recipients(checks):
    recipients = ["joe", "nobody", "perhaps"]
    wanted = {"": [451, 451, 451], "{exists=$acl_m_exists}": [250, 550, 451]}
    for arguments, codes in wanted.items():
        with exim_with(ASK, acl=acl_with(arguments, VERIFIED),
                       routers=ROUTERS) as exim:
            checks.expect(f"who exists, by {arguments or 'nobody'}", [
                code_to(exim, f"{name}@asked.example")
                for name in recipients], codes)
            checks.expect(f"a domain that does not ask, {arguments}",
                          code_to(exim, "nobody@corp.example"), 250)


def check_groups(checks):
    alice, bob = table.USERS[:2]
    for arguments, wanted in [
            ("", [451, 451]),
            ("{groups=}", [550, 550]),
            ("{groups=staff : other}", [250, 250]),
            ("{groups=others:Domain Admins}", [250, 250]),
            ("{groups=<; staffs; Domain Admins }", [250, 250]),
            ("{groups=<; staff : Domain Admins}", [550, 550]),
            (f"{{groups=${{if eq{{$authenticated_id}}{{{bob}}}{{staff}}}}}}",
             [550, 250])]:
        with exim_with(ASK, acl=acl_with(arguments)) as exim:
            checks.expect(f"groups: {arguments or 'nobody says'}",
                          [code_to(exim, FAR, user=user)
                           for user in (alice, bob)], wanted)


def check_names_of_exim(checks, policy):
    """As the table wants by our own resolver."""
    clients = ["127.0.5.1", "127.0.5.2", "127.0.5.3", "127.0.5.4"]
    for source, wanted in ("exim", [250, 550, 451, 550]), ("none", [451] * 4):
        with exim_with(policy, f"names={source}") as exim:
            checks.expect(f"names of {source}",
                          [code_to(exim, FAR, client) for client in clients],
                          wanted)
            checks.expect(f"names of {source} that do not matter",
                          [code_to(exim, OURS, client) for client in clients],
                          [250] * 4)


# -- what Exim makes of a recipient ------------------------------------------

def check_rewriting(checks):
    """The client has written one thing, Exim delivers to another: both have to
    be allowed."""
    policy = "mayrelay: 1\ndomains: {inbound: [corp.example]}\n"
    rewrite = fr'\N^<?alias@corp\.example>?$\N "<{FAR}>" S' "\n"
    with exim_with(policy, rewrite=rewrite,
                   main="percent_hack_domains = corp.example\n") as exim:
        checks.expect("nothing is rewritten", code_to(exim, OURS), 250)
        with smtp.Client(exim.port) as session:
            session.hello()
            checks.expect("rewritten to a far one",
                          str(reply_to(session, "alias@corp.example")),
                          f"550 5.7.1 Unable to relay for {FAR}")
            checks.expect("the percent hack",
                          reply_to(session, "victim%external.test@corp.example"
                                   ).code, 550)


def check_arguments(checks):
    """Parameters, odd spellings: what is behind RCPT TO: as it comes."""
    policy = "mayrelay: 1\ndomains: {inbound: [corp.example]}\n"
    with exim_with(policy, main="dsn_advertise_hosts = *\n") as exim:
        with smtp.Client(exim.port) as session:
            session.hello()
            session.ask("MAIL FROM:<a@sender.example>")
            for argument, wanted in [
                    (f"<{OURS}> NOTIFY=NEVER ORCPT=rfc822;x@far.test", 250),
                    (f"  <{OURS}>  NOTIFY=NEVER", 250),
                    (OURS, 250),
                    (f'<"j o>e"@corp.example> NOTIFY=NEVER', 250),
                    (fr'<"j\"> "@corp.example>', 250),
                    (f"<{FAR}> ORCPT=rfc822;{OURS}", 550),
                    (f"<{FAR}> NOTIFY=NEVER", 550),
                    (f"Joe <{OURS}>", 501),
                    (f"<{OURS} (comment)>", 501),
                    (f"<(<{OURS}>) {FAR}>", 501),
                    (f"(<{OURS}>) <{FAR}>", 501)]:
                checks.expect(f"RCPT TO:{argument}",
                              session.ask(f"RCPT TO:{argument}").code, wanted)


def check_reroute(checks):
    """The router sends where the policy says, and only what the policy says;
    a policy that is lost keeps mail in the queue."""
    policy = ("mayrelay: 1\ndomains: {inbound: [corp.example],\n"
              "  reroute: {old.example: corp.example}}\n")
    recipients = ["Joe@old.example", '"a b"@OLD.example', "kate@corp.example"]
    with exim_with(policy, "reroute=router") as exim:
        with smtp.Client(exim.port) as session:
            session.hello()
            session.ask("MAIL FROM:<a@sender.example>")
            for recipient in recipients:
                session.ask(f"RCPT TO:<{recipient}>")
            checks.expect("mail to a domain that is rerouted is taken",
                          session.message().code, 250)
        bench.wait_until(exim.is_idle)
        checks.expect("and goes where the policy says",
                      sorted(exim.destinations()),
                      ['"a b"@corp.example', "Joe@corp.example",
                       "kate@corp.example"])
        check_reroute_without_policy(checks)


def check_reroute_without_policy(checks):
    """Nothing goes to a domain that was to be rerouted."""
    image = bench.POLICY / "facts.mrp"
    checks.expect_true("it is rerouted",
                       "late@corp.example" in route("late@old.example"))
    image.unlink()
    checks.expect_true("without the policy it stays in the queue",
                       "late@old.example cannot be resolved at this time"
                       in route("late@old.example"))


# -- the log -----------------------------------------------------------------

def logged():
    return [json.loads(line) for line in
            exim_server.DECISIONS.read_text("utf-8").splitlines()]


def check_log(checks, policy):
    """A line for each decision at RCPT, and for refusals before."""
    with exim_with(policy, "log-format=json token=yes") as exim:
        checks.expect("not let in", code_to(exim, OURS, "127.0.0.66"), 554)
        checks.expect("taken", code_to(exim, OURS), 250)
        reply = table.attempt(exim, STRANGER, "a@sender.example",
                              "a%b@corp.example")[1]
        lines = logged()
    checks.expect("what is logged", [
        [line.get("code"), line.get("client"), line.get("canonical")]
        for line in lines],
        [[554, "127.0.0.66", None], [250, STRANGER, OURS],
         [550, STRANGER, "a%b@corp.example"]])
    checks.expect_true(f"the refusal leads to its line: {reply}",
                       reply.text.endswith(f" [{lines[-1]['id']}]"))


def test(checks):
    bench.start_dns()
    bench.write_policy(rewrites=False)
    check_listeners(checks)
    check_ipv6(checks)
    check_proxy(checks)
    check_tls(checks)
    check_recipients(checks)
    check_groups(checks)
    check_names_of_exim(checks, bench.policy_text(rewrites=False))
    check_rewriting(checks)
    check_arguments(checks)
    check_reroute(checks)
    check_log(checks, bench.policy_text(rewrites=False))


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], exim_server.PACKAGES, exim_server.USERS)
    sys.exit(bench.main("exim_facts", test))
