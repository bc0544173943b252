"""The operators that make cameras from intrinsics, and copy intrinsics."""
