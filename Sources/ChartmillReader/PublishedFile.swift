internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// A file that a manifest names. Its content is not read yet.
struct PublishedFile {
  let entry: Manifest.Output
  let format: ChartFormat
  let top: Int
  private let file: LogFile

  /// - Throws: `ChartsError.differs` if there is no such file.
  init(_ entry: Manifest.Output, path: String, format: ChartFormat, top: Int) throws {
    self.entry = entry
    self.format = format
    self.top = top
    do {
      file = try LogFile(path: path)
    } catch let error as SystemError where error.isNotFound {
      throw ChartsError.differs(ChartDifference(path: path, problem: .missing))
    }
  }

  var path: String { file.path }
  /// The maximum length of a line with its end.
  var maxLineBytes: Int { format.maxChartBytes(top: top) }
  var isGzip: Bool { file.isGzip }
  var storedBytes: Int { file.byteCount }

  /// The lines from `offset` on. A line must begin there.
  func lines(from offset: Int = 0) throws -> ChartLines {
    try ChartLines(file, from: offset, maxLineBytes: maxLineBytes)
  }

  /// The range of bytes that hold a partition.
  func bytes(of partition: Int) -> Range<Int> {
    let starts = entry.partitionStarts
    return starts[partition]..<(partition + 1 < starts.count ? starts[partition + 1] : entry.bytes)
  }

  /// The offset of a partition; nil if the partition is empty.
  func start(of partition: Int) -> Int? {
    let bytes = bytes(of: partition)
    return bytes.isEmpty ? nil : bytes.lowerBound
  }

  /// - Throws: `ChartsError.differs` if the size of the file is not the one in the manifest.
  func checkSize() throws {
    if storedBytes != entry.bytes {
      throw difference(.bytes(found: storedBytes, expected: entry.bytes))
    }
  }

  /// Checks the streams of all charts. If the check passes, they fit an `Int`.
  ///
  /// - Throws: `ChartsError.differs` if the charts count more streams than `max`.
  func check(_ streams: UInt64, max: Int) throws {
    if streams > UInt64(max) { throw difference(.streams(found: streams, max: max)) }
  }

  func difference(_ problem: ChartDifference.Problem) -> ChartsError {
    .differs(ChartDifference(path: path, problem: problem))
  }
}
