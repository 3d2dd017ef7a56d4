using System;
using System.Collections.Generic;
class Program {
    static void Main() {
        var d = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string line;
        while ((line = Console.ReadLine()) != null)
            foreach (var w in line.Split(' ')) {
                if (w == "") continue;
                d.TryGetValue(w, out int c);
                d[w] = c + 1;
            }
        foreach (var e in d) Console.WriteLine($"{e.Key} {e.Value}");
    }
}
