internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// The contents of a frame.
enum FrameKind: UInt64, Sendable {
  /// A sorted run of one partition.
  case run
  /// The `LogRecord` of a log as JSON. It is the last frame of a rollup.
  case log
  /// The `PartRecord` of a partition as JSON.
  case part
  /// The charts of countries in one partition, as lines of a country file in text format.
  case localCharts
}

/// The header of a frame.
struct FrameHeader: Sendable, Equatable {
  let kind: FrameKind
  let partitions: Int
  let payloadBytes: Int
  /// This property and the following ones are valid only for a sorted run.
  let runClass: SortedRunClass
  let partition: Int
  let extent: SortedRunExtent

  /// The header of a sorted run.
  init(_ run: SortedRun, partitions: Int) {
    kind = .run
    self.partitions = partitions
    payloadBytes = run.end - run.offset
    runClass = run.runClass
    partition = run.partition
    extent = SortedRunExtent(
      offset: 0, byteCount: UInt64(payloadBytes), records: UInt64(run.records),
      groupUnion: run.groupUnion, itemUnion: run.itemUnion)
  }

  /// The header of a frame that is not a sorted run. Its payload is a member of `heldBytes` bytes.
  ///
  /// - Precondition: `kind` is not `run`.
  init(_ kind: FrameKind, heldBytes: Int, partitions: Int) {
    precondition(kind != .run)
    self.kind = kind
    self.partitions = partitions
    payloadBytes = GzipMember.storedBytes(heldBytes)
    runClass = SortedRunClass(kind: .user, isOutlier: false)
    partition = 0
    extent = SortedRunExtent()
  }

  /// The number that a scheduler groups frames by. The users of each partition have their own
  /// destination, and so do the countries of each partition. The last destination is `assemble`.
  var destination: Int {
    kind == .run ? runClass.kind.rawValue * partitions + partition : 2 * partitions
  }

  private var words: [UInt64] {
    [
      FrameFormat.magic, UInt64(destination), UInt64(payloadBytes), kind.rawValue,
      UInt64(partitions), UInt64(runClass.index), extent.records, extent.groupUnion,
      extent.itemUnion,
    ]
  }

  /// The header as a member of `FrameFormat.headerBytes` bytes.
  var encoded: [UInt8] {
    unsafe words.map(\.littleEndian).withUnsafeBytes(unsafe GzipMember.stored)
  }

  /// Decodes a header.
  ///
  /// - Parameter member: `FrameFormat.headerBytes` bytes.
  init(_ member: UnsafeRawBufferPointer, deflate: Deflate) throws(FrameProblem) {
    var words = [UInt64](repeating: 0, count: FrameFormat.words)
    let length = unsafe words.withUnsafeMutableBytes {
      unsafe GzipMember.read(member, into: $0, deflate: deflate)
    }
    guard length == FrameFormat.payloadBytes else { throw .notAFrame }
    words = words.map { UInt64(littleEndian: $0) }
    guard words[0] == FrameFormat.magic else {
      throw words[0] >> 16 == FrameFormat.magic >> 16 ? .otherVersion : .notAFrame
    }
    guard let kind = FrameKind(rawValue: words[3]), words[2] <= 1 << 48,
      words[4] <= UInt64(Resources.partitionsRange.upperBound), words[4] > 0,
      words[5] < UInt64(SortedRunClass.all.count)
    else { throw .notAFrame }
    self.kind = kind
    payloadBytes = Int(words[2])
    partitions = Int(words[4])
    runClass = SortedRunClass.all[Int(words[5])]
    partition = Int(words[1] % words[4])
    extent = SortedRunExtent(
      offset: 0, byteCount: words[2], records: words[6], groupUnion: words[7],
      itemUnion: words[8])
    guard words[1] == UInt64(destination) else { throw .notAFrame }
    if kind != .run, payloadBytes > GzipMember.storedBytes(FrameFormat.maxHeldBytes) {
      throw .notAFrame
    }
  }
}

extension FrameHeader {
  /// Whether a file begins with a `part` frame.
  static func isPart(_ file: File) throws(SystemError) -> Bool {
    let header = try file.bytes(at: 0, count: FrameFormat.headerBytes)
    return unsafe header.count == FrameFormat.headerBytes
      && header.withUnsafeBytes { unsafe (try? FrameHeader($0, deflate: Deflate()))?.kind == .part }
  }
}
