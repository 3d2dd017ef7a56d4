repeat { }
