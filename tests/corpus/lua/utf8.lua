local t = {}
for _, c in utf8.codes(io.read("l")) do table.insert(t, 1, utf8.char(c)) end
print(table.concat(t))
