internal import Glibc

/// Standard output: only what was asked for.
enum StandardOutput {
  /// A reader that has gone away has read what it wanted: that is no failure.
  static func write(_ text: String) throws {
    if let failure = writeAll(text, to: STDOUT_FILENO), failure != EPIPE {
      throw StandardOutputError(errno: failure)
    }
  }
}

/// Standard error: progress, warnings, errors. There is nobody to tell when it fails.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal, 80 when it does not say.
  static var columns: Int {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  static func write(_ text: String) {
    _ = writeAll(text, to: STDERR_FILENO)
  }
}

/// The errno of a failure, or nil.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
  let bytes = Array(text.utf8)
  var done = 0
  while done < bytes.count {
    let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      done += count
    } else if errno == EAGAIN {
      // The descriptor is shared with something that made it non-blocking: wait for room.
      var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&room, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}
