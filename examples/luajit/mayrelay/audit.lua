--- Who may relay where, exactly: all transactions at once.  It outlives its
-- policy.
--
--   verdicts            of stranger, account, dns and host: a table of verdict
--                       ('CLOSED', 'OPEN', 'CONDITIONAL', 'INCOMPLETE'),
--                       reason, and witness: a dialogue that is accepted
--   is_closed           strangers and the owners of DNS zones are kept out
--   unknown_is_closed   a look-up that fails never leads to an accept
--   findings
--   disagreement        a dialogue that the evaluator judges otherwise: a bug of
--                       mayrelay's
local ffi = require 'ffi'
local findings = require 'mayrelay.findings'
local text = require 'mayrelay.text'
local lib = text.lib

local Audit = {}
Audit.__index = Audit

local SOURCES = {lib.MAYRELAY_SOURCE_STRANGER, lib.MAYRELAY_SOURCE_ACCOUNT,
                 lib.MAYRELAY_SOURCE_DNS, lib.MAYRELAY_SOURCE_HOST}

local function trusting(networks)
    local options = ffi.gc(lib.mayrelay_audit_options_new(),
                           lib.mayrelay_audit_options_free)
    if networks ~= nil and type(networks) ~= 'table' then
        text.raise('type', 'trust is a list of networks')
    end
    for _, network in ipairs(networks or {}) do
        text.check(lib.mayrelay_audit_options_trust(
            options, text.terminated(network)))
    end
    return options
end

local function verdict(handle, source)
    return {
        verdict = ffi.string(lib.mayrelay_audit_verdict_name(
            lib.mayrelay_audit_get_verdict(handle, source))),
        reason = ffi.string(lib.mayrelay_audit_get_reason(handle, source)),
        witness = text.maybe(lib.mayrelay_audit_get_witness(handle, source)),
    }
end

function Audit.new(policy, options)
    local report = ffi.new 'mayrelay_report *[1]'
    local handle = lib.mayrelay_policy_audit(
        policy.handle, trusting(options and options.trust), report)
    report = ffi.gc(report[0], lib.mayrelay_report_free)
    if handle == nil then
        text.raise('memory', 'no memory for an audit')
    end
    local self = setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_audit_free),
        report = report,
        verdicts = {},
        is_closed = lib.mayrelay_audit_is_closed(handle),
        unknown_is_closed = lib.mayrelay_audit_unknown_is_closed(handle),
        findings = findings.of(report),
        disagreement = text.maybe(
            lib.mayrelay_audit_get_disagreement(handle)),
    }, Audit)
    for _, source in ipairs(SOURCES) do
        local name = ffi.string(lib.mayrelay_audit_source_name(source))
        self.verdicts[name] = verdict(handle, source)
    end
    return self
end

--- Writes the image of the policy as policy:save does, with the audit as its
-- stamp: require_closed asks that it be closed.
function Audit:save(image)
    text.check(lib.mayrelay_audit_save(self.handle, text.terminated(image)))
end

--- Verdicts, assumptions, and everybody who may relay.
function Audit:to_text()
    return text.whole(function(buffer, room)
        return lib.mayrelay_audit_to_text(self.handle, buffer, room)
    end)
end

--- The same, with all networks of each grant.
function Audit:to_json()
    return text.whole(function(buffer, room)
        return lib.mayrelay_audit_to_json(self.handle, buffer, room)
    end)
end

--- All this and the findings as one page for people, without scripts.
function Audit:to_html()
    return text.whole(function(buffer, room)
        return lib.mayrelay_audit_to_html(self.handle, self.report, buffer,
                                          room)
    end)
end

return Audit
