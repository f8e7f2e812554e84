// What a change of the policy changes, exactly.
import { handleOf, lib } from './library.js'
import { counted, listed, whole } from './text.js'

const TOO_MANY = 2n ** 64n - 1n

const forgotten = new FinalizationRegistry(handle => lib.diff_free(handle))

export class Diff {
    #handle

    constructor(older, newer) {
        const handle = lib.policy_diff(handleOf(older), handleOf(newer))
        if (!handle)
            throw new RangeError('no memory for a diff')
        this.#handle = handle
        forgotten.register(this, handle)
        const count = BigInt(lib.diff_count(handle))
        this.verdict = lib.diff_verdict_name(lib.diff_get_verdict(handle))
        this.count = count === TOO_MANY ? null : count
        this.changes = listed(lib.diff_count_shown(handle), index =>
            Object.freeze({
                effect: lib.diff_effect_name(lib.diff_get_effect(handle, index)),
                witness: lib.diff_get_witness(handle, index),
            }))
        this.bug = lib.diff_get_bug(handle)
        Object.freeze(this)
    }

    toText(limit = 100) {
        return this.#printed(lib.diff_to_text, limit)
    }

    jsonText(limit = 100) {
        return this.#printed(lib.diff_to_json, limit)
    }

    toJSON() {
        return JSON.parse(this.jsonText())
    }

    #printed(call, limit) {
        const most = counted(limit)
        return whole((buffer, size) => call(this.#handle, most, buffer, size))
    }
}
