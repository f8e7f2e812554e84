-- What the LuaJIT module says to a dialogue; see ../README.md.
local mayrelay = require 'mayrelay'

local FACTS = {['client-name'] = 1, groups = 2, recipient = 4}
local ESCAPES = {['%'] = '%25', ['\127'] = '%7F'}
for octet = 0, 31 do
    ESCAPES[string.char(octet)] = string.format('%%%02X', octet)
end
local IGNORED = {text = true, type = true, stage = true}
local policy, session, coverage

local function decoded(word)
    if word == '-' then
        return nil
    end
    return (word:gsub('%%(%x%x)', function(code)
        return string.char(tonumber(code, 16))
    end))
end

local function escaped(text)
    if text == nil then
        return '-'
    elseif text == '-' then
        return '%2D'
    end
    return (text:gsub('[%z\1-\31\127%%]', ESCAPES))
end

local function all_or_failed(known, ...)
    return known == 'known' and {...} or mayrelay.FAILED
end

local calls = {}

function calls.policy(path)
    policy = mayrelay.load(path)
    session = policy:session {rewrites = true}
    coverage = mayrelay.coverage(policy)
end

function calls.names(...) session:client_names(all_or_failed(...)) end
function calls.groups(...) session:groups(all_or_failed(...)) end

function calls.exists(what)
    if what == 'failed' then
        session:recipient_exists(mayrelay.FAILED)
    else
        session:recipient_exists(what == 'yes')
    end
end

for _, name in ipairs {'connect', 'tls', 'auth', 'mail', 'rcpt', 'resume',
                       'reset'} do
    calls[name] = function(...) session[name](session, ...) end
end

function calls.decide(format)
    local it, needs = session:decision(), 0
    for fact in pairs(it.needs) do
        needs = needs + FACTS[fact]
    end
    io.write(it.code, '\t', it.line, '\t', needs, '\t', it.is_relay and 1 or 0)
    for _, name in ipairs {'verdict', 'enhanced', 'text', 'reply', 'reason',
                           'kind', 'rule', 'file', 'connector', 'recipient'} do
        io.write('\t', escaped(it[name]))
    end
    io.write('\t', escaped(it:explain(format)), '\n')
end

function calls.check(client, identity, sender, recipient)
    local it = policy:check {client = client, identity = identity,
                             sender = sender, recipient = recipient}
    io.write(it.code, '\t', escaped(it.reply), '\n')
end

-- -- what else can be asked --------------------------------------------------

local function print(...)
    for index = 1, select('#', ...) do
        io.write(index > 1 and '\t' or '', escaped((select(index, ...))))
    end
    io.write '\n'
end

local function digits(number)
    return (tostring(number):gsub('ULL$', ''))
end

function calls.scope(format)
    local it = session:decision()
    print(it:fingerprint(), it:scope(format))
end

function calls.log(...)
    print(session:to_log(...))
end

function calls.audit()
    local audit = policy:audit()
    print(audit.disagreement, audit:to_html())
end

function calls.diff(path)
    local diff = policy:diff(mayrelay.load(path))
    print(diff.verdict, diff.bug,
          digits(diff.count or 0xffffffffffffffffULL))
    for _, it in ipairs(diff.changes) do
        print(it.effect, it.witness)
    end
    print(diff:to_text(50))
    print(diff:to_json(50))
end

function calls.advise(path)
    local advice = session:advise(path)
    print(advice.note)
    for _, it in ipairs(advice.edits) do
        print(it.text, it.file, it.patch, it.rule, it.radius, it.warning,
              digits(it.line))
    end
    print(tostring(advice))
    print(advice.json)
end

function calls.cases(limit)
    local all = policy:cases(tonumber(limit))
    print(all.extent, digits(all.combinations or 0xffffffffffffffffULL),
          digits(all.left_out))
    for _, case in ipairs(all) do
        print(case.facts, case.decision)
    end
end

function calls.cover() coverage:add(session) end

function calls.covered()
    for _, it in ipairs(coverage:lists()) do
        local missed = {}
        for _, place in ipairs(it.missed) do
            missed[#missed + 1] = escaped(place.file)
            missed[#missed + 1] = place.line
        end
        io.write(table.concat({escaped(it.name), escaped(it.file), it.line,
                               it.entries, it.matched, unpack(missed)}, '\t'),
                 '\n')
    end
end

for line in io.lines() do
    local words, count = {}, 0
    for word in (line .. '\t'):gmatch '(.-)\t' do
        count = count + 1
        words[count] = decoded(word)
    end
    local good, problem = pcall(calls[words[1]], unpack(words, 2, count))
    -- Of these the session's decisions speak.
    if not good and not IGNORED[problem.kind] then
        error(problem)
    end
end
