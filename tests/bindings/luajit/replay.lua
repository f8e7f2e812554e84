-- What the LuaJIT module says to a dialogue; see ../README.md.
local mayrelay = require 'mayrelay'

local FACTS = {['client-name'] = 1, groups = 2, recipient = 4}
local ESCAPES = {['%'] = '%25', ['\127'] = '%7F'}
for octet = 0, 31 do
    ESCAPES[string.char(octet)] = string.format('%%%02X', octet)
end
local policy, session

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

for line in io.lines() do
    local words, count = {}, 0
    for word in (line .. '\t'):gmatch '(.-)\t' do
        count = count + 1
        words[count] = decoded(word)
    end
    local good, problem = pcall(calls[words[1]], unpack(words, 2, count))
    -- Of these the session's decisions speak.
    if not good and problem.kind ~= 'text' and problem.kind ~= 'type' then
        error(problem)
    end
end
