public enum App {
    INSTANCE;
    private final StringBuilder out = new StringBuilder();
    public static void main(String[] args) {
        INSTANCE.out.append("Hello, ").append("World!");
        System.out.println(INSTANCE.out);
    }
}
