internal import Glibc

/// A failed system call: which, on what file, and the errno.
package struct SystemError: Error, Sendable, Equatable {
  /// The call as the manual names it: `open`, `pwrite`, `rename` …
  package let call: String
  package let path: String
  /// What the call was needed for.
  package let role: Role
  package let errno: Int32

  /// What a system call serves: it decides the exit code and the advice.
  package enum Role: Sendable, Equatable {
    case reading, writing
    /// Making a file or a folder.
    case creating
  }

  package init(_ call: String, _ path: String, _ role: Role, errno: Int32 = Glibc.errno) {
    self.call = call
    self.path = path
    self.role = role
    self.errno = errno
  }

  /// The same failure of a call that served something else.
  package func serving(_ role: Role) -> SystemError {
    SystemError(call, path, role, errno: errno)
  }

  /// The C library's text for `errno`.
  package var reason: String {
    unsafe String(cString: strerror(errno))
  }

  package var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
  /// The file is larger than the process or its file system allows.
  package var isFileTooLarge: Bool { errno == EFBIG }
  package var isNoMemory: Bool { errno == ENOMEM }
  package var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
  /// A link where none may be.
  package var isLink: Bool { errno == ELOOP }
  package var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
}
