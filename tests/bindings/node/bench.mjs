// What a call costs in Node, beside one that does nothing.
// usage: node bench.mjs NOOP-LIBRARY
import koffi from 'koffi'

import * as mayrelay from 'mayrelay'

const shape = '(void *policy, const char *client, const char *identity, ' +
    'const char *sender, const char *recipient, void *reply, size_t size)'
const noop = koffi.load(process.argv[2]).func('int binding_noop' + shape)
const bare = koffi.load('libmayrelay.so.0').func('int mayrelay_check' + shape)
const policy = mayrelay.parse(`
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
`)
const reply = Buffer.alloc(512), session = policy.session()
session.connect('10.1.2.3')
session.mail('a@sender.example')

function measure(name, calls, call) {
    for (let i = 0; i < calls / 10; i++)
        call()
    const began = process.hrtime.bigint()
    for (let i = 0; i < calls; i++)
        call()
    const took = Number(process.hrtime.bigint() - began) / calls
    console.log(`node     ${name.padEnd(40)} ${took.toFixed(0).padStart(8)} ns`)
}

measure('a bare call that does nothing', 300_000, () =>
    noop(null, '10.1.2.3', 'alice', 'a@sender.example', 'x@far.example',
         reply, 512))
measure('a bare call of mayrelay_check', 300_000, () =>
    bare(policy._handle, '10.1.2.3', 'alice', 'a@sender.example',
         'x@far.example', reply, 512))
measure('policy.check', 50_000, () => policy.check({
    client: '10.1.2.3', identity: 'alice', sender: 'a@sender.example',
    recipient: 'x@far.example' }))
measure('session.rcpt', 50_000, () => session.rcpt('x@far.example'))
