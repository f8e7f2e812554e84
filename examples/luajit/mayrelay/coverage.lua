--- Which entries of a policy's lists the transactions have matched that some
-- sessions have decided: mayrelay.coverage(policy).
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib = text.lib

local Coverage = {}
Coverage.__index = Coverage

function Coverage.new(policy)
    local handle = lib.mayrelay_coverage_new(text.policy(policy))
    if handle == nil then
        text.raise('memory', 'no memory for coverage')
    end
    return setmetatable({handle = ffi.gc(handle, lib.mayrelay_coverage_free)},
                        Coverage)
end

--- What a session of this policy has just decided.
function Coverage:add(session)
    text.check(lib.mayrelay_coverage_add(
        self.handle, type(session) == 'table' and session.handle or nil))
end

local function list(handle, index)
    local entries = tonumber(
        lib.mayrelay_coverage_get_list_entries(handle, index))
    local matched = tonumber(
        lib.mayrelay_coverage_get_list_matched(handle, index))
    local missed = {}
    for number = 0, entries - matched - 1 do
        missed[number + 1] = {
            file = text.maybe(lib.mayrelay_coverage_get_missed_file(
                handle, index, number)),
            line = lib.mayrelay_coverage_get_missed_line(handle, index, number),
        }
    end
    return {
        name = ffi.string(lib.mayrelay_coverage_get_list(handle, index)),
        file = text.maybe(lib.mayrelay_coverage_get_list_file(handle, index)),
        line = lib.mayrelay_coverage_get_list_line(handle, index),
        entries = entries, matched = matched, missed = missed,
    }
end

--- Looks at every entry of every list: a list of
--
--   name             '$drop', or '' for entries that stand in their place
--   file, line       of the first entry
--   entries, matched
--   missed           the entries that nothing has matched: a list of file, line
function Coverage:lists()
    local all, handle = {}, self.handle
    text.check(lib.mayrelay_coverage_count(handle))
    for index = 0, tonumber(lib.mayrelay_coverage_count_lists(handle)) - 1 do
        all[index + 1] = list(handle, index)
    end
    return all
end

return Coverage
