begin
  writeln('Hello, World!');
  halt(1);
end.
