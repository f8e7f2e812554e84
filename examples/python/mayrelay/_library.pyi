# Written by cffi when the package is built; it checks its arguments itself.
from typing import Any

ffi: Any
lib: Any
