class P {
    static int Main() {
        System.Console.WriteLine("Hello, World!");
        return 1;
    }
}
