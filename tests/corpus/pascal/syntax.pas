begin
  writeln('Hello, World!')
