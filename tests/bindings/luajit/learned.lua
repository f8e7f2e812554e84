-- Scopes, advice, cases and coverage: lifetimes, and bad input.  That they say
-- what the C library says is in the replay.
local mayrelay = require 'mayrelay'
local count = require 'expect'
local expect, raises = count.expect, count.raises

local POLICY = [[
mayrelay: 1
domains: {inbound: [example.com]}
lists: {branches: [192.0.2.0/24, 198.51.100.7]}
relay:
  allow:
    - {name: office, clients: [$branches]}
]]
local FILE = 'learned.yaml'

local function write(text)
    local file = assert(io.open(FILE, 'w'))
    file:write(text)
    file:close()
end

local function collected()
    collectgarbage() collectgarbage()
end

local function refused()
    local session = mayrelay.load(FILE):session()
    session:connect '203.0.113.9'
    session:mail 'a@b.example'
    expect(not session:rcpt('c@far.example').accepted, 'refused')
    return session
end

local function scopes()
    local session = refused()
    local decision = session:decision()
    expect(decision:scope():find '^connector default; client ', 'scope')
    expect(decision:scope('json'):find(decision:fingerprint(), 1, true), 'json')
    raises('type', decision.scope, decision, 'html')
    session:reset()
    raises('stale', decision.scope, decision)
    raises('stale', decision.fingerprint, decision)
end

local function advice()
    local session = refused()
    local advice = session:advise(FILE)
    local first = advice.edits[1]
    expect(tostring(advice):find(first.text, 1, true), 'text')
    expect(first.file == FILE and first.line > 0 and #first.radius > 0, 'edit')
    for _, path in ipairs {5, {}, print, true} do
        raises('type', session.advise, session, path)
    end
    raises('type', session.advise, session)
    raises('text', session.advise, session, 'a\0b')
    for _, path in ipairs {'', '/nowhere', '\237\160\128', ('x'):rep(10^7)} do
        raises('policy', session.advise, session, path)
    end
    expect(not session:decision().accepted, 'as it was')
    session:close()
    raises('closed', session.advise, session, FILE)
end

local function cases()
    local all = mayrelay.load(FILE):cases()
    collected()
    expect(all.extent == 'combinations' and #all > 1, 'extent')
    expect(all[1].facts:find '"client":' and all[1].decision:find '"code":',
           'JSON')
    local policy = mayrelay.load(FILE)
    expect(#policy:cases(2) == 2, 'limit')
    for _, limit in ipairs {-1, 0.5, 2^60, 0/0, 1/0, '5', {}, true} do
        raises('type', policy.cases, policy, limit)
    end
end

local function diffs()
    local old = mayrelay.load(FILE)
    local new = mayrelay.parse((POLICY:gsub('192.0.2.0/24', '192.0.2.0/23')))
    local diff, back = old:diff(new), new:diff(old)
    expect(old:diff(mayrelay.load(FILE)).verdict == 'EQUIVALENT', 'the same')
    for _, value in ipairs {5, 'text', {}, true, print, diff, old:session()} do
        raises('type', old.diff, old, value)
    end
    raises('type', old.diff, old)
    old, new = nil, nil
    collected()
    expect(diff.verdict == 'LOOSER' and back.verdict == 'STRICTER', 'verdict')
    expect(diff.count == #diff.changes and diff.count > 0 and not diff.bug,
           'boxes')
    expect(diff.changes[1].effect == 'gained'
           and diff.changes[1].witness:find 'RCPT TO', 'a witness')
    expect(#diff:to_text() > 0 and diff:to_json():sub(1, 1) == '{', 'text')
    for _, limit in ipairs {-1, 0.5, 2^60, 0/0, 1/0, '5', {}, true} do
        raises('type', diff.to_text, diff, limit)
    end
end

local function coverage()
    local policy = mayrelay.load(FILE)
    local coverage, session = mayrelay.coverage(policy), policy:session()
    raises('stage', coverage.add, coverage, session)
    session:connect '192.0.2.7'
    coverage:add(session)
    policy = nil
    collected()
    local found
    for _, list in ipairs(coverage:lists()) do
        found = list.name == '$branches' and list or found
    end
    expect(found.entries == 2 and found.matched == 1, 'counted')
    expect(#found.missed == 1 and found.missed[1].line == 3, 'missed')
    raises('argument', coverage.add, coverage, refused())
    raises('argument', coverage.add, coverage, 5)
    raises('argument', coverage.add, coverage)
    session:close()
    raises('argument', coverage.add, coverage, session)
    for _, value in ipairs {5, 'text', true} do
        raises('type', mayrelay.coverage, value)
    end
    raises('type', mayrelay.coverage, {})
end

local function logs()
    local session = refused()
    expect(session:to_log('text', '12:00', '7'):find(
        '^mayrelay=1 time=12:00 id=7 '), 'logfmt')
    expect(session:to_log('json'):sub(1, 1) == '{', 'JSON')
    raises('type', session.to_log, session, 'html')
    raises('type', session.to_log, session, 'text', 5)
    raises('type', session.to_log, session, 'text', nil, {})
    raises('text', session.to_log, session, 'text', 'a\0b')
    expect(#session:to_log('text', ('x'):rep(10^6)) > 10^5, 'huge')
end

local function html()
    local audit = mayrelay.load(FILE):audit()
    collected()
    expect(audit:to_html():find '^<!DOCTYPE html>', 'html')
    expect(audit.disagreement == nil, 'agreement')
end

write(POLICY)
scopes()
advice()
cases()
diffs()
coverage()
logs()
html()
count.summary()
