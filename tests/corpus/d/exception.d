import std.stdio;
void main() { writeln("Hello, World!"); throw new Exception("no"); }
