import std.stdio, std.conv, std.string;
void main() {
    immutable n = readln.strip.to!int;
    long s;
    foreach (i; 0 .. n) s += readln.strip.to!long;
    s.writeln;
}
