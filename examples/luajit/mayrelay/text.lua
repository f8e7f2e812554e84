--- Texts on their way into the library and out of it; and errors.
local bit = require 'bit'
local ffi = require 'ffi'
require 'mayrelay.declarations'
local lib = ffi.load 'libmayrelay.so.0'

local M = {lib = lib, FAILED = setmetatable({}, {__tostring = function()
    return 'mayrelay.FAILED'
end})}

local Error = {__tostring = function(self) return self.message end}

--- Raises {kind = 'text', 'stage', 'memory', 'policy', ..., message = ...}.
function M.raise(kind, message, more)
    more = more or {}
    more.kind, more.message = kind, message
    error(setmetatable(more, Error), 0)
end

local KINDS = {
    [tonumber(lib.MAYRELAY_ERR_ARGUMENT)] = 'argument',
    [tonumber(lib.MAYRELAY_ERR_MEMORY)] = 'memory',
    [tonumber(lib.MAYRELAY_ERR_TEXT)] = 'text',
    [tonumber(lib.MAYRELAY_ERR_STAGE)] = 'stage',
    [tonumber(lib.MAYRELAY_ERR_IO)] = 'io',
}

--- Nothing for MAYRELAY_OK.
function M.check(status)
    status = tonumber(status)
    if status ~= 0 then
        M.raise(KINDS[status] or 'argument',
                ffi.string(lib.mayrelay_status_text(status)))
    end
end

function M.octets(value)
    if type(value) ~= 'string' then
        M.raise('type', 'a string, not a ' .. type(value))
    end
    return value
end

--- For calls whose texts end in NUL, and would be cut at one.
function M.terminated(value)
    if M.octets(value):find('\0', 1, true) then
        M.raise('text', 'a NUL inside the text')
    end
    return value
end

function M.maybe(pointer)
    if pointer ~= nil then
        return ffi.string(pointer)
    end
end

--- What a call prints into a buffer, however long: it is asked again with as
-- much room as it said it needs.
function M.whole(write)
    local room = 4096
    while true do
        local buffer = ffi.new('char[?]', room)
        local needed = tonumber(write(buffer, room))
        if needed < room then
            return ffi.string(buffer, needed)
        end
        room = needed + 1
    end
end

--- A number that stands for a size.
function M.count(value)
    if type(value) ~= 'number' or value < 0 or value % 1 ~= 0
       or value > 2^53 then
        M.raise('type', 'not a count')
    end
    return value
end

--- The handle of one.
function M.policy(value)
    return type(value) == 'table'
        and ffi.istype('mayrelay_policy *', value.handle) and value.handle
        or M.raise('type', 'not a policy')
end

M.FORMATS = {text = lib.MAYRELAY_TEXT, json = lib.MAYRELAY_JSON}

function M.format(name)
    return M.FORMATS[name or 'text'] or M.raise('type', "'text' or 'json'")
end

local FACTS = {}
for _, fact in ipairs {lib.MAYRELAY_FACT_CLIENT_NAME, lib.MAYRELAY_FACT_GROUPS,
                       lib.MAYRELAY_FACT_RECIPIENT} do
    FACTS[tonumber(fact)] = ffi.string(lib.mayrelay_fact_name(fact))
end

--- {['client-name'] = true, ...} of a set of facts.
function M.facts(set)
    local facts = {}
    if set ~= 0 then
        for fact, name in pairs(FACTS) do
            facts[name] = bit.band(set, fact) ~= 0 or nil
        end
    end
    return facts
end

function M.version()
    return ffi.string(lib.mayrelay_version())
end

return M
