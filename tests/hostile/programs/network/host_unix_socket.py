import os

found = [top for place in ("/run", "/var/run", "/var/lib") for top, _, _ in os.walk(place)]
print("ESCAPED" if found else "held", found[:3])
