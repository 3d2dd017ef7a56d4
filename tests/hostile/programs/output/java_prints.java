// @ends output  @limits output=10000 memory=256 wall=3 cpu=3 processes=40
public class Main { public static void main(String[] a) { while (true) System.out.println("0123456789"); } }
