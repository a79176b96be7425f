import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillSystem

@Suite struct FilePoolTests {
  private func openFiles(below path: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?
        .hasPrefix(path) ?? false
    }
  }

  private func read(_ file: SpillFile) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 8)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    return Array(bytes.prefix(count))
  }

  @Test func neverMoreFilesAreOpenThanTheLimit() throws {
    let folder = try TemporaryFolder()
    let pool = FilePool(limit: 3)
    let files = try (0..<20).map { index in
      let path = folder.path(of: "file\(index)")
      try folder.write("\(index)", to: "file\(index)")
      let status = try File.open(reading: path).status()
      return SpillFile(path: path, status: status, end: 1, pool: pool)
    }
    #expect(try openFiles(below: folder.path) == 0)
    for round in 0..<3 {
      for (index, file) in files.enumerated() {
        #expect(try read(file) == Array("\(index)".utf8), "round \(round)")
        #expect(try openFiles(below: folder.path) <= 3)
      }
    }
    let open = try openFiles(below: folder.path)
    withExtendedLifetime(files) { #expect(open == 3) }
  }

  @Test func aFileIsClosedWhenItIsNoLongerUsed() throws {
    let folder = try TemporaryFolder()
    try folder.write("text", to: "file")
    let pool = FilePool(limit: 3)
    do {
      let path = folder.path(of: "file")
      let file = SpillFile(
        path: path, status: try File.open(reading: path).status(), end: 4, pool: pool)
      #expect(try read(file) == Array("text".utf8))
      let open = try openFiles(below: folder.path)
      withExtendedLifetime(file) { #expect(open == 1) }
    }
    #expect(try openFiles(below: folder.path) == 0)
  }

  /// If a different file took the name, it is not used in place of the file that was found.
  @Test func aFileThatWasReplacedIsNotOpened() throws {
    let folder = try TemporaryFolder()
    let path = folder.path(of: "file")
    try folder.write("text", to: "file")
    let pool = FilePool(limit: 3)
    let status = try File.open(reading: path).status()
    try FileManager.default.moveItem(atPath: path, toPath: folder.path(of: "old"))
    try folder.write("else", to: "file")
    #expect(try read(SpillFile(path: path, status: status, end: 4, pool: pool)) == [])
    try FileManager.default.removeItem(atPath: path)
    #expect(try read(SpillFile(path: path, status: status, end: 4, pool: pool)) == [])
  }

  @Test func threadsShareThePool() throws {
    let folder = try TemporaryFolder()
    let pool = FilePool(limit: 2)
    let files = try (0..<6).map { index in
      let path = folder.path(of: "file\(index)")
      try folder.write("\(index)", to: "file\(index)")
      return SpillFile(
        path: path, status: try File.open(reading: path).status(), end: 1, pool: pool)
    }
    let wrong = Locked(0)
    try Workers.run(4) { worker in
      for round in 0..<2000 {
        let index = (round * (worker + 1)) % files.count
        var byte: UInt8 = 0
        let count = withUnsafeMutableBytes(of: &byte) {
          (try? files[index].read(into: $0, at: 0)) ?? 0
        }
        if count != 1 || byte != UInt8(48 + index) { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }
}
