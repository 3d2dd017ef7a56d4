import std.stdio, std.string;
void main() {
    int lo = 1, hi = 1000;
    for (;;) {
        int m = (lo + hi) / 2;
        writeln(m);
        stdout.flush();
        auto s = readln.strip;
        if (s == "higher") lo = m + 1;
        else if (s == "lower") hi = m - 1;
        else break;
    }
}
