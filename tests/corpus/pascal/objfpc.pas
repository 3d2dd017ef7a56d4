{$mode objfpc}{$H+}
uses Classes, SysUtils;
var
  l: TStringList;
  s, w: string;
  i, j: integer;
begin
  l := TStringList.Create;
  try
    while not eof do begin
      readln(s);
      for w in s.Split([' ']) do if w <> '' then l.Add(w);
    end;
    l.CaseSensitive := true;
    l.Sort;
    i := 0;
    while i < l.Count do begin
      j := i;
      while (j < l.Count) and (l[j] = l[i]) do inc(j);
      writeln(l[i], ' ', j - i);
      i := j;
    end;
  finally
    l.Free;
  end;
end.
