internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Finds the lines of one user in a published user file, without reading the file.
///
/// The user id gives the partition, the manifest gives the bytes of the partition, and users ascend
/// within it. In a plain file, a binary search with about a dozen short reads narrows these bytes
/// to `scannedBytes`. Gzip can be read only from the beginning of a member, so the members of the
/// partition are inflated in order. The remaining lines are read one by one, up to the user.
///
/// Memory: a `ChartLines`. On the lines that precede the user's, only the user ids are parsed;
/// `ChartVerifier` checks complete lines.
struct UserLineSearch {
  /// `ChartLines` reads more than this at once, so halving the range further would not save time.
  private static let scannedBytes = 128 << 10

  private let file: PublishedFile
  private let header: StaticString
  private let scheme: PartitionScheme
  private let scannedBytes: Int

  /// - Parameters:
  ///   - header: the first line of the file; empty if its format has none.
  ///   - scannedBytes: the maximum number of bytes of a plain file that are read line by line,
  ///     unless a few lines are longer.
  /// - Throws: `ChartsError.differs` if the size of the file is not the one in the manifest.
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

  /// The lines of the file from the first line of the user on; nil if the user has none.
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
      let key: UInt64
      do {
        key = try parser.user(file.format)
      } catch {
        throw lines.difference(error)
      }
      let place = scheme.splitUser(key)
      if let last {
        // In CSV a user has one line per song.
        if place < last || (place == last && file.format != .csv) {
          throw lines.difference(place == last ? .repeatedKey : .keyOrder)
        }
      } else if place.partition != target.partition {
        // A partition without users may still hold the header. The next line then belongs to a
        // later partition.
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

  /// The offset of a line at most `scannedBytes` before the first line of the target, if it has
  /// one.
  private func narrowed(
    _ bytes: Range<Int>, to target: (partition: UInt64, quotient: UInt64)
  ) throws -> Int {
    let probe = try LineProbe(file, at: bytes.lowerBound)
    var (low, high) = (bytes.lowerBound, bytes.upperBound)
    // The range holds at least two lines, so a line begins in its upper half, and it shrinks.
    while high - low > max(scannedBytes, 2 * (file.maxLineBytes + 1)) {
      let line = try probe.firstLine(behind: low + (high - low) / 2, before: high)
      // If the target has several lines, `low` must not pass the first of them.
      if scheme.splitUser(line.user) >= target { high = line.start } else { low = line.start }
    }
    return low
  }
}

/// Finds the first line after any offset in a plain file, and the user of that line. Offsets count
/// from the beginning of the output. Memory: one line.
@safe private final class LineProbe {
  private let published: PublishedFile
  private let file: File
  /// The offset of the file in the output.
  private let fileStart: Int
  private let buffer: UnsafeMutableRawBufferPointer

  /// - Parameter offset: an offset in the file to search.
  init(_ published: PublishedFile, at offset: Int) throws {
    self.published = published
    let part = published.part(at: offset)
    file = try File.open(reading: part.file.path)
    fileStart = part.start
    // The buffer holds the rest of one line and the key of the next one.
    unsafe buffer = .allocate(
      byteCount: published.maxLineBytes + ChartLineParser.maxUserBytes, alignment: 1)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// The first line that begins after `offset`, and its user.
  ///
  /// - Precondition: `end - offset` is more than `maxLineBytes`.
  func firstLine(
    behind offset: Int, before end: Int
  ) throws -> (start: Int, user: UInt64) {
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - offset))
    let count = try unsafe file.read(into: room, at: offset - fileStart)
    let max = published.maxLineBytes
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
    guard let lineEnd = unsafe bytes.prefix(max).firstIndex(of: UInt8(ascii: "\n")) else {
      throw difference(from: offset, .lineTooLong(max: max))
    }
    var parser = unsafe ChartLineParser(UnsafeRawBufferPointer(rebasing: bytes[(lineEnd + 1)...]))
    do {
      return (offset + lineEnd + 1, try parser.user(published.format))
    } catch {
      throw difference(from: offset + lineEnd + 1, error)
    }
  }

  private func difference(from start: Int, _ problem: ChartDifference.Problem) -> ChartsError {
    .differs(ChartDifference(path: file.path, line: 1, start: start - fileStart, problem: problem))
  }
}
