{$R+}
var a: array[1..3] of longint; i: longint;
begin
  writeln('Hello, World!');
  i := 4;
  a[i] := 1;
end.
