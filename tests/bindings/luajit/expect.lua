-- What the tests have in common: they count, and go on.
local passed, failed = 0, 0

local M = {}

function M.expect(good, what)
    if good then
        passed = passed + 1
    else
        failed = failed + 1
        print('FAILED: ' .. what .. '\n' .. debug.traceback())
    end
end

function M.raises(kind, call, ...)
    local good, problem = pcall(call, ...)
    M.expect(not good and type(problem) == 'table' and problem.kind == kind,
             'raises ' .. kind .. ', not ' .. tostring(problem))
    return problem
end

function M.summary()
    print(passed .. ' passed, ' .. failed .. ' failed')
    os.exit(failed == 0, true)
end

return M
