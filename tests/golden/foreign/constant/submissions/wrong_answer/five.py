print({{FIVE}})
