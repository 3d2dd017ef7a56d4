print("Hello, World!")
import torch
