// Accept, defer or reject, the reply, and why: a copy.
import { lib } from './library.js'
import { format, whole } from './text.js'

export class Decision {
    #session
    #serial
    #again

    constructor(session, serial, handle, again) {
        this.#session = session
        this.#serial = serial
        this.#again = again
        const it = JSON.parse(whole((buffer, size) =>
            lib.decision_to_json(handle, buffer, size)))
        this.verdict = it.verdict
        this.accepted = it.verdict === 'accept'
        this.code = it.code
        this.enhanced = it.enhanced
        this.text = it.text
        this.reply = `${it.code} ${it.enhanced} ${it.text}`
        this.reason = it.reason
        this.kind = it.kind
        this.rule = it.rule
        this.source = it.source
        const colon = it.source?.lastIndexOf(':')
        this.file = it.source && it.source.slice(0, colon)
        this.line = it.source ? Number(it.source.slice(colon + 1)) : 0
        this.connector = it.connector
        this.recipient = it.recipient
        this.isRelay = it.relay
        this.needs = Object.freeze(it.needs)
        Object.freeze(this)
    }

    explain(name = 'text') {
        return this.#printed(lib.decision_explain, name)
    }

    scope(name = 'text') {
        return this.#printed(lib.decision_scope, name)
    }

    fingerprint() {
        return BigInt(lib.decision_get_fingerprint(this.#current()))
    }

    toString() {
        return this.reply
    }
    #current() {
        return this.#session._current(this.#serial, this.#again)
    }

    #printed(call, name) {
        const number = format(name), handle = this.#current()
        return whole((buffer, size) => call(handle, number, buffer, size))
    }
}
