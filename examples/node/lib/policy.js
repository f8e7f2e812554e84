// The policy: immutable, and shared by any number of sessions.
import { Audit } from './audit.js'
import { casesOf } from './cases.js'
import { Diff } from './diff.js'
import { PolicyError, check } from './errors.js'
import { takeFindings } from './findings.js'
import { FACTS, LOAD, lib } from './library.js'
import { Session } from './session.js'
import { listed, octets, terminated } from './text.js'

const KNOWN_FACTS = new Set([
    'client', 'listener', 'clientNames', 'tls', 'certificate', 'identity',
    'groups', 'sender', 'recipient', 'recipientExists', 'rewrites'])

const forgotten = new FinalizationRegistry(handle => lib.policy_unref(handle))

const SECRET = Symbol('from load and parse')

/** A list is read once, before anything is said: its code is the caller's. */
function readOnce(texts) {
    const isList = typeof texts === 'object' && texts?.[Symbol.iterator]
    return isList && !(texts instanceof Uint8Array) ? Array.from(texts) : texts
}

export class Policy {
    #session

    constructor(secret, handle, warnings) {
        if (secret !== SECRET)
            throw new TypeError('policies come from load and parse')
        Object.defineProperty(this, '_handle', { value: handle })
        forgotten.register(this, handle)
        this.warnings = warnings
        this.digest = lib.policy_get_digest(handle)
        this.stamp = lib.policy_get_stamp(handle)
        const facts = lib.policy_get_facts(handle)
        this.facts = Object.freeze(
            Object.keys(FACTS).filter(name => FACTS[name] & facts))
        this.hasReroute = lib.policy_has_reroute(handle)
        Object.freeze(this)
    }

    session(options = {}) {
        return new Session(this, options)
    }

    /** All checks of a policy share one session: what is forgotten is freed
     * only between events, which a loop of checks would not reach. */
    check(facts) {
        for (const name of Object.keys(facts))
            if (!KNOWN_FACTS.has(name))
                throw new TypeError(`no fact: ${name}`)
        const kept = { ...facts, clientNames: readOnce(facts.clientNames),
                       groups: readOnce(facts.groups) }
        this.#session ??= this.session()
        this.#judge(kept)
        return this.#session._decide(() => this.#judge(kept))
    }

    #judge(facts) {
        const session = this.#session
        session._rewrites(facts.rewrites)
        session._connect(facts.client, facts.listener ?? null)
        if (facts.tls || facts.certificate != null)
            session.tls(facts.certificate ?? null)
        if (facts.identity != null)
            session.auth(facts.identity)
        if (facts.clientNames != null)
            session.clientNames(facts.clientNames)
        if (facts.groups != null)
            session.groups(facts.groups)
        if (facts.sender != null)
            session._tell(lib.session_mail, facts.sender)
        if (facts.recipient != null)
            session._tell(lib.session_rcpt, facts.recipient)
        if (facts.recipientExists != null)
            session.recipientExists(facts.recipientExists)
        session._resume()
    }

    audit(options = {}) {
        return new Audit(this, options)
    }

    diff(newer) {
        return new Diff(this, newer)
    }

    cases(limit = 0) {
        return casesOf(this._handle, limit)
    }

    get rules() {
        const handle = this._handle
        return listed(lib.policy_count_rules(handle), index => Object.freeze({
            name: lib.policy_get_rule(handle, index),
            file: lib.policy_get_rule_file(handle, index),
            line: lib.policy_get_rule_line(handle, index),
        }))
    }

    save(image) {
        check(lib.policy_save(this._handle, terminated(image)))
    }
}

/** The policy of a reference that is ours. */
export function owned(handle, warnings) {
    return new Policy(SECRET, handle, warnings)
}

function opened(handle, report, name) {
    const findings = takeFindings(report)
    if (!handle)
        throw new PolicyError(name, findings)
    return owned(handle, findings)
}

export function loadFlags(options) {
    let flags = 0
    for (const [name, flag] of Object.entries(LOAD))
        flags |= options[name] ? flag : 0
    return flags
}

export function load(path, options = {}) {
    const report = [null]
    const handle = lib.policy_load(terminated(path), loadFlags(options), report)
    return opened(handle, report[0], path)
}

export function parse(source, name = 'policy') {
    const text = octets(source), report = [null]
    const handle = lib.policy_parse(text.length ? text : Buffer.from(' '),
                                    text.length, terminated(name), report)
    return opened(handle, report[0], name)
}
