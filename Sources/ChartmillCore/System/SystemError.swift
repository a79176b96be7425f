internal import Glibc

/// A failed system call: which, on what file, and the errno.
public struct SystemError: Error, Sendable, Equatable {
  /// The call as the manual names it: `open`, `pwrite`, `rename` …
  public let call: String
  public let path: String
  /// What the call was needed for.
  public let role: Role
  public let errno: Int32

  /// What a system call serves: it decides the exit code and the advice.
  public enum Role: Sendable, Equatable {
    case reading, writing
    /// Making a file or a folder.
    case creating
  }

  init(_ call: String, _ path: String, _ role: Role, errno: Int32 = Glibc.errno) {
    self.call = call
    self.path = path
    self.role = role
    self.errno = errno
  }

  /// The same failure of a call that served something else.
  func serving(_ role: Role) -> SystemError {
    SystemError(call, path, role, errno: errno)
  }

  /// The C library's text for `errno`.
  public var reason: String {
    String(cString: strerror(errno))
  }

  public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
  /// Of a limit that the process has, or its file system.
  public var isFileTooLarge: Bool { errno == EFBIG }
  public var isNoMemory: Bool { errno == ENOMEM }
  public var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
  /// A link where none may be.
  public var isLink: Bool { errno == ELOOP }
  public var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
}
