--- What a change of the policy changes, exactly: old:diff(new).  It outlives
-- both.
--
--   verdict    'EQUIVALENT', 'STRICTER', 'LOOSER', ...: mayrelay/diff.h
--   count      of boxes, an uint64_t; nil: too many to count
--   changes    of the first boxes, those gained first, a list of effect
--              ('gained', 'moved', 'lost', 'answer') and witness
--   bug        a dialogue that the evaluator judges otherwise: one of mayrelay's
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib = text.lib

local Diff = {}
Diff.__index = Diff

local TOO_MANY = 0xffffffffffffffffULL

function Diff.new(old, new)
    local handle = lib.mayrelay_policy_diff(text.policy(old), text.policy(new))
    if handle == nil then
        text.raise('memory', 'no memory for a diff')
    end
    local count = lib.mayrelay_diff_count(handle)
    local self = setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_diff_free),
        verdict = ffi.string(lib.mayrelay_diff_verdict_name(
            lib.mayrelay_diff_get_verdict(handle))),
        count = count ~= TOO_MANY and count or nil,
        changes = {},
        bug = text.maybe(lib.mayrelay_diff_get_bug(handle)),
    }, Diff)
    for index = 0, tonumber(lib.mayrelay_diff_count_shown(handle)) - 1 do
        self.changes[index + 1] = {
            effect = ffi.string(lib.mayrelay_diff_effect_name(
                lib.mayrelay_diff_get_effect(handle, index))),
            witness = text.maybe(lib.mayrelay_diff_get_witness(handle, index)),
        }
    end
    return self
end

local function printed(self, call, limit)
    limit = text.count(limit == nil and 100 or limit)
    return text.whole(function(buffer, room)
        return call(self.handle, limit, buffer, room)
    end)
end

--- Verdict and boxes, at most `limit` of them (100).
function Diff:to_text(limit)
    return printed(self, lib.mayrelay_diff_to_text, limit)
end

function Diff:to_json(limit)
    return printed(self, lib.mayrelay_diff_to_json, limit)
end

return Diff
