class A { static void Main() { System.Console.WriteLine("Hello, World!"); } }
class B { static void Main(string[] args) { System.Console.WriteLine("bye"); } }
