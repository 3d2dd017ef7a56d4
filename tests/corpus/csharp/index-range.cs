using System;
class P {
    static void Main() {
        var a = Console.ReadLine().Split(' ');
        Console.WriteLine(a[2]);
    }
}
