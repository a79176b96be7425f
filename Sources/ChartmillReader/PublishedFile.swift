internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// An output that a manifest names: one file, or the files of its partitions, which are read as one
/// file. Its content is not read yet.
///
/// Memory: a few hundred bytes per file.
struct PublishedFile {
  /// A file of the output.
  struct Part {
    /// The offset of the file in the output.
    let start: Int
    /// The number of bytes that the file must have.
    let byteCount: Int
    let file: LogFile
  }

  let entry: Manifest.Output
  let format: ChartFormat
  let top: Int
  /// The path of the output. If it is in several files, it is the path that `run` would give it.
  let path: String
  /// The files in order. There is at least one.
  private let parts: [Part]

  /// - Parameter folder: the folder of the manifest.
  /// - Precondition: the files of `entry` are consistent (`Manifest.inconsistentKey`).
  /// - Throws: `ChartsError.differs` if a file is missing.
  init(_ entry: Manifest.Output, in folder: String, format: ChartFormat, top: Int) throws {
    self.entry = entry
    self.format = format
    self.top = top
    let paths = entry.paths
    let starts = paths.count == 1 ? [0] : entry.filledStarts
    var parts: [Part] = []
    for (index, name) in paths.enumerated() {
      let path = Path.join(folder, name)
      let end = index + 1 < starts.count ? starts[index + 1] : entry.bytes
      do {
        parts.append(
          Part(
            start: starts[index], byteCount: end - starts[index], file: try LogFile(path: path)))
      } catch let error as SystemError where error.isNotFound {
        throw ChartsError.differs(ChartDifference(path: path, problem: .missing))
      }
    }
    path = paths.count == 1 ? parts[0].file.path : Path.join(folder, entry.name)
    self.parts = parts
  }

  /// The maximum length of a line with its end.
  var maxLineBytes: Int { format.maxChartBytes(top: top) }
  var isGzip: Bool { parts[0].file.isGzip }

  /// The file that has the byte at `offset`, or the last file if it is the end of the output.
  func part(at offset: Int) -> Part { parts[index(at: offset)] }

  /// The lines from `offset` on. A line must begin there.
  func lines(from offset: Int = 0) throws -> ChartLines {
    try ChartLines(parts[index(at: offset)...], from: offset, maxLineBytes: maxLineBytes)
  }

  private func index(at offset: Int) -> Int {
    parts.lastIndex { $0.start <= offset } ?? 0
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

  /// - Throws: `ChartsError.differs` if the size of a file is not the one in the manifest.
  func checkSize() throws {
    for part in parts where part.file.byteCount != part.byteCount {
      throw ChartsError.differs(
        ChartDifference(
          path: part.file.path,
          problem: .bytes(found: part.file.byteCount, expected: part.byteCount)))
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
