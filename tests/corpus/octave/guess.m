lo = 1;
hi = 1000;
while true
  m = floor((lo + hi) / 2);
  printf("%d\n", m);
  fflush(stdout);
  s = input('', 's');
  if strcmp(s, 'higher')
    lo = m + 1;
  elseif strcmp(s, 'lower')
    hi = m - 1;
  else
    break;
  end
end
