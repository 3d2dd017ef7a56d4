using System;
using System.Threading;
class Program {
    static long F(int n) { return n == 0 ? 0 : n + F(n - 1); }
    static void Main() {
        var t = new Thread(() => Console.WriteLine(F(int.Parse(Console.ReadLine()))), 256 * 1024 * 1024);
        t.Start();
        t.Join();
    }
}
