local t, keys = {}, {}
for w in io.read("a"):gmatch("%a+") do
  if not t[w] then keys[#keys + 1] = w; t[w] = 0 end
  t[w] = t[w] + 1
end
table.sort(keys)
for _, k in ipairs(keys) do print(k, t[k]) end
