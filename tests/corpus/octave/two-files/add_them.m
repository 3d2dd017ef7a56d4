function r = add_them(a, b)
  r = a + b;
end
