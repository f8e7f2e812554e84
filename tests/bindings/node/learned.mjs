// Scopes, advice, cases and coverage: lifetimes, and bad input.  That they say
// what the C library says is in the replay.
import { writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

import * as mayrelay from 'mayrelay'

import { expect, summary, throws } from './expect.mjs'

const POLICY = `
mayrelay: 1
domains: {inbound: [example.com]}
lists: {branches: [192.0.2.0/24, 198.51.100.7]}
relay:
  allow:
    - {name: office, clients: [$branches]}
`
const FILE = 'learned.yaml'
const { ClosedError, MayrelayError, PolicyError, StaleError, StageError,
        TextError } = mayrelay

async function collected() {
    for (let i = 0; i < 3; i++) {
        globalThis.gc()
        await turn()
    }
}

function refused() {
    const session = mayrelay.load(FILE).session()
    session.connect('203.0.113.9')
    session.mail('a@b.example')
    expect(!session.rcpt('c@far.example').accepted, 'refused')
    return session
}

function scopes() {
    const session = refused(), { decision } = session
    expect(decision.scope().startsWith('connector default; client '), 'scope')
    const digits = decision.fingerprint().toString(16).padStart(16, '0')
    expect(JSON.parse(decision.scope('json')).fingerprint === digits, 'JSON')
    throws(TypeError, () => decision.scope('html'))
    session.reset()
    throws(StaleError, () => decision.scope())
    throws(StaleError, () => decision.fingerprint())
}

function advice() {
    const session = refused(), advice = session.advise(FILE)
    const [first] = advice.edits
    expect(`${advice}`.includes(first.text) && first.file === FILE
           && first.line > 0 && first.radius, 'an edit')
    expect(JSON.parse(advice.json).edits[0].patch === first.patch, 'JSON')
    for (const path of [5, {}, null, undefined, Symbol('x'), 1n, ['a']])
        throws(TypeError, () => session.advise(path))
    for (const path of ['a\0b', '\ud800'])
        throws(TextError, () => session.advise(path))
    for (const path of ['', '/nowhere', 'x'.repeat(10_000_000)])
        throws(PolicyError, () => session.advise(path))
    expect(!session.decision.accepted, 'as it was')
    session.close()
    throws(ClosedError, () => session.advise(FILE))
}

async function cases() {
    const all = mayrelay.load(FILE).cases()
    await collected()
    expect(all.extent === 'combinations' && all.combinations > 1n, 'extent')
    const rules = new Set(all.cases.map(it => JSON.parse(it.decision).rule))
    expect(rules.size === 2 && rules.has('office'), 'decisions')
    expect(all.cases.every(it => JSON.parse(it.facts).client), 'facts')
    const policy = mayrelay.load(FILE)
    expect(policy.cases(2).cases.length === 2, 'limit')
    for (const limit of [-1, 0.5, NaN, Infinity, 2 ** 60, '5', null, {}, 5n])
        throws(TypeError, () => policy.cases(limit))
}

async function diffs() {
    let older = mayrelay.load(FILE)
    let newer = mayrelay.parse(POLICY.replace('192.0.2.0/24', '192.0.2.0/23'))
    const diff = older.diff(newer), back = newer.diff(older)
    expect(older.diff(mayrelay.load(FILE)).verdict === 'EQUIVALENT', 'the same')
    for (const value of [null, undefined, 5, 5n, 'text', {}, [], diff,
                         older.session()])
        throws(TypeError, () => older.diff(value))
    older = newer = null
    await collected()
    expect(diff.verdict === 'LOOSER' && back.verdict === 'STRICTER', 'verdict')
    expect(diff.count > 0n && diff.count === BigInt(diff.changes.length)
           && diff.bug === null, 'boxes')
    expect(diff.changes[0].effect === 'gained'
           && diff.changes[0].witness.includes('RCPT TO'), 'a witness')
    expect(diff.toText() && JSON.parse(JSON.stringify(diff)).verdict
           === 'LOOSER', 'text')
    for (const limit of [-1, 0.5, NaN, Infinity, 2 ** 60, '5', null, {}, 5n])
        throws(TypeError, () => diff.toText(limit))
}

async function coverage() {
    let policy = mayrelay.load(FILE)
    const coverage = new mayrelay.Coverage(policy), session = policy.session()
    throws(StageError, () => coverage.add(session))
    session.connect('192.0.2.7')
    coverage.add(session)
    policy = null
    await collected()
    const list = coverage.lists().find(it => it.name === '$branches')
    expect(list.entries === 2 && list.matched === 1, 'counted')
    expect(list.missed.length === 1 && list.missed[0].line === 4, 'missed')
    throws(MayrelayError, () => coverage.add(refused()))
    session.close()
    throws(ClosedError, () => coverage.add(session))
    for (const value of [null, undefined, 5, 'text', {}, [], 5n]) {
        throws(TypeError, () => coverage.add(value))
        throws(TypeError, () => new mayrelay.Coverage(value))
    }
}

function logs() {
    const session = refused()
    expect(session.toLog('text', { time: '12:00', id: '7' }).startsWith(
        'mayrelay=1 time=12:00 id=7 '), 'logfmt')
    expect(JSON.parse(session.toLog('json')).reason === 'relay-denied', 'JSON')
    throws(TypeError, () => session.toLog('html'))
    for (const value of [5, {}, Symbol('x'), 1n])
        throws(TypeError, () => session.toLog('text', { id: value }))
    for (const value of ['a\0b', '\ud800'])
        throws(TextError, () => session.toLog('text', { time: value }))
    expect(session.toLog('text', { id: 'x'.repeat(1e6) }).length > 1e5, 'huge')
}

async function html() {
    const audit = mayrelay.load(FILE).audit()
    await collected()
    expect(audit.toHTML().startsWith('<!DOCTYPE html>')
           && audit.disagreement === null, 'HTML')
    for (const value of [null, undefined, 5, {}, 5n, 'text']) {
        throws(TypeError, () => new mayrelay.Audit(value, {}))
        throws(TypeError, () => new mayrelay.Session(value))
    }
}

writeFileSync(FILE, POLICY)
scopes()
advice()
await cases()
await diffs()
await coverage()
logs()
await html()
summary()
