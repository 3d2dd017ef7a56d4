import std.stdio;
struct Vec(T) {
    T x;
    Vec opBinary(string op)(Vec o) const if (op == "+" || op == "-") { return Vec(mixin("x " ~ op ~ " o.x")); }
}
unittest { assert((Vec!int(1) + Vec!int(2)).x == 3); }
void main() {
    int a, b;
    readf!" %d %d"(a, b);
    writeln((Vec!int(a) + Vec!int(b)).x);
}
