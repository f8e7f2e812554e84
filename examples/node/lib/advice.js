// What to change in a policy, so that it accepts: a copy.
import { PolicyError } from './errors.js'
import { takeFindings } from './findings.js'
import { lib } from './library.js'
import { listed, terminated, whole } from './text.js'

function edit(handle, index) {
    return Object.freeze({
        text: lib.advice_get_text(handle, index),
        file: lib.advice_get_file(handle, index),
        line: lib.advice_get_line(handle, index),
        patch: lib.advice_get_patch(handle, index),
        rule: lib.advice_get_rule(handle, index),
        radius: lib.advice_get_radius(handle, index),
        warning: lib.advice_get_warning(handle, index),
    })
}

/** `session` is a handle. */
export function advise(session, path) {
    const report = [null]
    const handle = lib.session_advise(session, terminated(path), report)
    const findings = takeFindings(report[0])
    if (!handle)
        throw new PolicyError(path, findings)
    const full = whole((buffer, size) =>
        lib.advice_to_text(handle, buffer, size))
    const advice = Object.freeze({
        note: lib.advice_get_note(handle),
        edits: listed(lib.advice_count(handle), index => edit(handle, index)),
        full,
        json: whole((buffer, size) =>
            lib.advice_to_json(handle, buffer, size)),
        toString: () => full,
    })
    lib.advice_free(handle)
    return advice
}
