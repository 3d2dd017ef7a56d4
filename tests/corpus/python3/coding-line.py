# -*- coding: latin-1 -*-
grüße = "Hello, World!"
print(grüße)
