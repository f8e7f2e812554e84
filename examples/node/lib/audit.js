// Who may relay where, exactly: all transactions at once.
import { check } from './errors.js'
import { takeFindings } from './findings.js'
import { SOURCES, lib } from './library.js'
import { terminated, whole } from './text.js'

const forgotten = new FinalizationRegistry(handle => lib.audit_free(handle))

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

    constructor(policy, { trust = [] }) {
        if (typeof trust === 'string' || trust instanceof Uint8Array)
            throw new TypeError('trust is a list of networks')
        const options = trusting(trust), report = [null]
        const handle = lib.policy_audit(policy, options, report)
        lib.audit_options_free(options)
        this.findings = takeFindings(report[0])
        if (!handle)
            throw new RangeError('no memory for an audit')
        this.#handle = handle
        forgotten.register(this, handle)
        this.verdicts = Object.freeze(Object.fromEntries(SOURCES.map(
            source => [lib.audit_source_name(source),
                       verdict(handle, source)])))
        this.isClosed = lib.audit_is_closed(handle)
        this.unknownIsClosed = lib.audit_unknown_is_closed(handle)
        Object.freeze(this)
    }

    save(image) {
        check(lib.audit_save(this.#handle, terminated(image)))
    }

    toText() {
        return whole((buffer, size) =>
            lib.audit_to_text(this.#handle, buffer, size))
    }

    toJSON() {
        return JSON.parse(whole((buffer, size) =>
            lib.audit_to_json(this.#handle, buffer, size)))
    }
}
