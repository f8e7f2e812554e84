-- Writes what the C headers declare as a module that LuaJIT's ffi reads.
--
-- usage: luajit declare.lua > mayrelay/declarations.lua
--
-- The headers are found with pkg-config and read with cc; neither is needed
-- when the module is there.
local LIBRARY_TYPES = '^# %d+ "([^"]*)"'

local function output_of(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read '*a'
    pipe:close()
    return text
end

-- Types of the C library (size_t, uint32_t, bool) are known to the ffi: only
-- lines of our own headers are kept.
local function ours(preprocessed)
    local lines, keep = {}, false
    for line in preprocessed:gmatch '[^\n]+' do
        local file = line:match(LIBRARY_TYPES)
        if file then
            keep = file:find '/mayrelay/[%w_]+%.h$' or file:find 'mayrelay%.h$'
        elseif keep then
            lines[#lines + 1] = line
        end
    end
    return table.concat(lines, '\n')
end

local flags = output_of('pkg-config --cflags mayrelay'):gsub('%s+$', '')
local text = ours(output_of(
    'echo "#include <mayrelay.h>" | cc -E -DMAYRELAY_API= ' .. flags .. ' -'))
assert(text:find 'mayrelay_session_new', 'the headers of mayrelay are not there')
io.write('-- Written by declare.lua.\nrequire("ffi").cdef [==[\n', text,
         '\n]==]\n')
