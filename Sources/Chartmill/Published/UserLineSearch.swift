/// Finds the line of one user in a published user file of text, without reading the file.
///
/// The id gives the partition, the manifest the bytes that hold it, and inside users ascend. Text is
/// narrowed down by halves, with a dozen short reads, to `scannedBytes`. Gzip can be entered only
/// where a member begins, so a partition's members are inflated in order, up to the user. What is
/// left of either is read line by line.
///
/// Memory: that of `ChartLines`. Lines that are passed over are checked for their user only: it is
/// `ChartVerifier` that reads all.
struct UserLineSearch {
  /// Less than `ChartLines` reads at once: to halve it further would save nothing.
  private static let scannedBytes = 128 << 10

  private let file: PublishedFile
  private let scheme: PartitionScheme
  private let scannedBytes: Int

  /// - Parameter scannedBytes: of text, no more than these are read line by line, or a few lines if
  ///   that is more.
  init(
    _ file: PublishedFile, scheme: PartitionScheme, scannedBytes: Int = Self.scannedBytes
  ) throws(ChartsError) {
    try file.checkSize()
    self.file = file
    self.scheme = scheme
    self.scannedBytes = scannedBytes
  }

  /// Lets `read` take the rest of the user's line, behind its key, and say what is wrong with it.
  /// False when there is no such line.
  func find(
    _ user: UInt64, _ read: (inout ChartLineParser) -> ChartDifference.Problem?
  ) throws(ChartsError) -> Bool {
    let target = scheme.splitUser(user)
    let bytes = file.bytes(of: Int(target.partition))
    if bytes.isEmpty { return false }
    let lines = try file.lines(
      from: file.isGzip ? bytes.lowerBound : try narrowed(bytes, to: target))
    // The line that `read` is given is in a buffer of `lines`.
    defer { withExtendedLifetime(lines) {} }
    var last: (partition: UInt64, quotient: UInt64)?
    while let line = try lines.next() {
      var parser = ChartLineParser(line)
      guard let key = parser.userKey() else {
        throw lines.difference(.syntax(column: parser.column))
      }
      let place = scheme.splitUser(key)
      if let last {
        if place <= last { throw lines.difference(place == last ? .repeatedKey : .keyOrder) }
      } else if place.partition != target.partition {
        throw lines.difference(.partitionStart(Int(target.partition)))
      }
      if place > target { return false }
      if place == target {
        if let problem = read(&parser) { throw lines.difference(problem) }
        return true
      }
      last = place
    }
    return false
  }

  /// Where to begin to read lines: at most `scannedBytes` before the target's line, if it has one.
  private func narrowed(
    _ bytes: Range<Int>, to target: (partition: UInt64, quotient: UInt64)
  ) throws(ChartsError) -> Int {
    let probe = try LineProbe(file)
    var (low, high) = (bytes.lowerBound, bytes.upperBound)
    // With two lines or more in it, a line begins in the upper half, so every turn ends closer.
    while high - low > max(scannedBytes, 2 * (file.mostLineBytes + 1)) {
      let line = try probe.firstLine(behind: low + (high - low) / 2, before: high)
      if scheme.splitUser(line.user) > target { high = line.start } else { low = line.start }
    }
    return low
  }
}

/// Looks into a text at any byte for the user whose line begins next. Memory: a line.
private final class LineProbe {
  private let published: PublishedFile
  private let file: File
  private let buffer: UnsafeMutableRawBufferPointer

  init(_ published: PublishedFile) throws(ChartsError) {
    self.published = published
    do {
      file = try File.open(reading: published.path)
    } catch {
      throw .reading(.input(error))
    }
    // The rest of a line, and the key of the next one with its end.
    buffer = .allocate(
      byteCount: published.mostLineBytes + TextBuffer.mostDigits + 1, alignment: 1)
  }

  deinit {
    buffer.deallocate()
  }

  /// - Precondition: from `offset` to `end` are more than `mostLineBytes`.
  func firstLine(
    behind offset: Int, before end: Int
  ) throws(ChartsError) -> (start: Int, user: UInt64) {
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - offset))
    let count: Int
    do {
      count = try file.read(into: room, at: offset)
    } catch {
      throw .reading(.input(error))
    }
    let most = published.mostLineBytes
    let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
    guard let lineEnd = bytes.prefix(most).firstIndex(of: UInt8(ascii: "\n")) else {
      throw difference(from: offset, .lineTooLong(most: most))
    }
    var parser = ChartLineParser(UnsafeRawBufferPointer(rebasing: bytes[(lineEnd + 1)...]))
    guard let user = parser.userKey() else {
      throw difference(from: offset + lineEnd + 1, .syntax(column: parser.column))
    }
    return (offset + lineEnd + 1, user)
  }

  private func difference(from start: Int, _ problem: ChartDifference.Problem) -> ChartsError {
    .differs(ChartDifference(path: published.path, line: 1, start: start, problem: problem))
  }
}
