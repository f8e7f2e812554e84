--- Accept, defer or reject, the reply, and why: a copy, which stays as it is.
--
--   accepted    boolean: ask this one
--   verdict     'accept', 'defer', 'reject'
--   code, enhanced, text, reply
--   reason, kind
--   rule, file, line, connector, recipient    nil where there is none
--   is_relay
--   needs       {['client-name'] = true, groups = true, recipient = true}
local bit = require 'bit'
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib, maybe = text.lib, text.maybe

local Decision = {}
Decision.__index = Decision

function Decision.new(session, handle)
    local verdict = lib.mayrelay_decision_get_verdict(handle)
    return setmetatable({
        session = session,
        serial = session.serial,
        accepted = verdict == lib.MAYRELAY_ACCEPT,
        verdict = ffi.string(lib.mayrelay_verdict_name(verdict)),
        code = lib.mayrelay_decision_get_code(handle),
        enhanced = ffi.string(lib.mayrelay_decision_get_enhanced(handle)),
        text = ffi.string(lib.mayrelay_decision_get_text(handle)),
        reply = ffi.string(lib.mayrelay_decision_get_reply(handle)),
        reason = ffi.string(lib.mayrelay_reason_name(
            lib.mayrelay_decision_get_reason(handle))),
        kind = ffi.string(lib.mayrelay_kind_name(
            lib.mayrelay_decision_get_kind(handle))),
        rule = maybe(lib.mayrelay_decision_get_rule(handle)),
        file = maybe(lib.mayrelay_decision_get_file(handle)),
        line = lib.mayrelay_decision_get_line(handle),
        connector = maybe(lib.mayrelay_decision_get_connector(handle)),
        recipient = maybe(lib.mayrelay_decision_get_recipient(handle)),
        is_relay = lib.mayrelay_decision_get_is_relay(handle),
        needs = text.facts(lib.mayrelay_decision_get_needs(handle)),
    }, Decision)
end

function Decision:__tostring()
    return self.reply
end

-- They judge again, so the session must not have gone on.
local function current(self)
    local session = self.session
    if session.serial ~= self.serial or not session.handle then
        text.raise('stale', 'the session has gone on since')
    end
    return lib.mayrelay_session_get_decision(session.handle)
end

local function printed(self, call, format)
    local number, handle = text.format(format), current(self)
    return text.whole(function(buffer, room)
        return call(handle, number, buffer, room)
    end)
end

--- The whole why, as 'text' or 'json'.
function Decision:explain(format)
    return printed(self, lib.mayrelay_decision_explain, format)
end

--- The box around the transaction in which every other is decided alike, as
-- 'text' or 'json'.
function Decision:scope(format)
    return printed(self, lib.mayrelay_decision_scope, format)
end

--- Why the decision is as it is, as a number of 64 bits in hex: decisions by
-- policies of one digest that have the same are alike.
function Decision:fingerprint()
    return bit.tohex(lib.mayrelay_decision_get_fingerprint(current(self)))
end

--- One JSON object, on one line.
function Decision:to_json()
    local handle = current(self)
    return text.whole(function(buffer, room)
        return lib.mayrelay_decision_to_json(handle, buffer, room)
    end)
end

return Decision
