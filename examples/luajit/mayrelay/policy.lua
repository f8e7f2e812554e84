--- The policy: immutable, and shared by any number of sessions.
--
--   warnings    what was found, though it loads: a list of findings
--   digest      of the compiled policy
--   facts       what some rule may ask for, as decision.needs
local ffi = require 'ffi'
local Session = require 'mayrelay.session'
local text = require 'mayrelay.text'
local lib, maybe = text.lib, text.maybe

local Policy = {}
Policy.__index = Policy

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
        full = text.whole(function(buffer, room)
            return lib.mayrelay_report_to_text(report, index, buffer, room)
        end),
    }
end

local function findings(report)
    local all = {}
    for index = 0, tonumber(lib.mayrelay_report_count(report)) - 1 do
        all[#all + 1] = finding(report, index)
    end
    return all
end

local function refuse(name, all)
    local lines = {}
    for index, one in ipairs(all) do
        lines[index] = one.full
    end
    text.raise('policy', #all > 0 and table.concat(lines, '\n')
                         or name .. ': does not load', {findings = all})
end

local function opened(handle, report, name)
    report = ffi.gc(report[0], lib.mayrelay_report_free)
    if handle == nil then
        refuse(name, findings(report))
    end
    return setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_policy_unref),
        warnings = findings(report),
        digest = ffi.string(lib.mayrelay_policy_get_digest(handle)),
        facts = text.facts(lib.mayrelay_policy_get_facts(handle)),
        has_reroute = lib.mayrelay_policy_has_reroute(handle),
    }, Policy)
end

--- YAML, JSON or an image.  An error of kind 'policy' has `findings`, each with
-- file, line, column, text and hint.  options: copy, verify, require_closed.
function Policy.load(path, options)
    options = options or {}
    local flags = (options.copy and lib.MAYRELAY_LOAD_COPY or 0)
        + (options.verify and lib.MAYRELAY_LOAD_VERIFY or 0)
        + (options.require_closed and lib.MAYRELAY_LOAD_REQUIRE_CLOSED or 0)
    local report = ffi.new 'mayrelay_report *[1]'
    text.terminated(path)
    return opened(lib.mayrelay_policy_load(path, flags, report), report, path)
end

--- The same for a text; `name` stands for the file.
function Policy.parse(source, name)
    local report = ffi.new 'mayrelay_report *[1]'
    name = text.terminated(name == nil and 'policy' or name)
    return opened(lib.mayrelay_policy_parse(
        text.octets(source), #source, name, report), report, name)
end

--- options: rewrites.
function Policy:session(options)
    return Session.new(self, options and options.rewrites)
end

local KNOWN = {}
for name in ([[client listener client_names tls certificate identity groups
               sender recipient recipient_exists rewrites]]):gmatch '%S+' do
    KNOWN[name] = true
end

--- One decision, of a session made for it.  facts: client, listener, identity,
-- groups, client_names, tls, certificate, sender, recipient, recipient_exists,
-- rewrites; absent is not known.
function Policy:check(facts)
    for name in pairs(facts) do
        if not KNOWN[name] then
            text.raise('type', 'no fact: ' .. tostring(name))
        end
    end
    local session = Session.new(self, facts.rewrites)
    session:connect(facts.client, facts.listener)
    if facts.tls or facts.certificate ~= nil then
        session:tls(facts.certificate)
    end
    if facts.identity ~= nil then session:auth(facts.identity) end
    if facts.client_names ~= nil then
        session:client_names(facts.client_names)
    end
    if facts.groups ~= nil then session:groups(facts.groups) end
    if facts.sender ~= nil then session:mail(facts.sender) end
    if facts.recipient ~= nil then session:rcpt(facts.recipient) end
    if facts.recipient_exists ~= nil then
        session:recipient_exists(facts.recipient_exists)
    end
    return session:resume()
end

--- Writes the image that load maps, at once or not at all.
function Policy:save(image)
    text.check(lib.mayrelay_policy_save(self.handle, text.terminated(image)))
end

return Policy
