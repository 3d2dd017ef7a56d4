program main;
uses adder;
var a, b: longint;
begin
  read(a, b);
  writeln(add(a, b));
end.
