local function add(a, b)
  return a + b
end
print(add(io.read("n", "n")))
