--- What to change in a policy, so that it accepts: session:advise().
--
--   edits    a list, the least harmful first, each of
--              text          what to do: 'add 10.4.2.7 to $branch-offices'
--              file, line    where its first step is
--              patch         the same for `patch`, unless lines are too long
--              rule          the rule that then grants, if one has to
--              radius        what else it opens, moves or closes
--              warning       which verdicts of the audit get worse
--   note     why there is none, or why others were left out
--   full     all of it, as people read it
--   json
local ffi = require 'ffi'
local findings = require 'mayrelay.findings'
local text = require 'mayrelay.text'
local lib, maybe = text.lib, text.maybe

local Advice = {}
Advice.__index = Advice

function Advice:__tostring()
    return self.full
end

local function edit(handle, index)
    return {
        text = ffi.string(lib.mayrelay_advice_get_text(handle, index)),
        file = maybe(lib.mayrelay_advice_get_file(handle, index)),
        line = lib.mayrelay_advice_get_line(handle, index),
        patch = maybe(lib.mayrelay_advice_get_patch(handle, index)),
        rule = maybe(lib.mayrelay_advice_get_rule(handle, index)),
        radius = maybe(lib.mayrelay_advice_get_radius(handle, index)),
        warning = maybe(lib.mayrelay_advice_get_warning(handle, index)),
    }
end

function Advice.new(session, path)
    local report = ffi.new 'mayrelay_report *[1]'
    local handle = lib.mayrelay_session_advise(
        session, text.terminated(path), report)
    local all = findings.take(report[0])
    if handle == nil then
        findings.refuse(path, all)
    end
    handle = ffi.gc(handle, lib.mayrelay_advice_free)
    local self = setmetatable({
        edits = {},
        note = maybe(lib.mayrelay_advice_get_note(handle)),
        full = text.whole(function(buffer, room)
            return lib.mayrelay_advice_to_text(handle, buffer, room)
        end),
        json = text.whole(function(buffer, room)
            return lib.mayrelay_advice_to_json(handle, buffer, room)
        end),
    }, Advice)
    for index = 0, tonumber(lib.mayrelay_advice_count(handle)) - 1 do
        self.edits[index + 1] = edit(handle, index)
    end
    return self
end

return Advice
