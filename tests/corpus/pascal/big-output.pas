var i, n: longint;
begin
  read(n);
  for i := 1 to n do writeln(i);
  halt(0);
end.
