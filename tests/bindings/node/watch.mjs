// Audits, and a policy that follows its files.
import { mkdtempSync, readdirSync, renameSync, rmSync,
         writeFileSync } from 'node:fs'
import { setImmediate as turn, setTimeout as nap } from 'node:timers/promises'

import * as mayrelay from 'mayrelay'

import { expect, summary, throws } from './expect.mjs'

const WIDE = `
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/24]}
    - {name: wide, clients: [32.0.0.0/3]}
`
const OPEN = 'mayrelay: 1\nrelay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n'
const SHUT = 'mayrelay: 1\n'
const BAD = 'mayrelay: 1\nrelay: {alow: []}\n'
const PATIENCE_MS = 30_000 // for what takes a tenth of a second

const folder = mkdtempSync('mayrelay-watch-')
const file = `${folder}/policy.yaml`

function replace(text) {
    writeFileSync(`${folder}/new`, text)
    renameSync(`${folder}/new`, file)
}

const names = policy => policy.rules.map(rule => rule.name).sort().join()

async function collected() {
    for (let i = 0; i < 3; i++) {
        globalThis.gc()
        await turn()
    }
}

// -- audits and rules ----------------------------------------------------------

async function audits() {
    const policy = mayrelay.parse(WIDE, 'policy.yaml')
    const audit = policy.audit(), { stranger, host } = audit.verdicts
    expect(Object.keys(audit.verdicts).join() === 'stranger,account,dns,host',
           'sources')
    expect(stranger.verdict === 'OPEN' && stranger.reason
           && stranger.witness.includes('RCPT TO'), 'a witness')
    expect(host.verdict === 'CLOSED' && host.witness === null
           && audit.unknownIsClosed, 'closed')
    expect(audit.findings.some(it => it.witness && it.severity === 'error'),
           'findings')
    expect(audit.toText().includes('192.0.2.0/24'), 'text')
    expect(JSON.parse(JSON.stringify(audit)).verdicts.stranger.verdict
           === 'OPEN', 'JSON')
    const trusted = policy.audit({ trust: new Set(['32.0.0.0/3', '192.0.2.0/24']) })
    expect(trusted.verdicts.stranger.verdict === 'CLOSED', 'trust')
    throws(TypeError, () => { 'use strict'; audit.verdicts.stranger = null })
    const orphan = mayrelay.parse(WIDE).audit()
    await collected()
    expect(orphan.toText().length > 0, 'outlives its policy')
}

function rules() {
    const all = mayrelay.parse(WIDE, 'policy.yaml').rules
    const wide = all.find(rule => rule.name === 'wide')
    expect(all.length === 2 && wide.file === 'policy.yaml' && wide.line === 7,
           'rules')
    expect(mayrelay.parse(SHUT).rules.length === 0, 'none')
}

function stamps() {
    const image = `${folder}/policy.mrp`, options = { requireClosed: true }
    const wide = mayrelay.parse(WIDE)
    wide.audit().save(image)
    expect(!wide.audit().isClosed && wide.stamp === null
           && mayrelay.load(image).stamp, 'a stamp')
    throws(mayrelay.PolicyError, () => mayrelay.load(image, options))
    const closed = mayrelay.parse(SHUT).audit()
    closed.save(image)
    expect(closed.isClosed && mayrelay.load(image, options).stamp, 'closed')
    throws(mayrelay.MayrelayError, () => closed.save('/nowhere/policy.mrp'))
    throws(mayrelay.TextError, () => closed.save('a\0b'))
    throws(TypeError, () => closed.save(5))
}

function wrongAudits() {
    const policy = mayrelay.parse(WIDE)
    for (const trust of ['192.0.2.1', 5, null, {}, [5], [null],
                         Buffer.from('192.0.2.1')])
        throws(TypeError, () => policy.audit({ trust }))
    for (const network of ['nonsense', '192.0.2.1\0', '\ud800',
                           '1'.repeat(10_000_000)])
        throws(mayrelay.TextError, () => policy.audit({ trust: [network] }))
    throws(TypeError, () => policy.audit(null))
    throws(TypeError, () => new mayrelay.Audit())
}

// -- watches -------------------------------------------------------------------

async function dispatched(watch) {
    const end = Date.now() + PATIENCE_MS
    while (Date.now() < end) {
        const reload = watch.dispatch()
        if (reload.outcome !== 'none')
            return reload
        await nap(20)
    }
    throw new Error('nothing has changed')
}

async function inOnesOwnLoop() {
    replace(OPEN)
    const watch = new mayrelay.Watch(file), first = watch.policy
    expect(watch.policy === first && names(first) === 'office', 'the first')
    expect(watch.dispatch().outcome === 'none' && watch.policy === first, 'none')
    replace(SHUT)
    const done = await dispatched(watch)
    expect(done.outcome === 'done' && done.findings.length === 1, 'done')
    expect(watch.policy !== first && names(watch.policy) === '', 'the second')
    expect(names(first) === 'office', 'the first one lives on')
    replace(BAD)
    const { outcome, findings } = watch.reload()
    expect(outcome === 'failed' && findings.at(-1).line === 2, 'failed')
    expect(names(watch.policy) === '', 'it stays')
    watch.close()
    watch.close()
    for (const call of [() => watch.policy, () => watch.dispatch(),
                        () => watch.reload()])
        throws(mayrelay.ClosedError, call)
}

async function byItself() {
    replace(OPEN)
    const told = []
    const watch = new mayrelay.Watch(
        file, { onReload: reload => told.push(reload.outcome) })
    const end = Date.now() + PATIENCE_MS
    for (const [text, wanted] of [[SHUT, 'done'], [BAD, 'done,failed'],
                                  [OPEN, 'done,failed,done']]) {
        replace(text)
        while (told.join() !== wanted && Date.now() < end)
            await nap(20)
        expect(told.join() === wanted, `told ${told}`)
    }
    expect(names(watch.policy) === 'office', 'the last')
    watch.close()
    replace(SHUT)
    await nap(300)
    expect(told.length === 3, 'closed')
}

async function whatOutlivesIt() {
    replace(OPEN)
    const session = new mayrelay.Watch(file).policy.session()
    await collected()
    session.connect('10.1.2.3')
    session.mail('')
    expect(session.rcpt('c@far.example').rule === 'office', 'outlives it')
}

const descriptors = () => readdirSync('/proc/self/fd').length

async function noneIsLeft() {
    replace(OPEN)
    await collected()
    const before = descriptors()
    for (let i = 0; i < 50; i++)
        new mayrelay.Watch(file, { onReload: i % 2 ? () => {} : null }).policy
    const many = descriptors()
    for (let i = 0; i < 10 && descriptors() > before; i++) {
        await nap(150) // timers let go of what is closed or garbage
        await collected()
    }
    expect(many > before && descriptors() <= before,
           `${before}, ${many}, ${descriptors()} descriptors`)
}

function wrongWatches() {
    replace(BAD)
    const error = throws(mayrelay.PolicyError, () => new mayrelay.Watch(file))
    expect(error.findings.at(-1).line === 2, 'file and line')
    replace(OPEN)
    for (const path of [5, null, undefined, {}, Symbol('x'), Buffer.from('a')])
        throws(TypeError, () => new mayrelay.Watch(path))
    for (const path of [`${file}\0`, '\ud800'])
        throws(mayrelay.TextError, () => new mayrelay.Watch(path))
    throws(mayrelay.PolicyError,
           () => new mayrelay.Watch('x'.repeat(10_000_000)))
    throws(TypeError, () => new mayrelay.Watch(file, { onReload: 5 }))
    throws(TypeError, () => new mayrelay.Watch(file, null))
}

try {
    await audits()
    rules()
    stamps()
    wrongAudits()
    await inOnesOwnLoop()
    await byItself()
    await whatOutlivesIt()
    await noneIsLeft()
    wrongWatches()
} finally {
    rmSync(folder, { recursive: true })
}
summary()
