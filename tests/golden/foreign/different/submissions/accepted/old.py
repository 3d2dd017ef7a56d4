#!/usr/bin/env python2
print 'nothing that Python 3 can read'
