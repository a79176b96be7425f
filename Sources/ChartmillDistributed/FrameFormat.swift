internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// The layout of a stream of frames: how a rollup leaves the machine that made it, and how counts
/// reach the manifest.
///
/// An engine (Apache Spark, or a loop of a shell) moves frames between `rollup --frames`, `chart`
/// and `assemble`. Of a frame it has to know only the header's first fields: how long it is, and
/// where it goes.
///
///     stream  := frame*                    in any order; two streams concatenated are a stream
///     frame   := header  payload
///     header  := a stored member of `payloadBytes` bytes: nine words, little-endian
///     payload := a run's blocks as they are in a spill file, or one stored member
///
/// As in a spill file, every byte lies in a gzip member, so `gzip -t` checks a stream, `zcat` reads
/// it, and each member's CRC guards its payload.
enum FrameFormat {
  static let magic: UInt64 = 0x4d52_465f_4d43_0001

  /// magic, destination, payload bytes, kind, partitions, class, records, groups, items.
  static let words = 9
  static let payloadBytes = words * MemoryLayout<UInt64>.stride
  static let headerBytes = GzipMember.storedBytes(payloadBytes)

  /// Of a payload that is held in memory: a record, or some local charts.
  static let mostHeldBytes = 64 << 20
}

/// What a frame holds.
enum FrameKind: UInt64, Sendable {
  /// A run of one partition.
  case run
  /// What a log held: `LogRecord` as JSON. The last frame of a rollup.
  case log
  /// What a partition gave: `PartRecord` as JSON.
  case part
  /// Lines of a country partition's local charts, as a country file of text has them.
  case localCharts
}

/// The header of a frame.
struct FrameHeader: Sendable, Equatable {
  let kind: FrameKind
  let partitions: Int
  let payloadBytes: Int
  /// Of a run only.
  let runClass: SortedRunClass
  let partition: Int
  let extent: SortedRunExtent

  /// Of the blocks of `run`.
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

  /// Of a member with `heldBytes` bytes in it.
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

  /// Frames of one destination belong together: each half of each partition is one, and all that
  /// `assemble` reads is the last. An engine shuffles by it.
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

  /// `FrameFormat.headerBytes` of them.
  var encoded: [UInt8] {
    unsafe words.map(\.littleEndian).withUnsafeBytes(unsafe GzipMember.stored)
  }

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
    if kind != .run, payloadBytes > GzipMember.storedBytes(FrameFormat.mostHeldBytes) {
      throw .notAFrame
    }
  }
}

/// Frames on standard input that this command cannot use.
package struct FrameError: Error, Sendable, Equatable {
  package let problem: FrameProblem
  /// The byte of the stream that the frame begins at.
  package let offset: Int

  init(_ problem: FrameProblem, offset: Int) {
    self.problem = problem
    self.offset = offset
  }
}

/// Why a stream of frames cannot be used.
package enum FrameProblem: Error, Sendable, Equatable {
  /// It ends within a frame.
  case torn
  case notAFrame
  case otherVersion
  /// The payload is not what was written.
  case damaged
  /// Of another partition or another half of the records, or nothing that this command reads.
  case otherDestination
  case otherPartitions(found: Int, expected: Int)
}

extension FrameHeader {
  /// Whether a file begins with the frame of a part's counts.
  static func isPart(_ file: File) throws(SystemError) -> Bool {
    let header = try file.bytes(at: 0, count: FrameFormat.headerBytes)
    return unsafe header.count == FrameFormat.headerBytes
      && header.withUnsafeBytes { unsafe (try? FrameHeader($0, deflate: Deflate()))?.kind == .part }
  }
}
