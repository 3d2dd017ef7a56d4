var a, b: integer;
    c: longint;
begin
  read(c); a := c;
  read(c); b := c;
  writeln(a + b);
end.
