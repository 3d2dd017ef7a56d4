using System;
using System.IO;
class Program {
    static void Main() {
        var sw = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = false };
        Console.SetOut(sw);
        int n = int.Parse(Console.ReadLine());
        for (int i = 1; i <= n; i++) Console.WriteLine(i);
        Console.Out.Flush();
    }
}
