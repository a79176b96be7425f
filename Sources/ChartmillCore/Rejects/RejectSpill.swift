internal import ChartmillSystem

/// The rejected rows of one worker, in a spill file until all logs are read.
///
///     file    := stretch*             one for each log that the worker read chunks of
///     stretch := (header  rows)*      ascending by line
///     header  := the line number of the first row, and the number of bytes of rows that follow
///
/// A header and its rows are a piece. Workers that share a log take its chunks in turn, and no
/// piece spans two chunks. So sorting the pieces of all workers by line gives the log's rejected
/// rows in order.
///
/// Memory: `RejectedRows.byteCount`, and 32 bytes for each log with rejected rows.
package final class RejectSpill {
  static let headerBytes = 16

  /// The rejected rows of one log and one worker.
  package struct Stretch: Sendable {
    /// The index of the log among all logs of the job.
    let log: Int
    let file: File
    /// The byte offset of the next piece.
    var offset: Int
    /// The byte offset at which the stretch ends.
    var end: Int

    var isAtEnd: Bool { offset >= end }
  }

  let rows = RejectedRows()
  private let file: File
  /// One stretch for each log with rejected rows.
  private(set) var stretches: [Stretch] = []
  private var log = 0
  private var end = 0

  init(in folder: String) throws(SystemError) {
    file = try File.createAnonymous(in: folder)
  }

  /// Begins the rows of a log.
  ///
  /// - Parameter log: the index of the log among all logs of the job.
  func begin(log: Int, name: String) {
    rows.begin(log: name)
    self.log = log
  }

  /// Moves the rows from memory to the file, and returns the number of bytes written. Call it at
  /// least once for each chunk.
  func drain() throws(SystemError) -> Int {
    let bytes = unsafe rows.contents
    if unsafe bytes.isEmpty { return 0 }
    let header: InlineArray<2, UInt64> = [
      UInt64(rows.firstLine).littleEndian, UInt64(bytes.count).littleEndian,
    ]
    try unsafe header.span.withUnsafeBytes { header throws(SystemError) in
      try unsafe file.write(header, at: end)
    }
    try unsafe file.write(bytes, at: end + Self.headerBytes)
    let count = Self.headerBytes + bytes.count
    if stretches.last?.log != log {
      stretches.append(Stretch(log: log, file: file, offset: end, end: end))
    }
    end += count
    stretches[stretches.count - 1].end = end
    rows.removeAll()
    return count
  }
}
