import std.stdio, std.array, std.conv, std.algorithm;
void main() {
    long s = 0;
    foreach (line; stdin.byLine)
        foreach (w; line.split)
            s += w.to!long;
    writeln(s);
}
