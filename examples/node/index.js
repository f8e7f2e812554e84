// mayrelay: may this client hand us this recipient?
//
// index.d.ts has the types, and says what everything does.
export { FAILED, Session } from './lib/session.js'
export { Decision } from './lib/decision.js'
export { Audit } from './lib/audit.js'
export { Coverage } from './lib/cases.js'
export { Diff } from './lib/diff.js'
export { Policy, load, parse } from './lib/policy.js'
export { Answer, Resolver } from './lib/resolver.js'
export { Watch } from './lib/watch.js'
export { ClosedError, MayrelayError, PolicyError, StageError, StaleError,
         TextError } from './lib/errors.js'
export { version } from './lib/text.js'
