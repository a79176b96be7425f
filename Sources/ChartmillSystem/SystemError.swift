internal import Glibc

/// A failed system call: its name, its file and its errno.
package struct SystemError: Error, Sendable, Equatable {
  /// The name of the call in its manual page: `open`, `pwrite`, `rename` …
  package let call: String
  package let path: String
  /// The purpose of the call.
  package let role: Role
  package let errno: Int32

  /// The purpose of a system call. The exit code and the advice depend on it.
  package enum Role: Sendable, Equatable {
    case reading, writing
    /// Creating a file or a folder.
    case creating
  }

  package init(_ call: String, _ path: String, _ role: Role, errno: Int32 = Glibc.errno) {
    self.call = call
    self.path = path
    self.role = role
    self.errno = errno
  }

  /// The same failure with another role.
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
  /// The path names a link, and links are not followed.
  package var isLink: Bool { errno == ELOOP }
  package var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
}
