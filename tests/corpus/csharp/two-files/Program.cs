using System;
using Lib;
class Program {
    static void Main() {
        var w = Console.ReadLine().Split(' ');
        Console.WriteLine(Adder.Add(int.Parse(w[0]), int.Parse(w[1])));
    }
}
