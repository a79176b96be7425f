internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Finds the lines of one user in a published user file, without reading the file.
///
/// The id gives the partition, the manifest the bytes that hold it, and inside users ascend. A plain
/// file is narrowed down by halves, with a dozen short reads, to `scannedBytes`. Gzip can be entered
/// only where a member begins, so a partition's members are inflated in order, up to the user. What
/// is left of either is read line by line.
///
/// Memory: that of `ChartLines`. Lines that are passed over are checked for their user only: it is
/// `ChartVerifier` that reads all.
struct UserLineSearch {
  /// Less than `ChartLines` reads at once: to halve it further would save nothing.
  private static let scannedBytes = 128 << 10

  private let file: PublishedFile
  private let header: StaticString
  private let scheme: PartitionScheme
  private let scannedBytes: Int

  /// - Parameters:
  ///   - header: the file's first line; empty when its format has none.
  ///   - scannedBytes: of a plain file, no more than these are read line by line, or a few lines if
  ///     that is more.
  init(
    _ file: PublishedFile, header: StaticString, scheme: PartitionScheme,
    scannedBytes: Int = Self.scannedBytes
  ) throws {
    try file.checkSize()
    self.file = file
    self.header = header
    self.scheme = scheme
    self.scannedBytes = scannedBytes
  }

  /// The lines of the file from the first one of the user on; nil when there is none.
  func lines(of user: UInt64) throws -> ChartLines? {
    let target = scheme.splitUser(user)
    let bytes = file.bytes(of: Int(target.partition))
    if bytes.isEmpty { return nil }
    let lines = try file.lines(
      from: file.isGzip ? bytes.lowerBound : try narrowed(bytes, to: target))
    let isBehindHeader = lines.offset == 0 && header.utf8CodeUnitCount > 0
    if isBehindHeader { try lines.skipHeader(header) }
    var last: (partition: UInt64, quotient: UInt64)?
    while let line = try unsafe lines.next() {
      var parser = unsafe ChartLineParser(line)
      guard let key = parser.userKey(file.format) else {
        throw lines.difference(.syntax(column: parser.column))
      }
      let place = scheme.splitUser(key)
      if let last {
        // A user's rows are as many lines.
        if place < last || (place == last && file.format != .csv) {
          throw lines.difference(place == last ? .repeatedKey : .keyOrder)
        }
      } else if place.partition != target.partition {
        // A part that holds only the names of columns is followed by the next one's users.
        if isBehindHeader, place > target { return nil }
        throw lines.difference(.partitionStart(Int(target.partition)))
      }
      if place > target { return nil }
      if place == target {
        lines.stepBack()
        return lines
      }
      last = place
    }
    return nil
  }

  /// Where to begin to read lines: at most `scannedBytes` before the target's first line, if it has
  /// one.
  private func narrowed(
    _ bytes: Range<Int>, to target: (partition: UInt64, quotient: UInt64)
  ) throws -> Int {
    let probe = try LineProbe(file)
    var (low, high) = (bytes.lowerBound, bytes.upperBound)
    // With two lines or more in it, a line begins in the upper half, so every turn ends closer.
    while high - low > max(scannedBytes, 2 * (file.mostLineBytes + 1)) {
      let line = try probe.firstLine(behind: low + (high - low) / 2, before: high)
      // Of the target's rows a later one must not be the first that is read.
      if scheme.splitUser(line.user) >= target { high = line.start } else { low = line.start }
    }
    return low
  }
}

/// Looks into a plain file at any byte for the user whose line begins next. Memory: a line.
@safe private final class LineProbe {
  private let published: PublishedFile
  private let file: File
  private let buffer: UnsafeMutableRawBufferPointer

  init(_ published: PublishedFile) throws {
    self.published = published
    file = try File.open(reading: published.path)
    // The rest of a line, and the key of the next one.
    unsafe buffer = .allocate(
      byteCount: published.mostLineBytes + ChartLineParser.maxKeyBytes, alignment: 1)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// - Precondition: from `offset` to `end` are more than `mostLineBytes`.
  func firstLine(
    behind offset: Int, before end: Int
  ) throws -> (start: Int, user: UInt64) {
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - offset))
    let count = try unsafe file.read(into: room, at: offset)
    let most = published.mostLineBytes
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
    guard let lineEnd = unsafe bytes.prefix(most).firstIndex(of: UInt8(ascii: "\n")) else {
      throw difference(from: offset, .lineTooLong(max: most))
    }
    var parser = unsafe ChartLineParser(UnsafeRawBufferPointer(rebasing: bytes[(lineEnd + 1)...]))
    guard let user = parser.userKey(published.format) else {
      throw difference(from: offset + lineEnd + 1, .syntax(column: parser.column))
    }
    return (offset + lineEnd + 1, user)
  }

  private func difference(from start: Int, _ problem: ChartDifference.Problem) -> ChartsError {
    .differs(ChartDifference(path: published.path, line: 1, start: start, problem: problem))
  }
}
