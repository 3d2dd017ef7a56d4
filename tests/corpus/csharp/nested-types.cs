using System;

public class Solution
{
    interface IOp { long Run(long a, long b); }
    enum Kind { Plus, Minus }
    struct Pair { public long A, B; }
    class Adder : IOp
    {
        public Kind Kind { get; set; } = Kind.Plus;
        public long Run(long a, long b) => Kind == Kind.Plus ? a + b : a - b;
    }

    public static void Main()
    {
        string[] w = Console.ReadLine().Split(' ');
        Pair p; p.A = long.Parse(w[0]); p.B = long.Parse(w[1]);
        Console.WriteLine(new Adder().Run(p.A, p.B));
    }
}
