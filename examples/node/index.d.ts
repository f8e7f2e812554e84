/** mayrelay: may this client hand us this recipient? */

/** The library's version, "1.2.3". */
export const version: string

/** In the place of an answer: the look-up failed.  The fact stays unknown. */
export const FAILED: unique symbol
export type Failed = typeof FAILED

/** A string, or its octets. */
export type Text = string | Uint8Array
/** All texts there are, or a look-up that failed. */
export type Texts = Iterable<Text> | Failed

export type Verdict = 'accept' | 'defer' | 'reject'
export type FactName = 'client-name' | 'groups' | 'recipient'
export type Format = 'text' | 'json'

/** One thing that is wrong with a policy, and where. */
export interface Finding {
    readonly severity: 'error' | 'warning' | 'note'
    /** Stable, such as "MR201". */
    readonly id: string
    readonly file: string | null
    /** From 1; 0: the file as a whole. */
    readonly line: number
    readonly column: number
    readonly text: string
    /** What to do about it. */
    readonly hint: string | null
    /** A transaction that shows it (of an audit). */
    readonly witness: string | null
    /** All of it, as people read it. */
    readonly full: string
}

/** Every error of this module but TypeErrors. */
export class MayrelayError extends Error {}
/** A text has a NUL or lone surrogate inside, is too long, or not UTF-8. */
export class TextError extends MayrelayError {}
/** There is nothing to answer, to reset or to resume yet. */
export class StageError extends MayrelayError {}
/** The session has made another decision since. */
export class StaleError extends MayrelayError {}
/** The session, resolver or watch has been closed. */
export class ClosedError extends MayrelayError {}
/** The policy does not load; the message is what `mayrelay lint` prints. */
export class PolicyError extends MayrelayError {
    readonly findings: readonly Finding[]
}

/** What was decided; a copy, which stays as it is.  Like every object it is
 * true: ask it for `accepted`. */
export class Decision {
    private constructor()
    readonly accepted: boolean
    readonly verdict: Verdict
    /** The SMTP code: 250, 451, 550, ... */
    readonly code: number
    /** "5.7.1" */
    readonly enhanced: string
    readonly text: string
    /** The whole line, without line end. */
    readonly reply: string
    /** "relay-denied", "inbound", ... */
    readonly reason: string
    /** "granted", "forbidden", "not-permitted", ... */
    readonly kind: string
    /** The rule that decided, and its place. */
    readonly rule: string | null
    readonly source: string | null
    readonly file: string | null
    readonly line: number
    readonly connector: string | null
    /** Canonical, after reroute: what to deliver to. */
    readonly recipient: string | null
    /** The recipient is not ours, or carries routing. */
    readonly isRelay: boolean
    /** The missing facts: look them up, answer, and resume. */
    readonly needs: readonly FactName[]
    /** The whole why.  Judges again: StaleError if the session has gone on. */
    explain(format?: Format): string
    /** The box around the transaction in which every other is decided alike.
     * StaleError as above. */
    scope(format?: Format): string
    /** Why it is as it is, in 64 bits: decisions by policies of one digest that
     * have the same are alike.  StaleError as above. */
    fingerprint(): bigint
    toString(): string
}

/** Absent or null: not known, not given. */
export interface Facts {
    /** "192.0.2.7", "2001:db8::1" */
    client: string
    /** Our side: "192.0.2.25:25", "[2001:db8::25]:25" */
    listener?: string | null
    clientNames?: Texts | null
    tls?: boolean
    certificate?: Text | null
    identity?: Text | null
    groups?: Texts | null
    /** "" and "<>" are the null sender. */
    sender?: Text | null
    recipient?: Text | null
    recipientExists?: boolean | Failed | null
    /** This host delivers to the decision's recipient. */
    rewrites?: boolean
}

/** Immutable; from `load` and `parse`. */
export class Policy {
    private constructor()
    /** What was found, though it loads. */
    readonly warnings: readonly Finding[]
    /** Of the compiled policy, in hex. */
    readonly digest: string
    /** What the audit has stamped on the image that was loaded. */
    readonly stamp: string | null
    /** Which facts some rule may ask for. */
    readonly facts: readonly FactName[]
    readonly hasReroute: boolean
    /** One SMTP connection. */
    session(options?: { rewrites?: boolean }): Session
    /** One decision, of a session made for it. */
    check(facts: Facts): Decision
    /** Who may relay where, exactly.  A large policy takes its time. */
    audit(options?: AuditOptions): Audit
    /** What `newer`, in its place, would decide differently. */
    diff(newer: Policy): Diff
    /** The transactions that it can tell apart, each with today's decision; at
     * most `limit` (0: 10,000). */
    cases(limit?: number): Cases
    /** Each rule once, in no order that means anything. */
    readonly rules: readonly Rule[]
    /** Writes the image that `load` maps, at once or not at all. */
    save(image: string): void
}

/** One rule of a policy, and its place. */
export interface Rule {
    /** As Decision.rule. */
    readonly name: string
    readonly file: string
    readonly line: number
}

/** All transactions at once; it outlives both policies. */
export class Diff {
    private constructor()
    readonly verdict: 'EQUIVALENT' | 'REPLIES' | 'STRICTER' | 'LOOSER'
        | 'INCOMPARABLE' | 'INCOMPLETE'
    /** Of boxes; null: too many to count. */
    readonly count: bigint | null
    /** Of the first boxes, those gained first. */
    readonly changes: readonly Change[]
    /** A dialogue that the evaluator judges otherwise: a bug of mayrelay's. */
    readonly bug: string | null
    /** Verdict and boxes, at most `limit` of them (100). */
    toText(limit?: number): string
    /** The same as JSON; counts of IPv6 networks do not fit into a number. */
    jsonText(limit?: number): string
    /** The same as an object, with counts as near as numbers are. */
    toJSON(): unknown
}

/** A box of transactions that are decided differently. */
export interface Change {
    readonly effect: 'gained' | 'moved' | 'lost' | 'answer'
    /** A dialogue that both policies have decided. */
    readonly witness: string | null
}

/** A copy; the same policy has the same. */
export interface Cases {
    readonly cases: readonly Case[]
    /** How much of the policy they show: mayrelay/cases.h. */
    readonly extent: 'combinations' | 'classes' | 'partial'
    /** Of classes; null: too many, or not known. */
    readonly combinations: bigint | null
    /** Values that others of their class stand for. */
    readonly leftOut: bigint
}

/** JSON, as `mayrelay check --batch` reads and writes it. */
export interface Case {
    readonly facts: string
    readonly decision: string
}

/** Which entries of a policy's lists the transactions have matched that some
 * sessions have decided. */
export class Coverage {
    constructor(policy: Policy)
    /** What a session of this policy has just decided. */
    add(session: Session): void
    /** Looks at every entry of every list. */
    lists(): readonly ListCoverage[]
}

export interface ListCoverage {
    /** "$drop"; "" for entries that stand in their place. */
    readonly name: string
    /** Of the first entry. */
    readonly file: string | null
    readonly line: number
    readonly entries: number
    readonly matched: number
    /** The entries that nothing has matched. */
    readonly missed: readonly { readonly file: string | null
                                readonly line: number }[]
}

export interface AuditOptions {
    /** Networks of ours ("192.0.2.0/24", an address, a range), whose clients
     * are no strangers. */
    trust?: Iterable<string>
}

/** Whether one kind of people can relay. */
export interface AuditVerdict {
    readonly verdict: 'CLOSED' | 'OPEN' | 'CONDITIONAL' | 'INCOMPLETE'
    /** On what it hangs, or why it is closed. */
    readonly reason: string
    /** An SMTP dialogue that is accepted. */
    readonly witness: string | null
}

/** All transactions at once; it outlives its policy. */
export class Audit {
    private constructor()
    readonly verdicts: Readonly<
        Record<'stranger' | 'account' | 'dns' | 'host', AuditVerdict>>
    /** Strangers and the owners of DNS zones are kept out. */
    readonly isClosed: boolean
    /** A look-up that fails never leads to an accept: that is proven. */
    readonly unknownIsClosed: boolean
    /** A dialogue that the evaluator judges otherwise: a bug of mayrelay's. */
    readonly disagreement: string | null
    readonly findings: readonly Finding[]
    /** Writes the image of the policy as Policy.save does, with the audit as its
     * stamp: `requireClosed` asks that it be closed. */
    save(image: string): void
    /** Verdicts, assumptions, and everybody who may relay. */
    toText(): string
    /** The same as an object, with all networks of each grant. */
    toJSON(): unknown
    /** All this and the findings as one page for people, without scripts. */
    toHTML(): string
}

export interface LoadOptions {
    /** A private copy of an image instead of a map. */
    copy?: boolean
    /** Check the digest of all of an image. */
    verify?: boolean
    /** Only an image that the audit has stamped as closed. */
    requireClosed?: boolean
}

/** YAML, JSON or an image; PolicyError if it does not load. */
export function load(path: string, options?: LoadOptions): Policy
/** The same for a text; `name` stands for the file. */
export function parse(source: Text, name?: string): Policy

/** What came of reading the files. */
export interface Reload {
    /** "done": another policy is in force.  "failed": the old one stays. */
    readonly outcome: 'none' | 'done' | 'failed'
    /** Its warnings, or why it failed. */
    readonly findings: readonly Finding[]
}

export interface WatchOptions extends LoadOptions {
    /** Is told of every reload that did something, or failed.  With it the
     * watch follows its files by itself, as long as the program runs; without
     * call `dispatch`. */
    onReload?: ((reload: Reload) => void) | null
}

/** A policy that follows its files.  What has an error never comes into force.
 */
export class Watch {
    /** PolicyError if it does not load. */
    constructor(path: string, options?: WatchOptions)
    /** Of the policy that was loaded first. */
    readonly warnings: readonly Finding[]
    /** The one in force: ask anew for each connection. */
    readonly policy: Policy
    /** Reads the files if they have changed: for loops of one's own. */
    dispatch(): Reload
    /** Reads the files now, changed or not. */
    reload(): Reload
    /** Policies that were handed out, and their sessions, live on. */
    close(): void
}

/** One SMTP connection.  `connect` clears everything; `tls` the identity,
 * groups, sender and recipient; `auth` the groups, sender and recipient; `mail`
 * the recipient; `rcpt` what was said of the previous one; `reset` sender and
 * recipient.  What throws also leaves a session that accepts nothing. */
export class Session {
    private constructor()
    connect(client: string, listener?: string | null): Decision
    mail(sender: Text): Decision
    rcpt(recipient: Text): Decision
    /** Judges again, with what has been answered since. */
    resume(): Decision
    reset(): void
    /** Encrypted now; the client certificate's SHA-256 in hex, if any. */
    tls(certificate?: Text | null): void
    /** null: anonymous again. */
    auth(identity: Text | null): void
    /** All forward-confirmed host names of the client. */
    clientNames(names: Texts): void
    /** All groups of the identity. */
    groups(groups: Texts): void
    recipientExists(exists: boolean | Failed): void
    /** The client's names as a resolver found them; then resume. */
    take(answer: Answer | null): void
    readonly decision: Decision
    readonly needs: readonly FactName[]
    /** What would have the policy in that file (YAML or JSON, as it is now)
     * accept what was told last.  Tries many edits, so it takes its time.
     * PolicyError: it cannot be read, or changes meanwhile. */
    advise(path: string): Advice
    /** The last decision and all facts behind it as one line for a log (logfmt,
     * or JSON): `mayrelay explain --log` reads it. */
    toLog(format?: Format,
          stamp?: { time?: string | null, id?: string | null }): string
    /** Frees it now; also with `using`.  Else it is freed when it is garbage,
     * but not before the program turns to its events again. */
    close(): void
}

/** What to change in a policy, so that it accepts; a copy. */
export interface Advice {
    /** The least harmful first. */
    readonly edits: readonly Edit[]
    /** Why there is none, or why others were left out. */
    readonly note: string | null
    /** All of it, as people read it. */
    readonly full: string
    readonly json: string
    toString(): string
}

/** One way to have it accepted; what else it changes has been measured. */
export interface Edit {
    /** What to do: "add 10.4.2.7 to $branch-offices". */
    readonly text: string
    /** Where its first step is. */
    readonly file: string | null
    readonly line: number
    /** The same for `patch`, unless lines are too long. */
    readonly patch: string | null
    /** The rule that then grants, if one has to. */
    readonly rule: string | null
    /** What else it opens, moves or closes. */
    readonly radius: string
    /** Which verdicts of the audit get worse. */
    readonly warning: string | null
}

/** What a look-up found. */
export class Answer {
    private constructor()
    /** The names are known, be it that there are none. */
    readonly isKnown: boolean
    readonly names: readonly string[]
    readonly client: string
    /** Of the PTR question: "found", "no-name", "timeout", ... */
    readonly result: string
    readonly ttl: number
    explain(format?: Format): string
}

/** Reverse DNS: the only promises there are. */
export class Resolver {
    constructor(options?: {
        /** "192.0.2.53,127.0.0.1:5353,[::1]:53"; the system's if absent. */
        servers?: string
        deadlineMs?: number
    })
    /** The client's confirmed names. */
    resolve(client: string): Promise<Answer>
    /** The session's decision, once the names are known, if they matter. */
    complete(session: Session, client: string): Promise<Decision>
    /** Whoever still waits gets a ClosedError. */
    close(): void
}
