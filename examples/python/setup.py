"""What pyproject.toml cannot say: the extension that cffi writes."""
from setuptools import setup

setup(cffi_modules=["build_library.py:ffi"])
