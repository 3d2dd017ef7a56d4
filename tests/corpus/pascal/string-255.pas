{$mode objfpc}{$H+}
var s, r: string; i, j: longint;
begin
  readln(s);
  r := '';
  i := 1;
  while i <= length(s) do begin
    j := i + 1;
    while (j <= length(s)) and (ord(s[j]) and $C0 = $80) do inc(j);
    r := copy(s, i, j - i) + r;
    i := j;
  end;
  writeln(r);
end.
