import std.stdio, helper;
void main() { int a, b; readf(" %d %d", &a, &b); writeln(add(a, b)); }
