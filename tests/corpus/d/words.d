import std.stdio, std.algorithm, std.array;
void main() {
    int[string] count;
    foreach (line; stdin.byLineCopy) foreach (w; line.split) count[w]++;
    foreach (w; count.keys.sort) writeln(w, " ", count[w]);
}
