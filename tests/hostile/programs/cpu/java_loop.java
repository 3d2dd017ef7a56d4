// @ends cpu|wall  @limits cpu=0.6 wall=2 memory=256 processes=40
public class Main { static volatile int x; public static void main(String[] a) { while (true) x++; } }
