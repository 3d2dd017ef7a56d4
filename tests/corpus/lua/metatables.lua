local V = {}
V.__index = V
V.__add = function(a, b) return V.new(a.x + b.x) end
function V.new(x) return setmetatable({ x = x }, V) end
local l = io.read()
local a, b = l:match("(-?%d+) (-?%d+)")
print((V.new(math.tointeger(a)) + V.new(math.tointeger(b))).x)
