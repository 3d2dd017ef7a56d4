import Foundation
print("Hello, World!")
exit(1)
