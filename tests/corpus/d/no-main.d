import std.stdio;
void solve() { writeln("Hello, World!"); }
