using System;
class Πρόγραμμα {
    static void Main() {
        char[] γράμματα = Console.ReadLine().ToCharArray();
        Array.Reverse(γράμματα);
        Console.WriteLine(new string(γράμματα));
    }
}
