1;
function r = f(n)
  if n == 0
    r = 0;
  else
    r = n + f(n - 1);
  end
end
printf('%d\n', f(scanf('%d', 1)));
