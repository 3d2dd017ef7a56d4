print("Hello, World!")
local t = nil
print(t.x)
