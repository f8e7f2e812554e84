-- Audits, and a policy that follows its files.
local ffi = require 'ffi'
local mayrelay = require 'mayrelay'
local count = require 'expect'
local expect, raises = count.expect, count.raises

local WIDE = [[
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/24]}
    - {name: wide, clients: [32.0.0.0/3]}
]]
local OPEN = [[
mayrelay: 1
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
]]
local SHUT = 'mayrelay: 1\n'
local BAD = 'mayrelay: 1\nrelay: {alow: []}\n'
local PATIENCE = 30 -- seconds, for what takes a tenth of one

ffi.cdef [[
struct pollfd { int fd; short events, revents; };
int poll(struct pollfd *, unsigned long, int);
]]
local POLLIN = 1

local file = 'followed.yaml'

local function replace(text)
    local new = assert(io.open(file .. '.new', 'w'))
    new:write(text)
    new:close()
    assert(os.rename(file .. '.new', file))
end

local function names(policy)
    local all = {}
    for index, rule in ipairs(policy:rules()) do
        all[index] = rule.name
    end
    table.sort(all)
    return table.concat(all, ' ')
end

local function collected()
    collectgarbage() collectgarbage()
end

-- -- audits and rules --------------------------------------------------------

local function audits()
    local policy = mayrelay.parse(WIDE, 'policy.yaml')
    local audit = policy:audit()
    local stranger, host = audit.verdicts.stranger, audit.verdicts.host
    expect(stranger.verdict == 'OPEN' and #stranger.reason > 0
           and stranger.witness:find 'RCPT TO', 'a witness')
    expect(host.verdict == 'CLOSED' and host.witness == nil
           and audit.unknown_is_closed, 'closed')
    expect(audit.verdicts.account and audit.verdicts.dns, 'sources')
    local shown = false
    for _, one in ipairs(audit.findings) do
        shown = shown or one.severity == 'error' and one.witness ~= nil
    end
    expect(shown, 'findings')
    expect(audit:to_text():find('192.0.2.0/24', 1, true), 'text')
    expect(audit:to_json():sub(1, 1) == '{', 'JSON')
    local trusted = policy:audit {trust = {'32.0.0.0/3', '192.0.2.0/24'}}
    expect(trusted.verdicts.stranger.verdict == 'CLOSED', 'trust')
    policy = nil
    collected()
    expect(#audit:to_json() > 0, 'outlives its policy')
end

local function rules()
    local policy = mayrelay.parse(WIDE, 'policy.yaml')
    expect(names(policy) == 'office wide', 'rules')
    local one = policy:rules()[1]
    expect(one.file == 'policy.yaml'
           and one.line == (one.name == 'office' and 5 or 6), 'file and line')
    expect(#mayrelay.parse(SHUT):rules() == 0, 'none')
end

local function stamps()
    local image, options = 'stamped.mrp', {require_closed = true}
    local wide = mayrelay.parse(WIDE)
    wide:audit():save(image)
    expect(not wide:audit().is_closed and wide.stamp == nil
           and mayrelay.load(image).stamp, 'a stamp')
    raises('policy', mayrelay.load, image, options)
    local closed = mayrelay.parse(SHUT):audit()
    closed:save(image)
    expect(closed.is_closed and mayrelay.load(image, options).stamp, 'closed')
    raises('io', closed.save, closed, '/nowhere/policy.mrp')
    raises('text', closed.save, closed, 'a\0b')
    raises('type', closed.save, closed, 5)
    os.remove(image)
end

local function wrong_audits()
    local policy = mayrelay.parse(WIDE)
    for _, trust in ipairs {'192.0.2.1', 5, true, print, {5}, {{}}} do
        raises('type', policy.audit, policy, {trust = trust})
    end
    for _, network in ipairs {'nonsense', '192.0.2.1\0', '\237\160\128',
                              ('1'):rep(10000000)} do
        raises('text', policy.audit, policy, {trust = {network}})
    end
end

-- -- watches -----------------------------------------------------------------

local function dispatched(watch)
    local fds = ffi.new('struct pollfd[1]', {{watch:fd(), POLLIN}})
    local ends = os.time() + PATIENCE
    while os.time() < ends do
        ffi.C.poll(fds, 1, 1000)
        local reload = watch:dispatch()
        if reload.outcome ~= 'none' then
            return reload
        end
    end
    error 'nothing has changed'
end

local function in_a_loop()
    replace(OPEN)
    local watch = mayrelay.watch(file)
    local first = watch:policy()
    expect(names(first) == 'office' and watch:policy() == first, 'the first')
    expect(watch:dispatch().outcome == 'none', 'none')
    replace(SHUT)
    local done = dispatched(watch)
    expect(done.outcome == 'done' and #done.findings == 1, 'done')
    expect(names(watch:policy()) == '' and names(first) == 'office', 'both')
    replace(BAD)
    local failed = watch:reload()
    expect(failed.outcome == 'failed'
           and failed.findings[#failed.findings].line == 2, 'failed')
    expect(names(watch:policy()) == '', 'it stays')
    watch:close()
    watch:close()
    for _, name in ipairs {'policy', 'dispatch', 'reload', 'fd'} do
        raises('closed', watch[name], watch)
    end
end

local function what_outlives_it()
    replace(OPEN)
    local session = mayrelay.watch(file):policy():session()
    collected()
    session:connect '10.1.2.3'
    session:mail ''
    expect(session:rcpt('c@far.example').rule == 'office', 'outlives it')
end

local function many_leave_no_descriptor()
    replace(OPEN)
    collected()
    local before = mayrelay.watch(file):fd()
    collected()
    for _ = 1, 100 do
        mayrelay.watch(file):policy()
    end
    collected()
    expect(mayrelay.watch(file):fd() <= before, 'descriptors')
end

local function wrong_watches()
    replace(BAD)
    local problem = raises('policy', mayrelay.watch, file)
    expect(problem.findings[#problem.findings].line == 2, 'file and line')
    for _, path in ipairs {5, true, {}, print} do
        raises('type', mayrelay.watch, path)
    end
    raises('type', mayrelay.watch)
    raises('text', mayrelay.watch, file .. '\0')
    raises('policy', mayrelay.watch, ('x'):rep(10000000))
end

audits()
rules()
stamps()
wrong_audits()
in_a_loop()
what_outlives_it()
many_leave_no_descriptor()
wrong_watches()
os.remove(file)
count.summary()
