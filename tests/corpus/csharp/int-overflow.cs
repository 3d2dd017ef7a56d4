using System;
class P {
    static void Main() {
        var a = Console.ReadLine().Split(' ');
        Console.WriteLine((int)long.Parse(a[0]) + (int)long.Parse(a[1]));
    }
}
