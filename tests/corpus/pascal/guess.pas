var lo, hi, m: longint; s: string;
begin
  lo := 1; hi := 1000;
  repeat
    m := (lo + hi) div 2;
    writeln(m);
    flush(output);
    readln(s);
    if s = 'higher' then lo := m + 1 else hi := m - 1;
  until s = 'correct';
end.
