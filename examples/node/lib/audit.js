// Who may relay where, exactly: all transactions at once.
import { check } from './errors.js'
import { findingsOf } from './findings.js'
import { SOURCES, handleOf, lib } from './library.js'
import { terminated, whole } from './text.js'

const forgotten = new FinalizationRegistry(({ handle, report }) => {
    lib.audit_free(handle)
    lib.report_free(report)
})

function trusting(networks) {
    const options = lib.audit_options_new()
    try {
        for (const network of networks)
            check(lib.audit_options_trust(options, terminated(network)))
        return options
    } catch (error) {
        lib.audit_options_free(options)
        throw error
    }
}

function verdict(handle, source) {
    return Object.freeze({
        verdict: lib.audit_verdict_name(lib.audit_get_verdict(handle, source)),
        reason: lib.audit_get_reason(handle, source),
        witness: lib.audit_get_witness(handle, source),
    })
}

export class Audit {
    #handle
    #report

    constructor(policy, { trust = [] }) {
        if (typeof trust === 'string' || trust instanceof Uint8Array)
            throw new TypeError('trust is a list of networks')
        const ours = handleOf(policy)
        const options = trusting(trust), report = [null]
        const handle = lib.policy_audit(ours, options, report)
        lib.audit_options_free(options)
        this.#handle = handle
        this.#report = report[0]
        forgotten.register(this, { handle, report: report[0] })
        if (!handle)
            throw new RangeError('no memory for an audit')
        this.findings = findingsOf(report[0])
        this.verdicts = Object.freeze(Object.fromEntries(SOURCES.map(
            source => [lib.audit_source_name(source),
                       verdict(handle, source)])))
        this.isClosed = lib.audit_is_closed(handle)
        this.unknownIsClosed = lib.audit_unknown_is_closed(handle)
        this.disagreement = lib.audit_get_disagreement(handle)
        Object.freeze(this)
    }

    save(image) {
        check(lib.audit_save(this.#handle, terminated(image)))
    }

    toText() {
        return whole((buffer, size) =>
            lib.audit_to_text(this.#handle, buffer, size))
    }

    toHTML() {
        return whole((buffer, size) =>
            lib.audit_to_html(this.#handle, this.#report, buffer, size))
    }

    toJSON() {
        return JSON.parse(whole((buffer, size) =>
            lib.audit_to_json(this.#handle, buffer, size)))
    }
}
