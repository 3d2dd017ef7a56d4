import std.stdio;
void main() {
    int a, b;
    readf(" %s %s", &a, &b);
    writeln(a + b);
}
