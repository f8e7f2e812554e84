// Only compiled: what index.d.ts allows, and what it does not.
import * as mayrelay from 'mayrelay'

const policy: mayrelay.Policy = mayrelay.load('policy.yaml', { copy: true })
const decision = policy.check({
    client: '192.0.2.7', sender: Buffer.from('a@b.example'),
    recipient: 'c@far.example', groups: new Set(['admins']),
    clientNames: mayrelay.FAILED, recipientExists: null })
const verdict: 'accept' | 'defer' | 'reject' = decision.verdict
const rule: string | null = decision.rule
const session = policy.session({ rewrites: true })
const code: number = session.rcpt('c@far.example').code
session.recipientExists(mayrelay.FAILED)

const audit = policy.audit({ trust: ['192.0.2.0/24'] })
const witness: string | null = audit.verdicts.stranger.witness
const change: string | null = policy.diff(policy).changes[0].witness
const first: string = policy.cases(10).cases[0].facts
const radius: string = session.advise('policy.yaml').edits[0].radius
const number: bigint = decision.fingerprint()
const missed: number = new mayrelay.Coverage(policy).lists()[0].missed[0].line
const places: string[] = policy.rules.map(it => `${it.file}:${it.line}`)
const watch = new mayrelay.Watch('policy.yaml', {
    verify: true, onReload: reload => console.log(reload.outcome) })
const inForce: mayrelay.Policy = watch.policy

async function later(resolver: mayrelay.Resolver): Promise<string> {
    return (await resolver.complete(session, '192.0.2.7')).reply
}

// @ts-expect-error: no client
policy.check({ recipient: 'c@far.example' })
// @ts-expect-error: a number is no text
session.rcpt(5)
// @ts-expect-error: one text is no list
session.groups(5)
// @ts-expect-error: decisions are not made
new mayrelay.Decision()
// @ts-expect-error: nor changed
decision.accepted = true
// @ts-expect-error: no such format
decision.explain('html')
// @ts-expect-error: nobody of that name
audit.verdicts.friend
// @ts-expect-error: a network is a string
policy.audit({ trust: [5] })
// @ts-expect-error: a watch says which policy is in force
watch.policy = policy
// @ts-expect-error: a path is no policy
policy.diff('policy.yaml')
// @ts-expect-error: diffs are not made
new mayrelay.Diff(policy, policy)
// @ts-expect-error: a promise is no decision
later(new mayrelay.Resolver()).reply

export { verdict, rule, code, witness, places, inForce, change, first, radius, number,
         missed }
