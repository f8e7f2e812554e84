// What is wrong with a policy: a copy.
import { lib } from './library.js'
import { listed, whole } from './text.js'

const SEVERITIES = ['note', 'warning', 'error']

function finding(report, index) {
    return Object.freeze({
        severity: SEVERITIES[lib.report_get_severity(report, index)] ?? 'error',
        id: lib.report_get_id(report, index),
        file: lib.report_get_file(report, index),
        line: lib.report_get_line(report, index),
        column: lib.report_get_column(report, index),
        text: lib.report_get_text(report, index),
        hint: lib.report_get_hint(report, index),
        witness: lib.report_get_witness(report, index),
        full: whole((buffer, size) =>
            lib.report_to_text(report, index, buffer, size)),
    })
}

/** Of a report, or null. */
export function findingsOf(report) {
    return listed(lib.report_count(report), index => finding(report, index))
}

/** Of one that is ours. */
export function takeFindings(report) {
    const all = findingsOf(report)
    lib.report_free(report)
    return all
}
