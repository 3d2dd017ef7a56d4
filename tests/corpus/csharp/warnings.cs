using System;
class P {
    static int never;
    [Obsolete("old")] static int Add(int a, int b) { return a + b; }
    static void Main() {
        int unused = 3;
#warning this is a warning
        string[] s = Console.ReadLine().Split(' ');
        Console.WriteLine(Add(int.Parse(s[0]), int.Parse(s[1])));
    }
}
