var a, b: longint;
begin
  {$IFNDEF ONLINE_JUDGE}
  assign(input, 'input.txt'); reset(input);
  assign(output, 'output.txt'); rewrite(output);
  {$ENDIF}
  read(a, b);
  writeln(a + b);
end.
