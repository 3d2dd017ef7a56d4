using System;

namespace Task
{
    internal class Program
    {
        private static void Main(string[] args)
        {
            var p = Console.ReadLine().Split(' ');
            Console.WriteLine("{0}", Convert.ToInt32(p[0]) + Convert.ToInt32(p[1]));
        }
    }
}
