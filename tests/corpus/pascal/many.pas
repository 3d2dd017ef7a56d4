var n, i: longint; x, s: int64; buf: array[0..65535] of char;
begin
  settextbuf(input, buf);
  read(n); s := 0;
  for i := 1 to n do begin read(x); s := s + x; end;
  writeln(s);
end.
