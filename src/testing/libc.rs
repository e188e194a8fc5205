//! What differs from one C library to another.

/// A message in glibc's words for an error: musl has some of its own.
pub(crate) fn as_glibc(message: &str) -> String {
    message.replace("Symbolic link loop", "Too many levels of symbolic links")
}
