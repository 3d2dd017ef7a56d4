using System;
class P {
    static void Main() {
        int lo = 1, hi = 1000;
        for (;;) {
            int m = (lo + hi) / 2;
            Console.WriteLine(m);
            string s = Console.ReadLine();
            if (s == "higher") lo = m + 1; else if (s == "lower") hi = m - 1; else break;
        }
    }
}
