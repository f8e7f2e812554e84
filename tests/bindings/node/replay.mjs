// What the Node module says to a dialogue; see ../README.md.
import { readFileSync, writeSync } from 'node:fs'

import * as mayrelay from 'mayrelay'

const BITS = { 'client-name': 1, groups: 2, recipient: 4 }
const FLUSH = 1 << 20
let policy, session, coverage
let lines = [], size = 0

// One character an octet: texts may be no UTF-8.
function decoded(word) {
    if (word === '-')
        return null
    return word.replace(/%(..)/g, (_, code) =>
        String.fromCharCode(parseInt(code, 16)))
}

function octets(word) {
    return word === null ? null : Buffer.from(word, 'latin1')
}

function escaped(text) {
    if (text === null)
        return '-'
    if (text === '-')
        return '%2D'
    return text.replace(/[\0-\x1f\x7f%]/g, octet =>
        '%' + octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))
}

function flush() {
    let rest = Buffer.from(lines.join(''))
    while (rest.length)
        rest = rest.subarray(writeSync(1, rest))
    lines = []
    size = 0
}

function print(line) {
    lines.push(line, '\n')
    size += line.length
    if (size > FLUSH)
        flush()
}

function allOrFailed(known, ...texts) {
    return known === 'known' ? texts.map(octets) : mayrelay.FAILED
}

function decide(format) {
    const it = session.decision
    const needs = it.needs.reduce((sum, name) => sum + BITS[name], 0)
    const texts = [it.verdict, it.enhanced, it.text, it.reply, it.reason,
                   it.kind, it.rule, it.file, it.connector, it.recipient,
                   it.explain(format)]
    print([it.code, it.line, needs, Number(it.isRelay),
           ...texts.map(escaped)].join('\t'))
}

function check(client, ...texts) {
    const [identity, sender, recipient] = texts.map(octets)
    const it = policy.check({ client, identity, sender, recipient })
    print(`${it.code}\t${escaped(it.reply)}`)
}

// -- what else can be asked ----------------------------------------------------

const say = (...texts) =>
    print(texts.map(it => escaped(it === null ? it : String(it))).join('\t'))

function scope(format) {
    const it = session.decision
    say(it.fingerprint().toString(16).padStart(16, '0'), it.scope(format))
}

function audit() {
    const audit = policy.audit()
    say(audit.disagreement, audit.toHTML())
}

function diff(path) {
    const diff = policy.diff(mayrelay.load(path))
    say(diff.verdict, diff.bug, diff.count ?? 2n ** 64n - 1n)
    for (const it of diff.changes)
        say(it.effect, it.witness)
    say(diff.toText(50))
    say(diff.jsonText(50))
}

function advise(path) {
    const advice = session.advise(path)
    say(advice.note)
    for (const it of advice.edits)
        say(it.text, it.file, it.patch, it.rule, it.radius, it.warning, it.line)
    say(advice)
    say(advice.json)
}

function cases(limit) {
    const { cases, extent, combinations, leftOut } = policy.cases(Number(limit))
    say(extent, combinations ?? 2n ** 64n - 1n, leftOut)
    for (const { facts, decision } of cases)
        say(facts, decision)
}

function covered() {
    for (const it of coverage.lists())
        say(it.name, it.file, it.line, it.entries, it.matched,
            ...it.missed.flatMap(place => [place.file, place.line]))
}

const CALLS = {
    policy(path) {
        policy = mayrelay.load(path)
        session?.close()
        session = policy.session({ rewrites: true })
        coverage = new mayrelay.Coverage(policy)
    },
    connect: (client, listener) => session.connect(client, listener),
    names: (...words) => session.clientNames(allOrFailed(...words)),
    groups: (...words) => session.groups(allOrFailed(...words)),
    tls: certificate => session.tls(octets(certificate)),
    auth: identity => session.auth(octets(identity)),
    mail: sender => session.mail(octets(sender)),
    rcpt: recipient => session.rcpt(octets(recipient)),
    exists: what => session.recipientExists(
        what === 'failed' ? mayrelay.FAILED : what === 'yes'),
    resume: () => session.resume(),
    reset: () => session.reset(),
    decide,
    check,
    scope,
    log: (format, time, id) => say(session.toLog(format, { time, id })),
    audit,
    diff,
    advise,
    cases,
    cover: () => coverage.add(session),
    covered,
}

// Of these the session's decisions speak.
const IGNORED = [mayrelay.TextError, mayrelay.StageError, TypeError]

for (const line of readFileSync(0, 'latin1').split('\n')) {
    if (!line)
        continue
    const [call, ...words] = line.split('\t')
    try {
        CALLS[call](...words.map(decoded))
    } catch (error) {
        if (!IGNORED.some(kind => error instanceof kind))
            throw error
    }
}
flush()
