io.stdout:setvbuf("no")
local lo, hi = 1, 1000
while true do
  local m = (lo + hi) // 2
  print(m)
  local s = io.read("l")
  if s == "higher" then lo = m + 1 elseif s == "lower" then hi = m - 1 else break end
end
