// What can go wrong.
import { OK, STATUS, lib } from './library.js'

export class MayrelayError extends Error {
    get name() {
        return this.constructor.name
    }
}

export class TextError extends MayrelayError {}
export class StageError extends MayrelayError {}
export class StaleError extends MayrelayError {}
export class ClosedError extends MayrelayError {}

export class PolicyError extends MayrelayError {
    constructor(name, findings) {
        super(findings.map(it => it.full).join('\n') || `${name}: does not load`)
        this.findings = findings
    }
}

const KINDS = { [STATUS.TEXT]: TextError, [STATUS.STAGE]: StageError }

/** Nothing for MAYRELAY_OK. */
export function check(status) {
    if (status !== OK)
        throw new (KINDS[status] ?? MayrelayError)(lib.status_text(status))
}
