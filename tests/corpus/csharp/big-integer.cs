using System;
using System.Numerics;
class P {
    static void Main() {
        BigInteger r = BigInteger.One;
        for (int i = int.Parse(Console.ReadLine()); i > 1; i--) r *= i;
        Console.WriteLine(r);
    }
}
