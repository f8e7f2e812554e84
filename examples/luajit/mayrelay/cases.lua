--- The transactions that a policy can tell apart: policy:cases(), a list of
-- facts and decision, which are JSON as `mayrelay check --batch` has them.
--
--   extent          'combinations', 'classes' or 'partial': mayrelay/cases.h
--   combinations    of classes, an uint64_t; nil: too many, or not known
--   left_out        values that others of their class stand for
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib = text.lib

local M = {}

local UNKNOWN = 0xffffffffffffffffULL

--- limit: how many, at most; 10,000 if absent.
function M.new(policy, limit)
    local handle = lib.mayrelay_policy_cases(
        policy.handle, text.count(limit == nil and 0 or limit))
    if handle == nil then
        text.raise('memory', 'no memory for cases')
    end
    handle = ffi.gc(handle, lib.mayrelay_cases_free)
    local combinations = lib.mayrelay_cases_get_combinations(handle)
    local all = {
        extent = ffi.string(lib.mayrelay_cases_extent_name(
            lib.mayrelay_cases_get_extent(handle))),
        combinations = combinations ~= UNKNOWN and combinations or nil,
        left_out = lib.mayrelay_cases_get_left_out(handle),
    }
    for index = 0, tonumber(lib.mayrelay_cases_count(handle)) - 1 do
        all[index + 1] = {
            facts = ffi.string(lib.mayrelay_cases_get_facts(handle, index)),
            decision = ffi.string(
                lib.mayrelay_cases_get_decision(handle, index)),
        }
    end
    return all
end

return M
