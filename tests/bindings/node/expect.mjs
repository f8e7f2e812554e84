// What the tests have in common: they count, and go on.
let passed = 0, failed = 0

export function expect(good, what) {
    good ? passed++ : failed++
    if (!good)
        console.log(`FAILED: ${what}\n${new Error().stack}`)
}

export function throws(kind, call) {
    try {
        call()
        expect(false, `${kind.name}: nothing is thrown`)
    } catch (error) {
        expect(error instanceof kind, `${kind.name}, not ${error.stack}`)
        return error
    }
}

export async function rejects(kind, promise) {
    try {
        await promise
        expect(false, `${kind.name}: not rejected`)
    } catch (error) {
        expect(error instanceof kind, `${kind.name}, not ${error.stack}`)
    }
}

export function summary() {
    console.log(`${passed} passed, ${failed} failed`)
    process.exitCode = failed ? 1 : 0
}
