// @limits memory=256 wall=5 cpu=3 processes=64
class Main {
    public static void main(String[] n) {
        long me = ProcessHandle.current().pid();
        boolean hit = ProcessHandle.allProcesses().anyMatch(p -> p.pid() != me) || ProcessHandle.of(1).flatMap(p -> p.info().commandLine()).isPresent()
            || new java.io.File("/proc/1/cmdline").canRead() || System.getProperty("user.name").equals("root");
        System.out.println(hit ? "ESCAPED" : "held");
    }
}
