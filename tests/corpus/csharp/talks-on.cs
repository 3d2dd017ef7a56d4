using System;
using System.Threading;
class P {
    static void Main() {
        Console.WriteLine(37);
        Thread.Sleep(300);
        for (int i = 0; i < 1000; i++) Console.WriteLine("more");
    }
}
