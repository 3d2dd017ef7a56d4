import std.stdio;
void main() {
    writeln(37);
    stdout.flush();
    foreach (i; 0 .. 100_000) writeln(i);
}
