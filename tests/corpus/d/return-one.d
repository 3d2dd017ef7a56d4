import std.stdio;
int main() { writeln("Hello, World!"); return 1; }
