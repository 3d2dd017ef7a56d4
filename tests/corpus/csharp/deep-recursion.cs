using System;
class Program {
    static long F(long n) { if (n == 0) return 0; return n + F(n - 1); }
    static void Main() { Console.WriteLine(F(long.Parse(Console.ReadLine()))); }
}
