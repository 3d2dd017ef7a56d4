var x, s: longint;
begin
  s := 0;
  while not seekeof do begin read(x); s := s + x; end;
  writeln(s);
end.
