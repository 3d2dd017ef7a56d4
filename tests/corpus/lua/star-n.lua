local a = io.read("*n")
local b = io.read("*number")
print(string.format("%d", a + b))
