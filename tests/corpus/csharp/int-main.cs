public static class P {
    public static int Main() {
        System.Console.WriteLine("Hello, World!");
        return 0;
    }
}
