import std.stdio, std.bigint, std.conv, std.string;
void main() {
    auto n = readln.strip.to!int;
    BigInt f = 1;
    foreach (i; 2 .. n + 1) f *= i;
    writeln(f);
}
