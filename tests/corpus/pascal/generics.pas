{$mode objfpc}
uses fgl;
type TInts = specialize TFPGList<longint>;
function cmp(const a, b: longint): longint;
begin if a < b then exit(-1); if a > b then exit(1); exit(0); end;
var n, x, i: longint; l: TInts;
begin
  l := TInts.Create;
  read(n);
  for i := 1 to n do begin read(x); l.Add(x); end;
  l.Sort(@cmp);
  for x in l do write(x, ' ');
  writeln;
  l.Free;
end.
