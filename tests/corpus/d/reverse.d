import std.stdio, std.range, std.string;
void main() {
    writeln(readln.chomp.retro);
}
