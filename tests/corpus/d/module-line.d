module contest.round1.a;
import std.stdio;
void main() { writeln("Hello, World!"); }
