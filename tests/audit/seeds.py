#!/usr/bin/python3
"""The policies of seeds/, each as an administrator of its time would have
written it, and what the audit says of it.

    seeds.py MAYRELAY [FOLDER]

Above `mayrelay: 1` a policy says its verdicts; a comment `# MRnnn: words`, on
the line or below it, says that there is such a finding, with such words in it.
There are no others.
"""
import json
import pathlib
import re
import subprocess
import sys

FINDING = re.compile(r"# (MR\d+): (.*)")
VERDICT = re.compile(r"(stranger|account|dns|host) ([A-Z]+)")


def wanted(text):
    """({source: verdict}, {(line, id): words})"""
    verdicts, findings, line = {}, {}, 0
    for number, content in enumerate(text.splitlines(), 1):
        if content.startswith("#"):
            verdicts.update(VERDICT.findall(content))
        elif content.split("#")[0].strip():
            line = number
        for finding, words in FINDING.findall(content):
            findings[line, finding] = words
    return verdicts, findings


def audited(binary, path):
    done = subprocess.run([binary, "audit", "--json", "--fail-on", "never",
                           str(path)], stdout=subprocess.PIPE, check=True)
    whole = json.loads(done.stdout)
    verdicts = {source: verdict["verdict"] for source, verdict in
                whole["audit"]["verdicts"].items()}
    return verdicts, {(finding["line"], finding["id"]): finding["text"]
                      for finding in whole["findings"]}


def differences(binary, path):
    verdicts, findings = wanted(path.read_text("utf-8"))
    said, found = audited(binary, path)
    if len(verdicts) != 4 or said != verdicts:
        yield f"verdicts {said}, not {verdicts}"
    for line, finding in sorted(set(findings) | set(found)):
        words, text = (one.get((line, finding)) for one in (findings, found))
        if words is None or text is None or words not in text:
            yield f"line {line}: {finding} {text!r}, not {words!r}"


def main():
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else
                          pathlib.Path(__file__).parent / "seeds")
    paths = sorted(folder.glob("*.yaml"))
    failed = 0
    for path in paths:
        wrong = list(differences(sys.argv[1], path))
        failed += bool(wrong)
        for difference in wrong:
            print(f"{path.name}: {difference}")
    print(f"{len(paths) - failed} passed, {failed} failed")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
