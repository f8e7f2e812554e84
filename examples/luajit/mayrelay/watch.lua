--- A policy that follows its files.
--
-- Poll `fd()` for reading, and `dispatch()` when it can be read; take `policy()`
-- for each connection.  What has an error never comes into force.  Make it
-- behind a fork.
--
--   warnings    of the policy that was loaded first
local ffi = require 'ffi'
local findings = require 'mayrelay.findings'
local Policy = require 'mayrelay.policy'
local text = require 'mayrelay.text'
local lib = text.lib

local Watch = {}
Watch.__index = Watch

local OUTCOMES = {[0] = 'none', 'done', 'failed'}

--- Loads it as mayrelay.load does; options as there.
function Watch.new(path, options)
    local report = ffi.new 'mayrelay_report *[1]'
    text.terminated(path)
    local handle = lib.mayrelay_watch_new(path, Policy.load_flags(options),
                                          report)
    local all = findings.take(report[0])
    if handle == nil then
        findings.refuse(path, all)
    end
    return setmetatable({handle = ffi.gc(handle, lib.mayrelay_watch_free),
                         warnings = all}, Watch)
end

local function open(self)
    return self.handle or text.raise('closed', 'the watch is closed')
end

function Watch:fd()
    return lib.mayrelay_watch_get_fd(open(self))
end

--- The policy in force: the same table as long as it is.
function Watch:policy()
    local handle = open(self)
    self.in_force = self.in_force
        or Policy.owned(lib.mayrelay_watch_ref_policy(handle), {})
    return self.in_force
end

local function read(self, call)
    local report = ffi.new 'mayrelay_report *[1]'
    local outcome = OUTCOMES[tonumber(call(open(self), report))]
    if outcome == 'done' then
        self.in_force = nil
    end
    return {outcome = outcome, findings = findings.take(report[0])}
end

--- To call when the descriptor can be read; at other times it does no harm.
-- A table of outcome ('none'; 'done': another policy is in force; 'failed': the
-- old one stays) and findings.
function Watch:dispatch()
    return read(self, lib.mayrelay_watch_dispatch)
end

--- Reads the files now, changed or not; as dispatch.
function Watch:reload()
    return read(self, lib.mayrelay_watch_reload)
end

--- Policies that were handed out, and their sessions, live on.
function Watch:close()
    local handle = self.handle
    self.handle, self.in_force = nil, nil
    if handle then
        lib.mayrelay_watch_free(ffi.gc(handle, nil))
    end
end

return {new = Watch.new}
