using System;
using System.IO;
class Program {
    static void Main() {
        var sw = new StreamWriter(Console.OpenStandardOutput());
        var t = Console.ReadLine().Split(' ');
        sw.WriteLine(int.Parse(t[0]) + int.Parse(t[1]));
    }
}
