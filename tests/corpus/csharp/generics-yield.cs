using System;
using System.Collections.Generic;
static partial class Ext {
    public static IEnumerable<T> Each<T>(this IEnumerable<T> s) where T : IComparable<T> { foreach (T t in s) yield return t; }
}
static partial class Ext {
    static int Sum(this IEnumerable<int> s) { int r = 0; foreach (int x in s) r += x; return r; }
    static void Main() {
        Console.WriteLine(Array.ConvertAll(Console.ReadLine().Split(), int.Parse).Each().Sum());
    }
}
