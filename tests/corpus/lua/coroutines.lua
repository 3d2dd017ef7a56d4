local co = coroutine.wrap(function(n) for i = 1, n do coroutine.yield(i) end end)
local n = io.read("n")
local out = {}
for _ = 1, n do out[#out + 1] = co(n) end
io.write(table.concat(out, "\n"), "\n")
os.exit(0)
