using System;
class P {
    static void Main() {
        Console.ReadLine();
        double s = 0; int n = 0;
        foreach (string w in Console.ReadLine().Split(' ')) { s += double.Parse(w); n++; }
        Console.WriteLine("{0:F5}", s / n);
    }
}
