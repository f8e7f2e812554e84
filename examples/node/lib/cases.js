// The transactions that a policy can tell apart, and which entries of its lists
// some transactions have matched.
import { check } from './errors.js'
import { handleOf, lib } from './library.js'
import { counted, listed } from './text.js'

const UNKNOWN = 2n ** 64n - 1n

/** A copy. */
export function casesOf(policy, limit) {
    const handle = lib.policy_cases(policy, counted(limit))
    if (!handle)
        throw new RangeError('no memory for cases')
    const combinations = BigInt(lib.cases_get_combinations(handle))
    const all = Object.freeze({
        cases: listed(lib.cases_count(handle), index => Object.freeze({
            facts: lib.cases_get_facts(handle, index),
            decision: lib.cases_get_decision(handle, index),
        })),
        extent: lib.cases_extent_name(lib.cases_get_extent(handle)),
        combinations: combinations === UNKNOWN ? null : combinations,
        leftOut: BigInt(lib.cases_get_left_out(handle)),
    })
    lib.cases_free(handle)
    return all
}

const forgotten = new FinalizationRegistry(handle => lib.coverage_free(handle))

function list(handle, index) {
    const entries = Number(lib.coverage_get_list_entries(handle, index))
    const matched = Number(lib.coverage_get_list_matched(handle, index))
    return Object.freeze({
        name: lib.coverage_get_list(handle, index),
        file: lib.coverage_get_list_file(handle, index),
        line: lib.coverage_get_list_line(handle, index),
        entries,
        matched,
        missed: listed(entries - matched, number => Object.freeze({
            file: lib.coverage_get_missed_file(handle, index, number),
            line: lib.coverage_get_missed_line(handle, index, number),
        })),
    })
}

export class Coverage {
    #handle

    constructor(policy) {
        this.#handle = lib.coverage_new(handleOf(policy))
        if (!this.#handle)
            throw new RangeError('no memory for coverage')
        forgotten.register(this, this.#handle)
    }

    add(session) {
        check(lib.coverage_add(this.#handle, session._open()))
    }

    lists() {
        check(lib.coverage_count(this.#handle))
        return listed(lib.coverage_count_lists(this.#handle),
                      index => list(this.#handle, index))
    }
}
