--- What is wrong with a policy: a list of
--
--   severity    'error', 'warning', 'note'
--   id          stable, such as 'MR201'
--   file, line, column    from 1; 0: the file as a whole
--   text, hint, witness   the last of an audit
--   full        all of it, as people read it
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib, maybe = text.lib, text.maybe

local M = {}

local SEVERITIES = {[0] = 'note', 'warning', 'error'}

local function finding(report, index)
    return {
        severity = SEVERITIES[tonumber(
            lib.mayrelay_report_get_severity(report, index))] or 'error',
        id = ffi.string(lib.mayrelay_report_get_id(report, index)),
        file = maybe(lib.mayrelay_report_get_file(report, index)),
        line = lib.mayrelay_report_get_line(report, index),
        column = lib.mayrelay_report_get_column(report, index),
        text = ffi.string(lib.mayrelay_report_get_text(report, index)),
        hint = maybe(lib.mayrelay_report_get_hint(report, index)),
        witness = maybe(lib.mayrelay_report_get_witness(report, index)),
        full = text.whole(function(buffer, room)
            return lib.mayrelay_report_to_text(report, index, buffer, room)
        end),
    }
end

function M.of(report)
    local all = {}
    for index = 0, tonumber(lib.mayrelay_report_count(report)) - 1 do
        all[#all + 1] = finding(report, index)
    end
    return all
end

--- Of a report that is ours, or NULL.
function M.take(report)
    return M.of(ffi.gc(report, lib.mayrelay_report_free))
end

--- The error that they are.
function M.refuse(name, all)
    local lines = {}
    for index, one in ipairs(all) do
        lines[index] = one.full
    end
    text.raise('policy', #all > 0 and table.concat(lines, '\n')
                         or name .. ': does not load', {findings = all})
end

return M
