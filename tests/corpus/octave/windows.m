% comment
a = scanf('%d', 2);
if a(1) == a(1)
  printf('%d\n', a(1) + ...
     a(2));
end
