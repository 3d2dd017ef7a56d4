class P {
    static unsafe void Main() {
        int x = 1; int* p = &x;
        System.Console.WriteLine("Hello, World!");
    }
}
