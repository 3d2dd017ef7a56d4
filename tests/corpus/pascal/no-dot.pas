begin
  writeln('Hello, World!');
  clrscr;
end.
