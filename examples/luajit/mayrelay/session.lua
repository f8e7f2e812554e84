--- One SMTP connection, from connect to RCPT: policy:session().
--
-- `connect` clears everything; `tls` the identity, groups, sender and
-- recipient; `auth` the groups, sender and recipient; `mail` the recipient;
-- `rcpt` what was said of the previous one; `reset` sender and recipient.
local ffi = require 'ffi'
local Advice = require 'mayrelay.advice'
local Decision = require 'mayrelay.decision'
local text = require 'mayrelay.text'
local lib = text.lib

local Session = {}
Session.__index = Session

--- `rewrites`: this host delivers to the decision's recipient.
function Session.new(policy, rewrites)
    local handle = lib.mayrelay_session_new(policy.handle)
    if handle == nil then
        text.raise('memory', 'no memory for a session')
    end
    lib.mayrelay_session_rewrites(handle, rewrites and true or false)
    return setmetatable({
        handle = ffi.gc(handle, lib.mayrelay_session_free),
        serial = 0, -- of decisions that can still be explained
    }, Session)
end

local function open(self)
    return self.handle or text.raise('closed', 'the session is closed')
end

local function begin(self)
    self.serial = self.serial + 1
    return open(self)
end

--- Text that cannot be handed over stands for itself as one that the library
-- refuses, before the error: the session accepts nothing then.
local function tell(self, call, value)
    local handle = begin(self)
    if type(value) ~= 'string' then
        call(handle, '\0', 1)
    end
    return call(handle, text.octets(value), #value)
end

-- -- the SMTP dialogue -------------------------------------------------------

--- client: '192.0.2.7', '2001:db8::1'; listener: '192.0.2.25:25', or nil.
function Session:connect(client, listener)
    local handle = begin(self)
    lib.mayrelay_session_connect(handle, nil, nil) -- should one be refused
    if listener ~= nil then
        text.terminated(listener)
    end
    lib.mayrelay_session_connect(handle, text.terminated(client), listener)
    return self:decision()
end

--- MAIL FROM's argument, with or without <>; '' is the null sender.
function Session:mail(sender)
    tell(self, lib.mayrelay_session_mail, sender)
    return self:decision()
end

--- RCPT TO's argument.
function Session:rcpt(recipient)
    tell(self, lib.mayrelay_session_rcpt, recipient)
    return self:decision()
end

--- Judges again, with what has been answered since.
function Session:resume()
    lib.mayrelay_session_resume(begin(self))
    return self:decision()
end

--- RSET, or the end of a message.
function Session:reset()
    lib.mayrelay_session_reset(begin(self))
end

-- -- facts -------------------------------------------------------------------

--- Encrypted now; the client certificate's SHA-256 in hex, if there is one.
function Session:tls(certificate)
    text.check(certificate == nil
        and lib.mayrelay_session_tls(begin(self), nil, 0)
        or tell(self, lib.mayrelay_session_tls, certificate))
end

--- nil: anonymous again.
function Session:auth(identity)
    text.check(identity == nil
        and lib.mayrelay_session_auth(begin(self), nil, 0)
        or tell(self, lib.mayrelay_session_auth, identity))
end

local function answer(self, fact, add, texts)
    local handle = begin(self)
    -- Ends what has been said of the fact before: what comes is all.
    text.check(lib.mayrelay_session_answer(handle, fact, lib.MAYRELAY_FAILED))
    if texts == text.FAILED then
        return
    end
    if type(texts) ~= 'table' then
        add(handle, nil, 0) -- poisons the session
        text.raise('type', 'a list of strings, or mayrelay.FAILED')
    end
    for index = 1, #texts do
        local one = texts[index]
        if type(one) ~= 'string' then
            add(handle, nil, 0)
        end
        text.check(add(handle, text.octets(one), #one))
    end
    text.check(lib.mayrelay_session_answer(handle, fact, lib.MAYRELAY_KNOWN))
end

--- All forward-confirmed host names of the client, or FAILED.
function Session:client_names(names)
    answer(self, lib.MAYRELAY_FACT_CLIENT_NAME,
           lib.mayrelay_session_add_client_name, names)
end

--- All groups of the identity, or FAILED.
function Session:groups(groups)
    answer(self, lib.MAYRELAY_FACT_GROUPS, lib.mayrelay_session_add_group,
           groups)
end

--- true, false or FAILED.
function Session:recipient_exists(exists)
    local handle = begin(self)
    if type(exists) == 'boolean' then
        text.check(lib.mayrelay_session_set_recipient_exists(handle, exists))
        return
    end
    text.check(lib.mayrelay_session_answer(
        handle, lib.MAYRELAY_FACT_RECIPIENT, lib.MAYRELAY_FAILED))
    if exists ~= text.FAILED then
        text.raise('type', 'true, false or mayrelay.FAILED')
    end
end

--- The client's names as a resolver found them; then resume.
function Session:take(found)
    local handle = begin(self)
    text.check(lib.mayrelay_session_take(handle, found and found.handle))
end

-- -- the decision ------------------------------------------------------------

--- The last one.
function Session:decision()
    return Decision.new(self, lib.mayrelay_session_get_decision(open(self)))
end

--- The missing facts of the last decision: look them up, and resume.
function Session:needs()
    return self:decision().needs
end

--- What would have the policy in that file (YAML or JSON, as it is now) accept
-- what was told last: see mayrelay.advice.  Tries many edits, so it takes its
-- time.
function Session:advise(path)
    return Advice.new(open(self), path)
end

--- The last decision and all facts behind it as one line for a log, as 'text'
-- (logfmt) or 'json': `mayrelay explain --log` reads it.  time, id: the host's,
-- or nil.
function Session:to_log(format, time, id)
    local number, handle = text.format(format), open(self)
    local when, which = time and text.terminated(time),
        id and text.terminated(id)
    return text.whole(function(buffer, room)
        return lib.mayrelay_session_to_log(handle, number, when, which, buffer,
                                           room)
    end)
end

--- Frees it now; any other call is an error then.
function Session:close()
    local handle = self.handle
    self.handle, self.serial = nil, self.serial + 1
    if handle then
        lib.mayrelay_session_free(ffi.gc(handle, nil))
    end
end

return Session
