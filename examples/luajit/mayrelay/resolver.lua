--- The client's confirmed host names, in the host's loop.
--
-- Watch `fd()` for reading; when it can be read, `dispatch()`, and take what
-- `next()` gives until that is nil.
--
-- An answer has is_known, names, client, result, ttl, and explain(format).
local ffi = require 'ffi'
local text = require 'mayrelay.text'
local lib = text.lib

local Answer = {}
Answer.__index = Answer

local function new_answer(handle)
    local names = {}
    for index = 0, tonumber(lib.mayrelay_dns_answer_count(handle)) - 1 do
        names[#names + 1] =
            ffi.string(lib.mayrelay_dns_answer_get_name(handle, index))
    end
    return setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_dns_answer_free),
        is_known = lib.mayrelay_dns_answer_is_known(handle),
        names = names,
        client = ffi.string(lib.mayrelay_dns_answer_get_client(handle)),
        result = ffi.string(lib.mayrelay_dns_result_name(
            lib.mayrelay_dns_answer_get_result(handle))),
        ttl = lib.mayrelay_dns_answer_get_ttl(handle),
    }, Answer)
end

function Answer:explain(format)
    local number = text.format(format)
    return text.whole(function(buffer, room)
        return lib.mayrelay_dns_answer_explain(self.handle, number, buffer,
                                               room)
    end)
end

local Resolver = {}
Resolver.__index = Resolver

--- options: servers ('192.0.2.53,127.0.0.1:5353'), deadline_ms.
function Resolver.new(options)
    options = options or {}
    local handle = lib.mayrelay_resolver_new()
    if handle == nil then
        text.raise('memory', 'no resolver: no memory, or built without DNS')
    end
    ffi.gc(handle, lib.mayrelay_resolver_free)
    if options.servers ~= nil then
        text.check(lib.mayrelay_resolver_set_servers(
            handle, text.terminated(options.servers)))
    end
    if options.deadline_ms ~= nil then
        text.check(lib.mayrelay_resolver_set_deadline_ms(
            handle, options.deadline_ms))
    end
    return setmetatable({handle = handle}, Resolver)
end

function Resolver:fd()
    return lib.mayrelay_resolver_get_fd(self.handle)
end

--- Whole numbers that a double holds.
local function token_of(token)
    if type(token) ~= 'number' or token < 0 or token > 2^53
       or token ~= math.floor(token) then
        text.raise('type', 'a token is a whole number')
    end
    return token
end

--- next() will give one answer with this token.
function Resolver:ask(client, token)
    text.check(lib.mayrelay_resolver_ask(
        self.handle, text.terminated(client), token_of(token)))
end

function Resolver:dispatch()
    text.check(lib.mayrelay_resolver_dispatch(self.handle))
end

--- An answer and its token; nil if none is finished.
function Resolver:next()
    local token = ffi.new 'uint64_t[1]'
    local handle = lib.mayrelay_resolver_next(self.handle, token)
    if handle ~= nil then
        return new_answer(handle), tonumber(token[0])
    end
end

function Resolver:cancel(token)
    lib.mayrelay_resolver_cancel(self.handle, token_of(token))
end

--- Waits; an answer that is not known if none comes.
function Resolver:resolve(client, timeout_ms)
    local handle = lib.mayrelay_resolver_resolve(
        self.handle, text.terminated(client), timeout_ms)
    if handle == nil then
        text.raise('text', 'no IP address, or no memory')
    end
    return new_answer(handle)
end

return {new = Resolver.new}
