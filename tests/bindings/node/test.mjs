// Lifetimes, workers, and whatever a careless caller hands over.
import { rmSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker, isMainThread } from 'node:worker_threads'

import * as mayrelay from 'mayrelay'

import { expect, rejects, summary, throws } from './expect.mjs'

const SESSIONS = Number(process.env.MAYRELAY_SESSIONS ?? 20000)
const POLICY = `
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}],
          reroute: {old.example: new.example}}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
`
const FACTS = { client: '203.0.113.9', sender: 'a@b.example',
                recipient: 'c@far.example' }
const { FAILED } = mayrelay

function atRcpt(policy) {
    const session = policy.session()
    session.connect('10.1.2.3')
    session.mail('a@b.example')
    expect(session.rcpt('c@far.example').accepted, 'office')
    return session
}

const acceptsNothing = session =>
    !session.decision.accepted && !session.resume().accepted

// -- the face ------------------------------------------------------------------

function theFace() {
    const policy = mayrelay.parse(POLICY, 'policy.yaml')
    const check = more => policy.check({ ...FACTS, ...more })
    expect(check({}).needs.join() === 'client-name', 'needs')
    expect(check({ client: '10.1.1.1' }).rule === 'office', 'office')
    expect(check({ clientNames: ['a.trusted.example'] }).rule === 'known',
           'names')
    expect(check({ clientNames: new Set(), identity: 'joe',
                   groups: new Set(['admins']) }).rule === 'admins', 'groups')
    expect(check({ clientNames: FAILED }).verdict === 'defer', 'failed')
    const denied = check({ clientNames: [] })
    expect(denied.reason === 'relay-denied' && !denied.accepted, 'denied')
    expect(`${denied}` === denied.reply, 'as a string')
    const ours = more => check({ recipient: 'joe@example.com', ...more })
    expect(ours({}).needs.join() === 'recipient', 'mailbox')
    expect(ours({ recipientExists: true }).accepted, 'it exists')
    expect(ours({ recipientExists: false }).reason === 'unknown-recipient',
           'it does not')
    expect(ours({ recipientExists: FAILED }).code === 451, 'nobody knows')
    const old = { recipient: 'a@old.example' }
    expect(check({ ...old, rewrites: true }).recipient === 'a@new.example'
           && check(old).reason === 'cannot-rewrite', 'rewrites')
    // Of a decision that others have followed.
    expect(denied.explain().includes('does not hold'), 'explain')
    expect(JSON.parse(denied.explain('json')).decision.reason
           === 'relay-denied', 'as JSON')
    const once = check({ groups: ['admins'].values(), identity: 'joe',
                         clientNames: [].values() })
    check({})
    expect(once.explain().includes('allow admins'), 'lists are read once')
    expect(policy.facts.join() === 'client-name,groups,recipient'
           && policy.hasReroute && policy.digest, 'facts')
    expect(/^\d+\.\d+/.test(mayrelay.version), 'version')
    throws(TypeError, () => { 'use strict'; denied.accepted = true })
}

function errors() {
    const error = throws(mayrelay.PolicyError, () => mayrelay.parse(
        'mayrelay: 1\nrelay: {alow: []}\n', 'bad.yaml'))
    const last = error.findings.at(-1)
    expect(last.file === 'bad.yaml' && last.line === 2 && last.column === 9
           && last.severity === 'error' && last.hint, 'file and line')
    expect(error.message.includes('bad.yaml:2:9: error:'), 'message')
    throws(mayrelay.PolicyError, () => mayrelay.load('/nowhere'))
    const policy = mayrelay.parse(POLICY)
    throws(mayrelay.MayrelayError, () => policy.save('/nowhere/policy.mrp'))
    throws(mayrelay.StageError, () => policy.session().recipientExists(true))
    const session = atRcpt(policy), decision = session.decision
    session.rcpt('d@far.example')
    expect(decision.recipient === 'c@far.example', 'a copy')
    throws(mayrelay.StaleError, () => decision.explain())
    throws(TypeError, () => session.decision.explain('html'))
    throws(TypeError, () => session.decision.explain('toString'))
}

// -- lifetimes -----------------------------------------------------------------

/** What is not V8's heap: the library's memory, and koffi's. */
function outside() {
    const { rss, heapTotal } = process.memoryUsage()
    return rss - heapTotal
}

function use(session) {
    session.connect('10.1.2.3')
    session.auth('joe')
    session.mail('a@b.example')
    return session.rcpt('c@far.example').explain().length > 0
}

async function collected() {
    for (let i = 0; i < 3; i++) {
        globalThis.gc()
        await turn()
    }
}

function orders(all) {
    return all.length < 2 ? [all] : all.flatMap((one, i) =>
        orders(all.filter(it => it !== one)).map(rest => [one, ...rest]))
}

/** Whatever goes first, what is left still works. */
async function anyOrder() {
    writeFileSync('any.yaml', POLICY)
    for (const order of orders([0, 1, 2, 3])) {
        const watch = new mayrelay.Watch('any.yaml'), policy = watch.policy
        const things = [watch, policy, atRcpt(policy), policy.audit()]
        const work = [it => names(it.policy), it => names(it),
                      it => it.rcpt('d@far.example').rule, it => it.toText()]
        for (const index of order) {
            things[index] = null
            await collected()
            expect(things.every((it, i) => !it || work[i](it)), `${order}`)
        }
    }
    rmSync('any.yaml')
}

const names = policy => policy.rules.map(it => it.name).join()

async function lifetimes() {
    const session = atRcpt(mayrelay.parse(POLICY))
    await collected()
    expect(session.rcpt('d@far.example').accepted, 'outlives its policy')
    const decision = session.decision
    session.close()
    session.close()
    const { ClosedError, StaleError } = mayrelay
    for (const call of [() => session.resume(), () => session.reset(),
                        () => session.decision, () => session.rcpt(5),
                        () => session.groups([]), () => session.tls()])
        throws(ClosedError, call)
    throws(StaleError, () => decision.explain())
}

/** V8's heap as a whole takes its time to stand still, at some 40 MiB: its
 * young generation grows for whoever uses a FinalizationRegistry.  What is used
 * of it, and all that is not V8's, stands still at once. */
async function flat(name, some) {
    await some(Math.min(SESSIONS, 10000))
    globalThis.gc()
    const before = { used: process.memoryUsage().heapUsed, outside: outside() }
    await some(SESSIONS)
    globalThis.gc()
    const used = process.memoryUsage().heapUsed - before.used
    expect(used < 1 << 20, `${name}: ${used} octets more of the heap`)
    const more = outside() - before.outside
    expect(more < 12 << 20, `${name}: ${more} octets more outside`)
}

async function memory() {
    const policy = mayrelay.parse(POLICY)
    await flat('sessions that are closed', async count => {
        for (let i = 0; i < count; i++) {
            const session = policy.session()
            use(session)
            session.close()
        }
    })
    await flat('sessions that are forgotten', async count => {
        for (let i = 0; i < count; i++) {
            use(policy.session())
            if (i % 100 === 0)
                await turn()
            if (i % 1000 === 0)
                globalThis.gc()
        }
    })
    await flat('checks', async count => {
        for (let i = 0; i < count; i++)
            policy.check(FACTS)
    })
}

function inWorker() {
    return new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url))
        worker.on('error', reject)
        worker.on('exit', resolve)
    })
}

function work() {
    const policy = mayrelay.parse(POLICY)
    for (let i = 0; i < 1000; i++)
        if (!policy.check({ ...FACTS, client: '10.1.1.1' }).accepted)
            process.exit(1)
    process.exit(0)
}

async function workers() {
    const codes = await Promise.all([inWorker(), inWorker(), inWorker()])
    expect(codes.every(code => code === 0), `workers: ${codes}`)
}

// -- bad input -----------------------------------------------------------------

const WRONG_TYPES = [1, true, {}, [], undefined, Symbol('x'), 1n, () => 1]
const WRONG_TEXTS = ['a\0b@far.example', '\ud800@far.example',
                     Buffer.from([0xff, 0xfe]), 'x'.repeat(10_000_000)]

function wrongTypes(policy) {
    for (const value of WRONG_TYPES) {
        for (const call of ['connect', 'mail', 'rcpt', 'auth', 'tls']) {
            if (value === undefined && call === 'tls')
                continue
            const session = atRcpt(policy)
            throws(TypeError, () => session[call](value))
            expect(acceptsNothing(session), call)
        }
        throws(TypeError, () => mayrelay.parse(value))
        throws(TypeError, () => mayrelay.load(value))
    }
    for (const value of ['text', 5, null, undefined, {}, [5], ['admins', null],
                         Buffer.from('a')]) {
        const session = atRcpt(policy)
        throws(TypeError, () => session.groups(value))
        expect(acceptsNothing(session), 'groups')
        session.groups([])
        expect(session.resume().accepted, 'said again')
        throws(TypeError, () => session.clientNames(value))
        expect(acceptsNothing(session), 'names')
    }
    const session = atRcpt(policy)
    throws(TypeError, () => session.recipientExists('yes'))
    throws(TypeError, () => session.connect('10.1.1.1', 5))
    throws(TypeError, () => policy.check({}))
    throws(TypeError, () => policy.check(null))
    throws(TypeError, () => policy.check({ ...FACTS, recipent: 'typo' }))
    throws(TypeError, () => new mayrelay.Policy())
    throws(TypeError, () => new mayrelay.Session(null))
    throws(mayrelay.MayrelayError, () => session.take(null))
}

function wrongTexts(policy) {
    for (const value of WRONG_TEXTS) {
        const name = String(value).slice(0, 9)
        for (const call of ['mail', 'rcpt', 'auth', 'tls']) {
            const session = atRcpt(policy)
            try {
                session[call](value)
            } catch (error) {
                expect(error instanceof mayrelay.TextError, error.stack)
            }
            expect(acceptsNothing(session), `${call} ${name}`)
        }
        const session = atRcpt(policy)
        throws(mayrelay.TextError, () => session.groups([value]))
        expect(acceptsNothing(session), `groups ${name}`)
        throws(mayrelay.MayrelayError, () => mayrelay.parse(value))
    }
    for (const value of ['10.1.2.3\0', '\udfff']) {
        const session = atRcpt(policy)
        throws(mayrelay.TextError, () => session.connect(value))
        expect(acceptsNothing(session), 'client')
        throws(mayrelay.TextError, () => session.connect('10.1.2.3', value))
        expect(acceptsNothing(session), 'listener')
        throws(mayrelay.TextError, () => mayrelay.load(value))
        throws(mayrelay.TextError, () => mayrelay.parse(POLICY, value))
    }
    expect(!atRcpt(policy).connect('nonsense').accepted, 'nonsense')
    throws(mayrelay.PolicyError, () => mayrelay.parse(''))
}

// -- DNS -----------------------------------------------------------------------

// Nobody answers at port 1: a look-up that fails is an answer, too.
async function lookUps() {
    const policy = mayrelay.parse(POLICY)
    const resolver = new mayrelay.Resolver({ servers: '127.0.0.1:1',
                                             deadlineMs: 5000 })
    const session = policy.session()
    session.connect('192.0.2.7')
    session.mail('')
    expect(session.rcpt('c@far.example').needs.length === 1, 'needs')
    const clients = Array.from({ length: 50 }, (_, i) => `192.0.2.${i}`)
    const [decision, ...answers] = await Promise.all([
        resolver.complete(session, '192.0.2.7'),
        ...clients.map(client => resolver.resolve(client))])
    expect(decision.reason === 'lookup-failed', decision.reply)
    expect(answers.every((it, i) => it.client === clients[i] && !it.isKnown
                                    && it.names.length === 0), 'answers')
    expect(answers[7].explain().includes('192.0.2.7'), 'explain')
    session.rcpt('a..b@far.example')
    const bad = await resolver.complete(session, '192.0.2.7')
    expect(bad.reason === 'bad-recipient', 'not asked')
    await rejects(mayrelay.TextError, resolver.resolve('nonsense'))
    await rejects(mayrelay.TextError, resolver.resolve('192.0.2.7\0'))
    await rejects(TypeError, resolver.resolve(5))
    throws(mayrelay.MayrelayError, () => session.take(answers[8]))
    throws(mayrelay.TextError, () => new mayrelay.Resolver({ servers: 'x' }))
    resolver.close()
    await rejects(mayrelay.ClosedError, resolver.resolve('192.0.2.7'))
    const slow = new mayrelay.Resolver({ servers: '192.0.2.1',
                                         deadlineMs: 60000 })
    const waiting = slow.resolve('192.0.2.7')
    slow.close()
    slow.close()
    await rejects(mayrelay.ClosedError, waiting)
}

if (isMainThread) {
    theFace()
    errors()
    await lifetimes()
    await anyOrder()
    await workers()
    wrongTypes(mayrelay.parse(POLICY))
    wrongTexts(mayrelay.parse(POLICY))
    await lookUps()
    await memory()
    summary()
} else {
    work()
}
