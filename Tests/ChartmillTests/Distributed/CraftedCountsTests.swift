import Foundation
import Testing

@testable import ChartmillDistributed
@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillSystem

extension EndToEnd {
  /// Frames with correct CRCs and absurd numbers give an error, or charts that `verify` accepts. No
  /// command crashes or runs forever.
  @Suite struct CraftedCounts {
    private static let values = [Int.min, -1, 1 << 62, Int.max]

    private let scheduler: Scheduler
    private let counts: [Scheduler.Frame]

    init() throws {
      let logs = try LogBook("1|2|FR\n2|2|FR\n2|3|DE\nx|2|FR\n")
      try logs.add("1|2|FR\n5|5|IT\n", day: "20260704")
      let scheduler = try Scheduler(partitions: 2, assemble: ["--max-bad-rows", "100%"])
      let frames = try logs.folder.names().flatMap {
        try scheduler.frames(ofLog: logs.folder.path(of: $0))
      }
      self.scheduler = scheduler
      counts = Scheduler.Frame.all(of: try scheduler.parts(of: frames).counts.flatMap(\.self))
    }

    private static func text(of frame: Scheduler.Frame) throws -> [UInt8] {
      let member = Array(frame.bytes.dropFirst(FrameFormat.headerBytes))
      var payload = [UInt8](repeating: 0, count: member.count)
      let count = payload.withUnsafeMutableBytes { payload in
        member.withUnsafeBytes { GzipMember.read($0, into: payload, deflate: Deflate()) }
      }
      return Array(payload.prefix(try #require(count)))
    }

    private func frame(_ kind: FrameKind, _ text: [UInt8]) -> Scheduler.Frame {
      Scheduler.Frame(
        bytes: FrameHeader(kind, heldBytes: text.count, partitions: 2).encoded
          + text.withUnsafeBytes(GzipMember.stored))
    }

    /// The byte ranges of all integers in a JSON record.
    private static func numbers(in text: [UInt8]) -> [Range<Int>] {
      var ranges: [Range<Int>] = []
      var start: Int?
      var isQuoted = false
      for (index, byte) in text.enumerated() {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        let isDigit = (48...57).contains(byte) || byte == UInt8(ascii: "-")
        if isDigit, !isQuoted {
          start = start ?? index
        } else if let begin = start {
          ranges.append(begin..<index)
          start = nil
        }
      }
      return ranges
    }

    private func assemble(_ frames: [Scheduler.Frame], _ label: String) throws {
      let out = try TemporaryFolder()
      let process = try scheduler.assemble(frames.flatMap(\.bytes), out: out)
      #expect([0, 65, 66].contains(process.status), "\(label): \(process.errors)")
      guard process.status == 0 else {
        #expect(try out.names().filter { !$0.hasPrefix(".") } == [], "\(label)")
        return
      }
      let manifest = try Scheduler.manifest(in: out)
      var totals = LogTotals()
      #expect(manifest.inputs.allSatisfy { totals.add($0) }, "\(label)")
      #expect(manifest.inconsistentKey(date: manifest.date, totals) == nil, "\(label)")
    }

    @Test func everyNumberOfEveryRecord() throws {
      var tried = 0
      for (index, whole) in counts.enumerated() {
        let header = try whole.bytes.withUnsafeBytes { bytes in
          try FrameHeader(
            UnsafeRawBufferPointer(rebasing: bytes[..<FrameFormat.headerBytes]),
            deflate: Deflate())
        }
        guard header.kind == .log || header.kind == .part else { continue }
        let text = try Self.text(of: whole)
        for range in Self.numbers(in: text) {
          for value in Self.values {
            var changed = text
            changed.replaceSubrange(range, with: Array("\(value)".utf8))
            var frames = counts
            frames[index] = frame(header.kind, changed)
            let name = String(decoding: text[..<range.lowerBound].suffix(30), as: UTF8.self)
            try assemble(frames, "\(header.kind), \(value) behind \(name)")
            tried += 1
          }
        }
      }
      #expect(tried > 100)
    }

    /// Each number fits, but their sum does not.
    @Test(arguments: [
      "accepted", "rejected", "bytes", "textBytes", "rows", "spillBytes", "streams",
    ])
    func sumsOfRecords(_ key: String) throws {
      var frames: [Scheduler.Frame] = []
      for whole in counts {
        let header = try whole.bytes.withUnsafeBytes { bytes in
          try FrameHeader(
            UnsafeRawBufferPointer(rebasing: bytes[..<FrameFormat.headerBytes]),
            deflate: Deflate())
        }
        guard header.kind == .log || header.kind == .part else {
          frames.append(whole)
          continue
        }
        let text = String(decoding: try Self.text(of: whole), as: UTF8.self)
        let changed = text.replacing(
          try Regex("\"\(key)\" : [0-9]+"), with: "\"\(key)\" : \(1 << 62)")
        frames.append(frame(header.kind, Array(changed.utf8)))
      }
      try assemble(frames, key)
    }

  }
}
