--- mayrelay for LuaJIT: may this client hand us this recipient?
--
--     local mayrelay = require 'mayrelay'
--     local policy = mayrelay.load 'policy.yaml'
--     local decision = policy:check {client = '203.0.113.9',
--         sender = 'a@sender.example', recipient = 'kate@far.example'}
--     if decision.accepted then ... end
--     print(decision.reply)
--
-- Whatever goes wrong is an error, a table that prints itself, and leaves a
-- session that accepts nothing.  In Lua every table is true: ask a decision for
-- `accepted`.
local Coverage = require 'mayrelay.coverage'
local Policy = require 'mayrelay.policy'
local Resolver = require 'mayrelay.resolver'
local Watch = require 'mayrelay.watch'
local text = require 'mayrelay.text'

return {
    load = Policy.load,
    parse = Policy.parse,
    coverage = Coverage.new,
    resolver = Resolver.new,
    watch = Watch.new,
    FAILED = text.FAILED, -- in the place of an answer: the look-up failed
    version = text.version,
}
