//! The workspace's integration tests live in `tests/integration`, in one binary.
