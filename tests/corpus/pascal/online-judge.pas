{$IFDEF LOCAL}{$DEFINE FILES}{$ENDIF}
var a, b, unused: longint;
begin
  {$IFDEF FILES} assign(input, 'in.txt'); reset(input); {$ENDIF}
  read(a, b);
  writeln(a + b:0);
end.
