function f(n: int64): int64;
begin
  if n = 0 then f := 0 else f := n + f(n - 1);
end;
var n: int64;
begin
  read(n);
  writeln(f(n));
end.
