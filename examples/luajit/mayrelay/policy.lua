--- The policy: immutable, and shared by any number of sessions.
--
--   warnings    what was found, though it loads: a list of findings
--   digest      of the compiled policy
--   stamp       the audit's, of an image that has one
--   facts       what some rule may ask for, as decision.needs
local ffi = require 'ffi'
local Audit = require 'mayrelay.audit'
local cases = require 'mayrelay.cases'
local Diff = require 'mayrelay.diff'
local findings = require 'mayrelay.findings'
local Session = require 'mayrelay.session'
local text = require 'mayrelay.text'
local lib = text.lib

local Policy = {}
Policy.__index = Policy

--- The policy of a reference that is ours.
function Policy.owned(handle, warnings)
    return setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_policy_unref),
        warnings = warnings,
        digest = ffi.string(lib.mayrelay_policy_get_digest(handle)),
        stamp = text.maybe(lib.mayrelay_policy_get_stamp(handle)),
        facts = text.facts(lib.mayrelay_policy_get_facts(handle)),
        has_reroute = lib.mayrelay_policy_has_reroute(handle),
    }, Policy)
end

local function opened(handle, report, name)
    local all = findings.take(report[0])
    if handle == nil then
        findings.refuse(name, all)
    end
    return Policy.owned(handle, all)
end

--- Of options: copy, verify, require_closed.
function Policy.load_flags(options)
    options = options or {}
    return (options.copy and lib.MAYRELAY_LOAD_COPY or 0)
        + (options.verify and lib.MAYRELAY_LOAD_VERIFY or 0)
        + (options.require_closed and lib.MAYRELAY_LOAD_REQUIRE_CLOSED or 0)
end

--- YAML, JSON or an image.  An error of kind 'policy' has `findings`.
-- options: copy, verify, require_closed.
function Policy.load(path, options)
    local report = ffi.new 'mayrelay_report *[1]'
    text.terminated(path)
    return opened(lib.mayrelay_policy_load(path, Policy.load_flags(options),
                                           report), report, path)
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

--- Who may relay where, exactly: see mayrelay.audit.  options: trust, a list of
-- networks of ours, whose clients are no strangers.
function Policy:audit(options)
    return Audit.new(self, options)
end

--- What `new`, in its place, would decide differently: see mayrelay.diff.
function Policy:diff(new)
    return Diff.new(self, new)
end

--- The transactions that it can tell apart, each with today's decision, at most
-- `limit` (10,000): see mayrelay.cases.
function Policy:cases(limit)
    return cases.new(self, limit)
end

--- Each rule once, in no order that means anything: a list of name, file, line.
function Policy:rules()
    local all, handle = {}, self.handle
    for index = 0, tonumber(lib.mayrelay_policy_count_rules(handle)) - 1 do
        all[#all + 1] = {
            name = ffi.string(lib.mayrelay_policy_get_rule(handle, index)),
            file = ffi.string(lib.mayrelay_policy_get_rule_file(handle, index)),
            line = lib.mayrelay_policy_get_rule_line(handle, index),
        }
    end
    return all
end

--- Writes the image that load maps, at once or not at all.
function Policy:save(image)
    text.check(lib.mayrelay_policy_save(self.handle, text.terminated(image)))
end

return Policy
