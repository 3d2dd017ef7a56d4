local s = 0
for line in io.lines() do
  for w in line:gmatch("%S+") do s = s + math.tointeger(tonumber(w)) end
end
print(s)
