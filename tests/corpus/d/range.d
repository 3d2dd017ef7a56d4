import std.stdio;
void main(string[] args) { writeln("Hello, World!"); int[] a = [1]; writeln(a[args.length + 1]); }
