// One SMTP connection, from connect to RCPT.
import { advise } from './advice.js'
import { Decision } from './decision.js'
import { ClosedError, StaleError, check } from './errors.js'
import { FACTS, FAIL, KNOWN, handleOf, lib } from './library.js'
import { format, octets, terminated, whole } from './text.js'

export const FAILED = Symbol('mayrelay.FAILED')

// Text that the library refuses: it stands for what could not be handed over.
const REFUSED = Buffer.from([0])

const forgotten = new FinalizationRegistry(handle => lib.session_free(handle))

export class Session {
    #handle
    #serial = 0

    constructor(policy, { rewrites = false } = {}) {
        this.#handle = lib.session_new(handleOf(policy))
        if (!this.#handle)
            throw new RangeError('no memory for a session')
        forgotten.register(this, this.#handle, this)
        this._rewrites(rewrites)
    }

    // -- the SMTP dialogue ---------------------------------------------------

    connect(client, listener = null) {
        this._connect(client, listener)
        return this.decision
    }

    mail(sender) {
        this._tell(lib.session_mail, sender)
        return this.decision
    }

    rcpt(recipient) {
        this._tell(lib.session_rcpt, recipient)
        return this.decision
    }

    resume() {
        this._resume()
        return this.decision
    }

    reset() {
        lib.session_reset(this.#begin())
    }

    // -- facts ---------------------------------------------------------------

    tls(certificate = null) {
        this.#state(lib.session_tls, certificate)
    }

    auth(identity) {
        this.#state(lib.session_auth, identity)
    }

    clientNames(names) {
        this.#answer(FACTS['client-name'], names, lib.session_add_client_name)
    }

    groups(groups) {
        this.#answer(FACTS.groups, groups, lib.session_add_group)
    }

    recipientExists(exists) {
        const handle = this.#begin()
        if (typeof exists === 'boolean') {
            check(lib.session_set_recipient_exists(handle, exists))
            return
        }
        check(lib.session_answer(handle, FACTS.recipient, FAIL))
        if (exists !== FAILED)
            throw new TypeError('true, false or FAILED')
    }

    take(answer) {
        check(lib.session_take(this.#begin(), answer?._handle ?? null))
    }

    // -- the decision --------------------------------------------------------

    get decision() {
        return this._decide(null)
    }

    get needs() {
        return this.decision.needs
    }

    advise(path) {
        return advise(this._open(), path)
    }

    toLog(name = 'text', { time = null, id = null } = {}) {
        const number = format(name), handle = this._open()
        const [when, which] = [time, id].map(it =>
            it === null ? null : terminated(it))
        return whole((buffer, size) =>
            lib.session_to_log(handle, number, when, which, buffer, size))
    }

    close() {
        if (!this.#handle)
            return
        forgotten.unregister(this)
        lib.session_free(this.#handle)
        this.#handle = null
        this.#serial++
    }

    // -- inside --------------------------------------------------------------

    _open() {
        if (!this.#handle)
            throw new ClosedError('the session is closed')
        return this.#handle
    }

    /** Decisions that were handed out cannot be explained any more. */
    #begin() {
        this.#serial++
        return this._open()
    }

    _connect(client, listener) {
        const handle = this.#begin()
        lib.session_connect(handle, null, null) // should one be refused
        const ours = listener === null ? null : terminated(listener)
        lib.session_connect(handle, terminated(client), ours)
    }

    /** The call's code or status. */
    _tell(call, text) {
        const handle = this.#begin()
        let data
        try {
            data = octets(text)
        } catch (error) {
            call(handle, REFUSED, REFUSED.length)
            throw error
        }
        // An empty array has no address, which would mean: absent.
        return data.length ? call(handle, data, data.length)
                           : call(handle, REFUSED, 0)
    }

    #state(call, text) {
        check(text === null ? call(this.#begin(), null, 0)
                            : this._tell(call, text))
    }

    #answer(fact, texts, add) {
        const handle = this.#begin()
        // Ends what has been said of the fact before: what comes is all.
        check(lib.session_answer(handle, fact, FAIL))
        if (texts === FAILED)
            return
        let all
        try {
            if (typeof texts === 'string' || texts instanceof Uint8Array)
                throw new TypeError('a list of texts, or FAILED')
            all = Array.from(texts?.[Symbol.iterator] ? texts : null, octets)
        } catch (error) {
            add(this.#begin(), null, 0) // poisons the session
            throw error
        }
        for (const text of all)
            check(this._tell(add, text))
        check(lib.session_answer(this.#begin(), fact, KNOWN))
    }

    _rewrites(rewrites) {
        lib.session_rewrites(this._open(), Boolean(rewrites))
    }

    _resume() {
        lib.session_resume(this.#begin())
    }

    /** `again` says all of it once more, should the session have gone on. */
    _decide(again) {
        const handle = lib.session_get_decision(this._open())
        return new Decision(this, this.#serial, handle, again)
    }

    _current(serial, again) {
        if (serial !== this.#serial && !again)
            throw new StaleError('the session has gone on since')
        if (serial !== this.#serial)
            again()
        return lib.session_get_decision(this._open())
    }
}

// Where there is `using`.
if (Symbol.dispose)
    Session.prototype[Symbol.dispose] = Session.prototype.close
