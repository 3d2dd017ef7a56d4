class Helper {
    static void main(int x) { System.out.println("Hello, World!"); }
}

class Main {
    private static void main() { Helper.main(42); }
    public static void main(String[] args) { main(); }
}
