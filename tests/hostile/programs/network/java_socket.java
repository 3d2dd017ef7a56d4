// @limits memory=256 wall=4 cpu=4 processes=40
public class Main {
    public static void main(String[] a) {
        try { new java.net.ServerSocket(0); System.out.println("ESCAPED"); }
        catch (Throwable t) { System.out.println("held"); }
    }
}
