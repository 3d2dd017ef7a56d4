using System;
using System.IO;
using System.Linq;

class P {
    static void Main() {
#if !ONLINE_JUDGE
        Console.SetIn(new StreamReader("input.txt"));
#endif
        Console.WriteLine(Console.In.ReadToEnd().Split(new[] {' ', '\n'}, StringSplitOptions.RemoveEmptyEntries).Sum(int.Parse));
    }
}
