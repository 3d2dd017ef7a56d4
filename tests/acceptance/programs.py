"""Small programs for the sample problem `aplusb`, and some hostile programs."""

from __future__ import annotations

RIGHT = {
    "c17": (
        '#include <stdio.h>\nint main(void){long long a,b;scanf("%lld%lld",&a,&b);printf("%lld\\n",a+b);}\n'
    ),
    "cpp20": "#include <iostream>\nint main(){long long a,b;std::cin>>a>>b;std::cout<<a+b<<'\\n';}\n",
    "python3": "a, b = map(int, input().split())\nprint(a + b)\n",
    "java": (
        "import java.util.*;\npublic class Main { public static void main(String[] x) {\n"
        "Scanner s = new Scanner(System.in); System.out.println(s.nextLong() + s.nextLong()); } }\n"
    ),
    "javascript": (
        "const [a, b] = require('fs').readFileSync(0, 'utf8').trim().split(/\\s+/).map(BigInt);\n"
        "console.log((a + b).toString());\n"
    ),
}

VERDICTS = {
    "AC": ("python3", RIGHT["python3"]),
    "WA": ("python3", "a, b = map(int, input().split())\nprint(a - b - 1)\n"),
    "TLE": ("c17", "int main(void){for(volatile unsigned long i=0;;i++);}\n"),
    "MLE": ("python3", "hog = []\nwhile True:\n    hog.append(bytearray(16 << 20))\n"),
    "OLE": ("python3", "import sys\nwhile True:\n    sys.stdout.write('x' * 65536)\n"),
    "RTE": ("cpp20", "#include <cstdlib>\nint main(){std::abort();}\n"),
    "CE": ("cpp20", "int main( { return missing; }\n"),
}

LONG = "import time\ntime.sleep(0.4)\na, b = map(int, input().split())\nprint(a + b)\n"

MEMORY_WITHOUT_CGROUP = {"MLE", "RTE"}
"""Without a cgroup, malloc fails at a limit of the address space. The verdict then depends on the program."""

HOSTILE = {
    "infinite loop": ("python3", "while True:\n    pass\n", {"TLE"}),
    "endless sleep": ("python3", "import time\ntime.sleep(1e6)\n", {"TLE"}),
    "fork bomb": ("c17", "#include <unistd.h>\nint main(void){for(;;)fork();}\n", {"TLE", "RTE", "MLE"}),
    "fork bomb that sleeps": (
        "python3",
        "import os, time\nwhile True:\n    try:\n        if os.fork() == 0:\n            time.sleep(1000)\n"
        "    except OSError:\n        pass\n",
        {"TLE", "RTE", "MLE"},
    ),
    "memory hog": (
        "c17",
        "#include <stdlib.h>\n#include <string.h>\n"
        "int main(void){for(;;){char*p=malloc(1<<24);if(!p)return 1;memset(p,1,1<<24);}}\n",
        {"MLE"},
    ),
    "endless printer": ("c17", '#include <stdio.h>\nint main(void){for(;;)puts("yes");}\n', {"OLE"}),
}

PRINTS_PASSWD = """
try:
    print(open("/etc/passwd").read())
except OSError as error:
    print("refused", error.errno)
"""

LOOKS_AROUND = """
import os
found = []
for root in ("/", "/home", "/root", "/tmp", "/proc", "/var", "/run"):
    try:
        found += [os.path.join(root, name) for name in os.listdir(root)]
    except OSError:
        pass
print("\\n".join(found))
for folder, _, names in os.walk("/"):
    for name in names:
        if name in ("gavel.db", "credentials.json", "worker_token", "secret_key", "redis.sock"):
            print("FOUND", os.path.join(folder, name))
"""

OPENS_SOCKET = """
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_INET, ("1.1.1.1", 53))):
    try:
        socket.create_connection(address, 1)
        print("CONNECTED", address)
    except OSError as error:
        print("refused", error.errno)
"""
