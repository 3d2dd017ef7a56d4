import os

# /var/lib/ghc is the compiler's own list of its packages, shown where GHC is installed.
tops = [top for place in ("/run", "/var/run", "/var/lib") for top, _, _ in os.walk(place)]
found = [top for top in tops if top != "/var/lib" and not top.startswith("/var/lib/ghc")]
print("ESCAPED" if found else "held", found[:3])
