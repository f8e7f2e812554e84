// A policy that follows its files.
import { ClosedError, PolicyError } from './errors.js'
import { takeFindings } from './findings.js'
import { OUTCOMES, lib } from './library.js'
import { loadFlags, owned } from './policy.js'
import { terminated } from './text.js'

// Node cannot wait for a descriptor of somebody else's without a thread: it
// looks this often instead, which costs one system call.
const EVERY_MS = 100

const forgotten = new FinalizationRegistry(handle => lib.watch_free(handle))

/** Looks after a watch, until that is garbage or closed. */
function follow(watch, onReload) {
    const kept = new WeakRef(watch)
    const timer = setInterval(() => {
        const reload = kept.deref()?._follow()
        if (!reload)
            clearInterval(timer)
        else if (reload.outcome !== 'none')
            onReload(reload)
    }, EVERY_MS)
    timer.unref()
}

export class Watch {
    #handle
    #policy = null

    constructor(path, options = {}) {
        const { onReload = null } = options, report = [null]
        if (onReload !== null && typeof onReload !== 'function')
            throw new TypeError('onReload is a function')
        const handle = lib.watch_new(terminated(path), loadFlags(options),
                                     report)
        const findings = takeFindings(report[0])
        if (!handle)
            throw new PolicyError(path, findings)
        this.#handle = handle
        this.warnings = findings
        forgotten.register(this, handle, this)
        if (onReload)
            follow(this, onReload)
    }

    /** One object as long as one policy is in force. */
    get policy() {
        const handle = this.#open()
        this.#policy ??= owned(lib.watch_ref_policy(handle), Object.freeze([]))
        return this.#policy
    }

    dispatch() {
        return this.#read(lib.watch_dispatch)
    }

    reload() {
        return this.#read(lib.watch_reload)
    }

    close() {
        if (!this.#handle)
            return
        forgotten.unregister(this)
        lib.watch_free(this.#handle)
        this.#handle = this.#policy = null
    }

    #open() {
        if (!this.#handle)
            throw new ClosedError('the watch is closed')
        return this.#handle
    }

    #read(call) {
        const report = [null]
        const outcome = OUTCOMES[call(this.#open(), report)]
        if (outcome === 'done')
            this.#policy = null
        return Object.freeze({ outcome, findings: takeFindings(report[0]) })
    }

    /** Nothing once it is closed. */
    _follow() {
        return this.#handle && this.dispatch()
    }
}

if (Symbol.dispose)
    Watch.prototype[Symbol.dispose] = Watch.prototype.close
