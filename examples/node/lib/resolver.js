// The client's confirmed host names; here, and only here, are promises.
import { ClosedError, MayrelayError, check } from './errors.js'
import { lib, readable } from './library.js'
import { format, terminated, whole } from './text.js'

// How long one wait on the other thread takes at most: closing a resolver, or
// ending the program, waits for it.
const SLICE_MS = 200

const forgottenAnswers = new FinalizationRegistry(
    handle => lib.dns_answer_free(handle))
const forgotten = new FinalizationRegistry(
    handle => lib.resolver_free(handle))

export class Answer {
    constructor(handle) {
        Object.defineProperty(this, '_handle', { value: handle })
        forgottenAnswers.register(this, handle)
        this.isKnown = lib.dns_answer_is_known(handle)
        this.names = Object.freeze(Array.from(
            { length: Number(lib.dns_answer_count(handle)) },
            (_, index) => lib.dns_answer_get_name(handle, index)))
        this.client = lib.dns_answer_get_client(handle)
        this.result = lib.dns_result_name(lib.dns_answer_get_result(handle))
        this.ttl = lib.dns_answer_get_ttl(handle)
        Object.freeze(this)
    }

    explain(name = 'text') {
        const number = format(name)
        return whole((buffer, size) =>
            lib.dns_answer_explain(this._handle, number, buffer, size))
    }
}

export class Resolver {
    #handle
    #waiting = new Map()
    #lastToken = 0
    #watching = false

    constructor({ servers, deadlineMs } = {}) {
        this.#handle = lib.resolver_new()
        if (!this.#handle)
            throw new MayrelayError(
                'no resolver: no memory, or built without DNS')
        forgotten.register(this, this.#handle, this)
        if (servers !== undefined)
            check(lib.resolver_set_servers(this.#handle, terminated(servers)))
        if (deadlineMs !== undefined)
            check(lib.resolver_set_deadline_ms(this.#handle, deadlineMs))
    }

    async resolve(client) {
        const token = ++this.#lastToken
        check(lib.resolver_ask(this.#open(), terminated(client), token))
        const answer = new Promise((resolve, reject) =>
            this.#waiting.set(token, { resolve, reject }))
        this.#handOut()
        this.#watch().catch(error => this.#fail(error))
        return answer
    }

    async complete(session, client) {
        const decision = session.decision
        if (!decision.needs.includes('client-name'))
            return decision
        session.take(await this.resolve(client))
        return session.resume()
    }

    close() {
        if (!this.#handle)
            return
        forgotten.unregister(this)
        lib.resolver_free(this.#handle)
        this.#handle = null
        this.#fail(new ClosedError('the resolver is closed'))
    }

    #open() {
        if (!this.#handle)
            throw new ClosedError('the resolver is closed')
        return this.#handle
    }

    #fail(error) {
        const waiting = [...this.#waiting.values()]
        this.#waiting.clear()
        for (const { reject } of waiting)
            reject(error)
    }

    /** As long as somebody waits, one thread of Node's waits for DNS. */
    async #watch() {
        if (this.#watching)
            return
        this.#watching = true
        try {
            while (this.#handle && this.#waiting.size) {
                const left = lib.resolver_get_timeout_ms(this.#handle)
                const wait = left < 0 ? SLICE_MS : Math.min(left, SLICE_MS)
                await readable(lib.resolver_get_fd(this.#handle), wait)
                if (this.#handle) {
                    check(lib.resolver_dispatch(this.#handle))
                    this.#handOut()
                }
            }
        } finally {
            this.#watching = false
        }
    }

    #handOut() {
        const token = [0]
        let handle
        while ((handle = lib.resolver_next(this.#handle, token))) {
            const answer = new Answer(handle), number = Number(token[0])
            this.#waiting.get(number)?.resolve(answer)
            this.#waiting.delete(number)
        }
    }
}
