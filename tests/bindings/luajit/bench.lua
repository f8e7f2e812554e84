-- What a call costs in LuaJIT, beside one that does nothing.
-- usage: luajit bench.lua NOOP-LIBRARY
local ffi = require 'ffi'
local mayrelay = require 'mayrelay'

ffi.cdef [[int binding_noop(void *, const char *, const char *, const char *,
                            const char *, char *, size_t);]]
local noop, lib = ffi.load(arg[1]), ffi.load 'libmayrelay.so.0'
local policy = mayrelay.parse [[
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
]]
local session, reply = policy:session(), ffi.new 'char[512]'
session:connect '10.1.2.3'
session:mail 'a@sender.example'

local function measure(name, calls, call)
    for _ = 1, 1000 do call() end
    local began = os.clock()
    for _ = 1, calls do call() end
    local took = (os.clock() - began) / calls * 1e9
    print(string.format('luajit   %-40s %8.1f ns', name, took))
end

measure('a bare call that does nothing', 1e7, function()
    return noop.binding_noop(nil, '10.1.2.3', 'alice', 'a@sender.example',
                             'x@far.example', reply, 512)
end)
measure('a bare call of mayrelay_check', 1e6, function()
    return lib.mayrelay_check(policy.handle, '10.1.2.3', 'alice',
                              'a@sender.example', 'x@far.example', reply, 512)
end)
local facts = {client = '10.1.2.3', identity = 'alice',
               sender = 'a@sender.example', recipient = 'x@far.example'}
measure('policy:check: a session and a decision', 1e5, function()
    return policy:check(facts)
end)
measure('session:rcpt', 1e5, function()
    return session:rcpt 'x@far.example'
end)
