DISTANCE = {{example_constant}}
