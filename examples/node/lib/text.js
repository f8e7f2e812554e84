// Texts on their way into the library and out of it.
import { TextError } from './errors.js'
import { FORMATS, lib } from './library.js'

const LONE_SURROGATE = /\p{Surrogate}/u

/** What the library gets: octets, of a string or as they are. */
export function octets(text) {
    if (text instanceof Uint8Array)
        return text
    if (typeof text !== 'string')
        throw new TypeError(`a string or Uint8Array, not ${typeof text}`)
    if (LONE_SURROGATE.test(text))
        throw new TextError('a lone surrogate inside the text')
    return Buffer.from(text)
}

/** For calls whose texts end in NUL, and would be cut at one. */
export function terminated(text) {
    if (typeof text !== 'string')
        throw new TypeError(`a string, not ${typeof text}`)
    if (LONE_SURROGATE.test(text) || text.includes('\0'))
        throw new TextError('a NUL or a lone surrogate inside the text')
    return text
}

let page = Buffer.alloc(1 << 14)

/** What a call prints into a buffer, however long: it is asked again with as
 * much room as it said it needs. */
export function whole(write) {
    for (;;) {
        const needed = Number(write(page, page.length))
        if (needed < page.length)
            return page.toString('utf8', 0, needed)
        page = Buffer.alloc(needed * 2)
    }
}

/** A number that stands for a size. */
export function counted(number) {
    if (!Number.isSafeInteger(number) || number < 0)
        throw new TypeError('not a count')
    return number
}

/** What a count of the library's has, by index. */
export function listed(count, at) {
    return Object.freeze(Array.from({ length: Number(count) },
                                    (_, index) => at(index)))
}

export function format(name) {
    if (!Object.hasOwn(FORMATS, name))
        throw new TypeError("the format is 'text' or 'json'")
    return FORMATS[name]
}

export const version = lib.version()
