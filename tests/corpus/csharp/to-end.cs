using System;
using System.Linq;
class Program {
    static void Main() =>
        Console.WriteLine(Console.In.ReadToEnd()
            .Split(new[] { ' ', '\n', '\r', '\t' }, StringSplitOptions.RemoveEmptyEntries)
            .Select(long.Parse).Sum());
}
