-- The headers as they stand are what LuaJIT's ffi parses.
-- usage: luajit test_luajit.lua DECLARATIONS LIBRARY
local ffi = require 'ffi'

local file = assert(io.open(arg[1]))
ffi.cdef(file:read '*a')
file:close()
local library = ffi.load(arg[2])

local text = [[
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
]]
local policy = library.mayrelay_policy_parse(text, #text, 'text', nil)
assert(policy ~= nil)
ffi.gc(policy, library.mayrelay_policy_unref)

-- One call.
local reply = ffi.new('char[512]')
local code = library.mayrelay_check(policy, '203.0.113.9', nil, 'a@b.example',
                                    'c@far.example', reply, 512)
assert(code == 550)
assert(ffi.string(reply):find('^550 5%.7%.1 Unable to relay'))

-- One session.
local session = library.mayrelay_session_new(policy)
assert(library.mayrelay_session_connect(session, '10.1.2.3', nil) == 250)
assert(library.mayrelay_session_mail(session, '', 0) == 250)
assert(library.mayrelay_session_rcpt(session, 'c@far.example', 13) == 250)
local decision = library.mayrelay_session_get_decision(session)
assert(library.mayrelay_decision_get_verdict(decision) ==
       library.MAYRELAY_ACCEPT)
assert(ffi.string(library.mayrelay_decision_get_rule(decision)) == 'office')
library.mayrelay_session_free(session)

-- One look-up; nobody answers at port 1.
local resolver = library.mayrelay_resolver_new()
if resolver ~= nil then
    assert(library.mayrelay_resolver_set_servers(resolver, '127.0.0.1:1') == 0)
    local answer = library.mayrelay_resolver_resolve(resolver, '2001:db8::1',
                                                     5000)
    assert(not library.mayrelay_dns_answer_is_known(answer))
    assert(library.mayrelay_dns_answer_count(answer) == 0)
    library.mayrelay_dns_answer_free(answer)
    library.mayrelay_resolver_free(resolver)
end

print('3 passed, 0 failed')
