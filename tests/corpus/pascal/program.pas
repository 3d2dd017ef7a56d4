program SumOfTwo(input, output);
const
  max = 2;
type
  number = longint;
var
  a, b: number;
begin
  readln(a, b);
  writeln(a + b);
end.
