#!/usr/bin/python3
"""mayrelay audit --html: well-formed, true to the JSON, harmless whatever the
policy holds, and as it should be in a browser.

usage: html_report.py MAYRELAY CHROMIUM [FOLDER]

Screenshots are left in FOLDER.
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import html5lib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "../support"))
from chromium import Chromium  # noqa: E402

ELEMENTS = set("""html head meta title style body header main section article
    footer h1 h2 h3 h4 p dl dt dd ul li b code pre span div details summary
    table caption thead tbody tr th td""".split())
ATTRIBUTES = set("""lang charset http-equiv content name class id
    aria-labelledby open scope data-label""".split())
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;'
NAME = b"p</style><script>alert(3)</script>'\"\xff\x07\xe2\x80\xae.yaml"

POLICY = """mayrelay: 1
domains: {inbound: [example.com, .example.com],
          always-relay: [partner.example]}
groups: {staff: [alice, "x<b>'; \\" </style>"], ldap: ask}
audit:
  accept:
    - {id: MR304, reason: %(hostile)s}
connectors:
  - name: inside
    listen: ["10.20.0.25:25"]
    relay:
      allow:
        - {name: offices, clients: [10.20.0.0/16, 192.0.2.0/24, 2001:db8::/48],
           senders: ['/<\\/style><script>"/', '"<b>"@example.com']}
        - {name: far, clients: [%(many)s]}
  - name: submission
    listen: ["*:587"]
    relay:
      allow:
        - {name: staff, users: [$staff, $ldap], tls: true}
        - {name: branches, clients: [.branch.example]}
  - name: default
    clients: [$all]
    relay: {allow: [{name: open, clients: [$all], open-relay: true}]}
""" % {"hostile": json.dumps(HOSTILE),
       "many": ", ".join(f"198.51.{i}.{2 * i + 1}" for i in range(100))}

passed = failed = 0


def expect(name, got, wanted=True):
    global passed, failed
    if got == wanted:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}\n    got    {got!r}\n    wanted {wanted!r}")


def audit(mayrelay, path, option):
    return subprocess.run([mayrelay, "audit", path, option, "--fail-on",
                           "never"], capture_output=True, check=True,
                          timeout=120).stdout


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def test_document(html, whole):
    """What the file says, as any parser reads it."""
    expect("ASCII", html.isascii())
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root = parser.parse(html.decode())  # raises where it is not well-formed
    every = [each for each in root.iter() if isinstance(each.tag, str)]
    expect("elements", {each.tag for each in every} - ELEMENTS, set())
    expect("attributes", {name for each in every for name in each.attrib}
           - ATTRIBUTES, set())
    expect("language", root.get("lang"), "en")
    expect("landmarks", [len(list(root.iter(tag)))
                         for tag in ("h1", "header", "main", "footer")],
           [1, 1, 1, 1])
    expect("tables have captions",
           [len(table.findall("caption")) for table in root.iter("table")],
           [1] * len(list(root.iter("table"))))
    expect("headings have scopes", {head.get("scope")
                                    for head in root.iter("th")},
           {"col", "row"})
    style = root.find("head/style")
    expect("nothing is fetched", "url(" in style.text or "@import" in
           style.text, False)
    cards = [each for each in every if "card" in each.get("class", "").split()]
    verdicts = whole["audit"]["verdicts"].values()
    expect("a card for each verdict, and the look-ups", len(cards),
           len(verdicts) + 1)
    for card, verdict in zip(cards, verdicts):
        expect("its verdict", text_of(card.find("p[@class='verdict']")),
               verdict["verdict"])
        expect("its reason", verdict["reason"] in text_of(card))
        witness = card.find("details/pre")
        expect("its dialogue", None if witness is None else witness.text,
               verdict["witness"])
    grants = [each for each in every if each.get("class") == "grant"]
    expect("a part for each grant", len(grants), len(whole["audit"]["grants"]))
    for part, grant in zip(grants, whole["audit"]["grants"]):
        shown = [text_of(code) for each in part.iter("ul")
                 if each.get("class") == "networks"
                 for code in each.iter("code")]
        networks = [network[0] for network in grant["networks"]]
        expect("its networks", shown, networks[:200])
        rows = [text_of(row.find("th")).split()[0]
                for row in part.findall(".//tbody/tr")]
        expect("its ways", rows, [way["rule"] for way in grant["ways"]][:40])
        for row, way in zip(part.findall(".//tbody/tr"), grant["ways"]):
            lines = [text_of(each).rsplit(":", 1)[1]
                     for each in row.findall("td/ul/li/span")]
            expect("the lines of entries", sorted(lines), sorted(
                words[1].rsplit(":", 1)[1] for side in way["where"]
                for all_words in side.values() for words in all_words
                if words[1:]))
    findings = [text_of(row) for row in
                root.findall(".//table[@class='findings']/tbody/tr")]
    expect("findings", len(findings), len(whole["findings"]))
    for row, finding in zip(findings, whole["findings"]):
        expect("a finding", " ".join(finding["text"].split()) in row)
        expect("its id", row.endswith(finding["id"]))
    expect("hostile text is text", HOSTILE in text_of(root.find("body")))


def is_picture(png, width):
    """A PNG of that width with something in it."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or \
            struct.unpack(">I", png[16:20])[0] != width:
        return False
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return len(set(zlib.decompress(data))) > 50


def test_browser(browser, url, verdicts, folder):
    colours = set()
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            name = f"{width} {scheme}"
            browser.show(url, width, scheme)
            expect(f"{name}: no complaints", browser.complaints, [])
            expect(f"{name}: requests", browser.requests, [url])
            expect(f"{name}: no overflow", browser.value(
                "document.documentElement.scrollWidth"), width)
            shown = browser.value("document.body.innerText")
            expect(f"{name}: verdicts", [verdict for verdict in verdicts
                                         if verdict not in shown], [])
            colours.add(browser.value(
                "getComputedStyle(document.body).backgroundColor"))
            png = browser.screenshot()
            expect(f"{name}: screenshot", is_picture(png, width))
            if folder:
                path = pathlib.Path(folder) / f"audit-{width}-{scheme}.png"
                path.write_bytes(png)
    expect("light and dark", len(colours), 2)
    expect("print", browser.pdf()[:5], b"%PDF-")


def test_checks_see(browser, folder):
    """A bad page is seen to be one."""
    path = os.path.join(folder, b"bad.html")
    with open(path, "w") as file:
        file.write("<!DOCTYPE html><title>bad</title><style>p{width:2000px}"
                   "</style><p>x<img src='http://127.0.0.1:9/x'>"
                   "<script>console.log(1)</script>")
    browser.show("file://" + path.decode(), 360, "light")
    expect("a request is seen", len(browser.requests), 2)
    expect("a complaint is seen", bool(browser.complaints))
    expect("overflow is seen", browser.value(
        "document.documentElement.scrollWidth") > 360)


def main():
    mayrelay, chromium = sys.argv[1:3]
    pictures = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as name:
        folder = os.fsencode(name)
        policy = os.path.join(folder, NAME.replace(b"/", b"\\"))
        with open(policy, "w") as file:
            file.write(POLICY)
        html = audit(mayrelay, policy, "--html")
        whole = json.loads(audit(mayrelay, policy, "--json"))
        expect("the same again", audit(mayrelay, policy, "--html"), html)
        test_document(html, whole)
        page = os.path.join(folder, b"report.html")
        pathlib.Path(os.fsdecode(page)).write_bytes(html)
        browser = Chromium(chromium)
        test_browser(browser, "file://" + page.decode(),
                     [each["verdict"]
                      for each in whole["audit"]["verdicts"].values()],
                     pictures)
        test_checks_see(browser, folder)
        browser.close()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
