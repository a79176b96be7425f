internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// One file that a manifest names, as found: nothing of it has been read.
struct PublishedFile {
  let entry: Manifest.Output
  let format: ChartFormat
  let top: Int
  private let file: LogFile

  /// Throws `.differs` when there is no such file.
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
  /// Of a line with its end.
  var mostLineBytes: Int { format.maxChartBytes(top: top) }
  var isGzip: Bool { file.isGzip }
  var storedBytes: Int { file.byteCount }

  func lines(from offset: Int = 0) throws -> ChartLines {
    try ChartLines(file, from: offset, mostLineBytes: mostLineBytes)
  }

  /// The bytes of the file that hold a partition.
  func bytes(of partition: Int) -> Range<Int> {
    let starts = entry.partitionStarts
    return starts[partition]..<(partition + 1 < starts.count ? starts[partition + 1] : entry.bytes)
  }

  /// Where a partition that is not empty begins.
  func start(of partition: Int) -> Int? {
    let bytes = bytes(of: partition)
    return bytes.isEmpty ? nil : bytes.lowerBound
  }

  /// Throws `.differs` when the file is longer or shorter than the manifest says.
  func checkSize() throws {
    if storedBytes != entry.bytes {
      throw difference(.bytes(found: storedBytes, expected: entry.bytes))
    }
  }

  /// Throws `.differs` when charts count more streams than there were rows. Sums that pass fit `Int`.
  func check(_ streams: UInt64, most: Int) throws {
    if streams > UInt64(most) { throw difference(.streams(found: streams, max: most)) }
  }

  func difference(_ problem: ChartDifference.Problem) -> ChartsError {
    .differs(ChartDifference(path: path, problem: problem))
  }
}
