#!/usr/bin/python3
"""Debian's own configuration of Exim, split into many files, with those of
examples/exim among them, as its README says.  The log goes to syslog, or
nowhere where none is.

usage: test_exim_debian.py BUILD
"""
import pathlib
import re
import shutil
import subprocess
import sys

import bench
import exim_server
import sandbox

ETC = pathlib.Path("/etc/exim4")
MAIN = ETC / "conf.d/main/00_mayrelay"
# As debconf writes it for an Internet site.
DEBCONF = """\
dc_eximconfig_configtype='internet'
dc_other_hostnames='corp.example'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='true'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""


def install(image):
    (ETC / "update-exim4.conf.conf").write_text(DEBCONF)
    pathlib.Path("/etc/mailname").write_text("corp.example\n")
    pathlib.Path("/etc/aliases").write_text("joe: :fail: gone\n")
    pathlib.Path("/var/lib/exim4").mkdir(exist_ok=True)
    shutil.copytree(exim_server.FRAGMENTS, ETC / "conf.d", dirs_exist_ok=True)
    shutil.copytree(f"{exim_server.FRAGMENTS}.reroute", ETC / "conf.d",
                    dirs_exist_ok=True)
    (ETC / "conf.d/main/00_local_dns").write_text("DC_minimaldns = 1\n")
    text = MAIN.read_text("utf-8")
    for name, value in [("LIBRARY", exim_server.LIBRARY),
                        ("SETTINGS", f"policy={image} reroute=router")]:
        text = re.sub(f"(?m)^MAYRELAY_{name} = .*$",
                      f"MAYRELAY_{name} = {value}", text)
    MAIN.write_text(text, "utf-8")
    subprocess.run("update-exim4.conf", check=True)


def session(client):
    """Replies to RCPT, by exim -bh."""
    lines = ["EHLO client.example", "MAIL FROM:<a@sender.example>",
             "RCPT TO:<joe@corp.example>", "RCPT TO:<victim@external.test>",
             "RCPT TO:<joe@old.example>", "QUIT", ""]
    said = subprocess.run(["exim4", "-bh", client], input="\r\n".join(lines),
                          capture_output=True, text=True).stdout
    return re.findall(r"(?m)^\d{3} \d\.\d\.\d+ .*$", said)


def test(checks):
    bench.start_dns()
    image = bench.write_policy().with_suffix(".mrp")
    exim_server.compile_policy(bench.policy_text(), image)
    install(image)
    ok = "250 2.1.5 Recipient OK"
    checks.expect("a stranger", session("203.0.113.9"), [
        ok, "550 5.7.1 Unable to relay for victim@external.test", ok])
    checks.expect("an office", session("127.0.2.1"), [ok, ok, ok])
    checks.expect("who is not let in", session("127.0.0.66"),
                  ["554 5.7.1 Connection from 127.0.0.66 refused"])
    checks.expect_true("where mail for the old domain goes",
                       "joe@corp.example is undeliverable: gone\n"
                       "    <-- joe@old.example"
                       in exim_server.route("joe@old.example"))
    image.unlink()
    checks.expect("without a policy", session("127.0.2.1"), [])


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], [*exim_server.PACKAGES, "exim4-config"],
                  exim_server.USERS)
    sys.exit(bench.main("exim_debian", test))
