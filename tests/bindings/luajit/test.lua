-- Lifetimes, fork, and whatever a careless caller hands over.
local ffi = require 'ffi'
local mayrelay = require 'mayrelay'
local count = require 'expect'
local expect, raises = count.expect, count.raises

local SESSIONS = tonumber(os.getenv 'MAYRELAY_SESSIONS' or 20000)
local POLICY = [[
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}]}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
]]
local FACTS = {client = '203.0.113.9', sender = 'a@b.example',
               recipient = 'c@far.example'}

ffi.cdef 'int fork(void); int waitpid(int, int *, int); void _exit(int);'

local function with(more)
    local facts = {}
    for name, value in pairs(FACTS) do facts[name] = value end
    for name, value in pairs(more) do facts[name] = value end
    return facts
end

local function at_rcpt(policy)
    local session = policy:session()
    session:connect '10.1.2.3'
    session:mail 'a@b.example'
    expect(session:rcpt('c@far.example').accepted, 'office')
    return session
end

local function accepts_nothing(session)
    return not session:decision().accepted and not session:resume().accepted
end

-- -- the face ----------------------------------------------------------------

local function the_face()
    local policy = mayrelay.parse(POLICY, 'policy.yaml')
    local function rule(more) return policy:check(with(more)).rule end
    expect(policy:check(FACTS).needs['client-name'], 'needs names')
    expect(rule {client = '10.1.1.1'} == 'office', 'office')
    expect(rule {client_names = {'a.trusted.example'}} == 'known', 'names')
    expect(rule {identity = 'joe', groups = {'admins'}, client_names = {}}
           == 'admins', 'groups')
    local decision = policy:check(with {client_names = {}})
    expect(decision.reason == 'relay-denied' and not decision.accepted, 'none')
    expect(tostring(decision) == decision.reply, 'tostring')
    expect(decision:explain():find 'does not hold', 'explain')
    expect(decision:explain('json'):sub(1, 12) == '{"decision":', 'json')
    expect(decision:to_json():sub(1, 1) == '{', 'to_json')
    expect(policy:check(with {client_names = mayrelay.FAILED}).code == 451,
           'failed')
    local ours = with {recipient = 'joe@example.com'}
    expect(policy:check(ours).needs.recipient, 'needs the mailbox')
    ours.recipient_exists = true
    expect(policy:check(ours).accepted, 'it exists')
    ours.recipient_exists = false
    expect(policy:check(ours).reason == 'unknown-recipient', 'it does not')
    ours.recipient_exists = mayrelay.FAILED
    expect(policy:check(ours).verdict == 'defer', 'nobody knows')
    expect(policy.facts.groups and #policy.digest > 0, 'facts')
    expect(mayrelay.version():find '^%d+%.%d+', 'version')
end

local function errors()
    local problem = raises('policy', mayrelay.parse,
                           'mayrelay: 1\nrelay: {alow: []}\n', 'bad.yaml')
    local last = problem.findings[#problem.findings]
    expect(last.file == 'bad.yaml' and last.line == 2 and last.column == 9
           and last.severity == 'error' and last.hint, 'file and line')
    expect(tostring(problem):find('bad.yaml:2:9: error:', 1, true), 'message')
    raises('policy', mayrelay.load, '/nowhere/policy.yaml')
    local policy = mayrelay.parse(POLICY)
    raises('io', policy.save, policy, '/nowhere/policy.mrp')
    raises('stage', function() policy:session():recipient_exists(true) end)
    local session = at_rcpt(policy)
    local decision = session:decision()
    session:rcpt 'd@far.example'
    expect(decision.recipient == 'c@far.example', 'a copy')
    raises('stale', decision.explain, decision)
    raises('type', function() session:decision():explain 'html' end)
end

-- -- lifetimes ---------------------------------------------------------------

local function orders(left, done, each)
    if #left == 0 then each(done) end
    for index = 1, #left do
        local rest, more = {unpack(left)}, {unpack(done)}
        more[#more + 1] = table.remove(rest, index)
        orders(rest, more, each)
    end
end

--- Whatever goes first, what is left still works.
local function any_order()
    local file = assert(io.open('any.yaml', 'w'))
    file:write(POLICY)
    file:close()
    local works = {
        function(watch) return #watch:policy():rules() end,
        function(policy) return #policy:rules() end,
        function(session) return session:rcpt('d@far.example').rule end,
        function(audit) return audit:to_text() end,
    }
    orders({1, 2, 3, 4}, {}, function(order)
        local watch = mayrelay.watch 'any.yaml'
        local policy = watch:policy()
        local things = {watch, policy, at_rcpt(policy), policy:audit()}
        watch, policy = nil, nil
        for _, index in ipairs(order) do
            things[index] = nil
            collectgarbage() collectgarbage()
            for place, thing in pairs(things) do
                expect(works[place](thing), table.concat(order))
            end
        end
    end)
    os.remove 'any.yaml'
end

local function lifetimes()
    local session = at_rcpt(mayrelay.parse(POLICY))
    collectgarbage() collectgarbage()
    expect(session:rcpt('d@far.example').accepted, 'outlives its policy')
    session:close()
    session:close()
    for _, name in ipairs {'resume', 'reset', 'decision', 'needs', 'tls'} do
        raises('closed', session[name], session)
    end
    raises('closed', session.rcpt, session, 5)
    raises('closed', session.groups, session, {})
end

local function resident()
    local file = assert(io.open '/proc/self/statm')
    local pages = file:read('*a'):match '^%d+ (%d+)'
    file:close()
    return tonumber(pages) * 4096
end

local function memory()
    local policy = mayrelay.parse(POLICY)
    local function some(count)
        for _ = 1, count do
            local session = policy:session()
            session:connect '10.1.2.3'
            session:auth 'joe'
            session:mail 'a@b.example'
            assert(#session:rcpt('c@far.example'):explain() > 0)
        end
    end
    some(math.min(SESSIONS, 10000))
    local before = resident()
    some(SESSIONS)
    expect(resident() - before < 32 * 2^20, 'flat memory: '
           .. (resident() - before))
end

local function fork()
    local policy = mayrelay.parse(POLICY)
    local session = at_rcpt(policy)
    io.flush()
    local child = ffi.C.fork()
    if child == 0 then
        local good = session:rcpt('d@far.example').accepted
            and policy:session():connect('10.1.1.1').accepted
        ffi.C._exit(good and 0 or 1)
    end
    local status = ffi.new('int[1]', -1)
    ffi.C.waitpid(child, status, 0)
    expect(status[0] == 0, 'the child decides')
    expect(session:rcpt('d@far.example').accepted, 'the parent decides')
end

-- -- bad input ---------------------------------------------------------------

local WRONG_TYPES = {1, true, {}, print, ffi.new 'char[4]'}
local WRONG_TEXTS = {'a\0b@far.example', '\237\160\128@x.example', '\255\254',
                     ('x'):rep(10000000)}

local function wrong_types(policy)
    for _, value in ipairs(WRONG_TYPES) do
        for _, call in ipairs {'connect', 'mail', 'rcpt', 'auth', 'tls'} do
            local session = at_rcpt(policy)
            raises('type', session[call], session, value)
            expect(accepts_nothing(session), call)
        end
        raises('type', mayrelay.parse, value)
        raises('type', mayrelay.load, value)
    end
    for _, value in ipairs {'text', 5, {5}, {'admins', print}} do
        local session = at_rcpt(policy)
        raises('type', session.groups, session, value)
        expect(accepts_nothing(session), 'groups')
        session:groups {}
        expect(session:resume().accepted, 'said again')
        raises('type', session.client_names, session, value)
        expect(accepts_nothing(session), 'names')
    end
    local session = at_rcpt(policy)
    raises('type', session.recipient_exists, session, 'yes')
    raises('type', session.rcpt, session)
    raises('type', policy.check, policy, {})
    raises('type', policy.check, policy, with {recipent = 'typo'})
    raises('argument', session.take, session, nil)
end

local function wrong_texts(policy)
    for _, value in ipairs(WRONG_TEXTS) do
        local session = at_rcpt(policy)
        expect(not session:mail(value).accepted, 'mail')
        expect(not session:rcpt(value).accepted, 'rcpt')
        for _, call in ipairs {'auth', 'tls'} do
            session = at_rcpt(policy)
            raises('text', session[call], session, value)
            expect(accepts_nothing(session), call)
        end
        session = at_rcpt(policy)
        raises('text', session.groups, session, {value})
        expect(accepts_nothing(session), 'groups')
        raises('policy', mayrelay.parse, value)
    end
    local session = at_rcpt(policy)
    raises('text', session.connect, session, '10.1.2.3\0')
    expect(accepts_nothing(session), 'connect')
    raises('text', session.connect, session, '10.1.2.3', '192.0.2.25\0')
    expect(accepts_nothing(session), 'listener')
    expect(session:connect('nonsense').verdict == 'defer', 'nonsense')
    raises('text', mayrelay.load, 'a\0b')
    raises('text', mayrelay.parse, POLICY, 'a\0b')
    raises('policy', mayrelay.parse, '')
end

-- Nobody answers at port 1: a look-up that fails is an answer, too.
local function look_ups()
    local resolver = mayrelay.resolver {servers = '127.0.0.1:1',
                                        deadline_ms = 5000}
    expect(resolver:fd() >= 0, 'a descriptor')
    resolver:ask('192.0.2.7', 7)
    local answer = resolver:resolve('192.0.2.7', 5000)
    local other, token = resolver:next()
    expect(token == 7 and other.client == '192.0.2.7', 'next')
    expect(resolver:next() == nil, 'no more')
    expect(not answer.is_known and #answer.names == 0, 'not known')
    for _, token in ipairs {-1, 0.5, 'x'} do
        raises('type', resolver.ask, resolver, '192.0.2.7', token)
    end
    raises('text', resolver.ask, resolver, 'nonsense', 1)
    raises('text', resolver.resolve, resolver, 'nonsense', 1)
    raises('text', mayrelay.resolver, {servers = 'x'})
    resolver, other = nil, nil
    collectgarbage() collectgarbage()
    expect(answer:explain():find('192.0.2.7', 1, true), 'outlives it')
    local session = mayrelay.parse(POLICY):session()
    session:connect '192.0.2.7'
    session:mail ''
    session:rcpt 'c@far.example'
    session:take(answer)
    expect(session:resume().reason == 'lookup-failed', 'taken')
end

local policy = mayrelay.parse(POLICY)
the_face()
errors()
lifetimes()
any_order()
fork()
wrong_types(policy)
wrong_texts(policy)
look_ups()
memory()
count.summary()
