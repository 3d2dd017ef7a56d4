class Program {
    static void Main() {
        string Greet(string who) { return "Hello, " + who + "!"; }
        System.Console.WriteLine(Greet("World"));
    }
}
