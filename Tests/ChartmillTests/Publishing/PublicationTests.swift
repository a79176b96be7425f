import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillJobs
@testable import ChartmillSystem

@Suite struct PublicationTests {
  private static let names = ["country.txt", "user.txt", "manifest.json"]

  /// A folder in which a run has published `version` of every file.
  private func published(_ version: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in Self.names { try folder.write("\(version) \(name)", to: name) }
    return folder
  }

  /// Stages the outputs. `commit` makes the manifest.
  private func stageAll(_ version: String, in publication: inout Publication) throws {
    for name in Self.names.dropLast() {
      try write("\(version) \(name)", to: try publication.stage(name))
    }
  }

  /// - Parameter meanwhile: called when the outputs are on disk and the manifest is not.
  private func commit(
    _ publication: consuming Publication, meanwhile: () -> Void = {}
  ) throws {
    try publication.commit(manifestName: "manifest.json") { file throws in
      meanwhile()
      try file.write(Array("new manifest.json".utf8))

    }
  }

  private func write(_ text: String, to file: File) throws {
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
  }

  private func expect(_ version: String, in folder: TemporaryFolder) throws {
    for name in Self.names { #expect(try folder.read(name) == "\(version) \(name)") }
    #expect(try folder.names() == Self.names.sorted())
  }

  private func error(_ body: () throws -> Void) -> (any Error)? {
    do { try body() } catch { return error }
    return nil
  }

  @Test func makesTheFolderAndPublishesAll() throws {
    let folder = try TemporaryFolder()
    let out = folder.path(of: "out")
    do {
      var publication = try Publication(folder: out)
      try stageAll("new", in: &publication)
      // Before the commit, no file has its final name.
      let names = try FileManager.default.contentsOfDirectory(atPath: out)
      #expect(names.count == 3 && names.allSatisfy { $0.hasPrefix(".chartmill-") })
      try commit(publication)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: out).sorted() == Self.names.sorted())
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(out)/user.txt")
    #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o700 } == 0o600)
  }

  @Test func replacesWhatWasThere() throws {
    let folder = try published("old")
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
      try commit(publication)
    }
    try expect("new", in: folder)
  }

  /// The folder never has a manifest together with the outputs of a different run.
  @Test func theOldManifestLeavesFirstAndTheNewOneComesLast() throws {
    let folder = try published("old")
    let events = try #require(FolderEvents(folder.path))
    var publication = try Publication(folder: folder.path)
    // The order of staging does not matter.
    for name in Self.names.dropLast().reversed() {
      try write("new", to: try publication.stage(name))
    }
    try commit(publication)
    #expect(
      events.take() == [
        "delete manifest.json", "rename user.txt", "rename country.txt", "rename manifest.json",
      ])
  }

  @Test func withoutCommitNothingChanges() throws {
    let folder = try published("old")
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
    }
    try expect("old", in: folder)
  }

  /// The rename of each file in turn fails, because the staged file is gone. The files that were
  /// already renamed are put back.
  @Test(arguments: names)
  func aFailedRenamePutsTheOldFilesBack(_ lost: String) throws {
    let folder = try published("old")
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
      var failed: (any Error)?
      do {
        try commit(publication) { removeStaged(lost, in: folder) }
      } catch {
        failed = error
      }
      guard let failure = failed as? SystemError, failure.role == .writing else {
        Issue.record("\(String(describing: failed))")
        return
      }
      #expect(failure.call == "rename" && failure.isNotFound)
      #expect(failure.path.hasSuffix("/\(lost)"))
      #expect(failure.exitStatus == .inputOutput)
    }
    try expect("old", in: folder)
  }

  @Test(arguments: names)
  func aFailureInAnEmptyFolderLeavesItEmpty(_ lost: String) throws {
    let folder = try TemporaryFolder()
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
      do {
        try commit(publication) { removeStaged(lost, in: folder) }
        Issue.record("no error")
      } catch {
        #expect(error is SystemError)
      }
    }
    #expect(try folder.names() == [])
  }

  private func removeStaged(_ name: String, in folder: TemporaryFolder) {
    let staged = (try? folder.names())?.filter { $0.hasPrefix(".chartmill-\(name)-") } ?? []
    #expect(staged.count == 1)
    for name in staged { try? FileManager.default.removeItem(atPath: folder.path(of: name)) }
  }

  @Test func aFolderUnderTheNameOfAnOutputIsNotReplaced() throws {
    let folder = try published("old")
    try FileManager.default.removeItem(atPath: folder.path(of: "user.txt"))
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "user.txt"), withIntermediateDirectories: false)
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
      do {
        try commit(publication)
        Issue.record("no error")
      } catch {
        #expect(error is SystemError)
      }
    }
    #expect(try folder.read("country.txt") == "old country.txt")
    #expect(try folder.read("manifest.json") == "old manifest.json")
    #expect(try folder.names() == Self.names.sorted())
  }

  @Test func aLinkUnderTheNameOfAnOutputIsNotFollowed() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try published("other")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(of: "user.txt"),
      withDestinationPath: elsewhere.path(of: "user.txt"))
    do {
      var publication = try Publication(folder: folder.path)
      try stageAll("new", in: &publication)
      do {
        try commit(publication)
        Issue.record("no error")
      } catch {
        #expect(error is SystemError)
      }
    }
    try expect("other", in: elsewhere)
  }

  @Test func onlyFilesOfKilledRunsAreRemoved() throws {
    let folder = try published("old")
    let leftover = TemporaryName.make(for: "user-top50.txt")
    let others = [
      ".chartmill-notes", ".chartmill-a-b-c", ".chartmill-a-1-00", "x-1-0123456789abcdef",
    ]
    for name in [leftover] + others { try folder.write("left", to: name) }
    // A folder with a temporary name. No run stages folders.
    let planted = TemporaryName.make(for: "planted")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(of: planted), withDestinationPath: folder.path(of: "user.txt"))
    _ = try Publication(folder: folder.path)
    #expect(try folder.names() == (Self.names + others + [planted]).sorted())
  }

  @Test func oneRunAtATime() throws {
    let folder = try TemporaryFolder()
    let lock = folder.path(of: ".chartmill-lock")
    do {
      var first = try Publication(folder: folder.path)
      let file = try first.stage("user.txt")
      let error = error { _ = try Publication(folder: folder.path) }
      #expect(
        error as? FolderLocked
          == FolderLocked(
            path: lock, holder: "\(ProcessInfo.processInfo.processIdentifier)"))
      // The second run did not touch the files of the first.
      #expect(FileManager.default.fileExists(atPath: file.path))
      #expect(FileManager.default.fileExists(atPath: lock))
    }
    _ = try Publication(folder: folder.path)
    #expect(try folder.names() == [])
  }

  @Test func aLockFileOfAKilledRunDoesNotStopTheNext() throws {
    let folder = try TemporaryFolder()
    try folder.write("123456789\n", to: ".chartmill-lock")
    _ = try Publication(folder: folder.path)
    #expect(try folder.names() == [])
  }

  @Test func anotherFileWithTheNameOfTheLockIsNotTouched() throws {
    let folder = try TemporaryFolder()
    try folder.write("precious", to: ".chartmill-lock")
    let found = error { _ = try Publication(folder: folder.path) }
    #expect(found.map(ExitStatus.init(of:)) == .cannotCreate)
    #expect(try folder.read(".chartmill-lock") == "precious")

    let linked = try TemporaryFolder()
    try linked.write("1", to: "precious")
    try FileManager.default.linkItem(
      atPath: linked.path(of: "precious"), toPath: linked.path(of: ".chartmill-lock"))
    let second = error { _ = try Publication(folder: linked.path) }
    #expect(second.map(ExitStatus.init(of:)) == .cannotCreate)
    #expect(try linked.read("precious") == "1")
  }

  @Test func foldersThatCannotBeWrittenIn() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "file")
    for place in ["file", "file/out", "missing/out", "link"] {
      if place == "link" {
        try FileManager.default.createSymbolicLink(
          atPath: folder.path(of: place), withDestinationPath: folder.path(of: "nowhere"))
      }
      let error = error { _ = try Publication(folder: folder.path(of: place)) }
      guard let failure = error as? SystemError else {
        Issue.record("\(place): \(String(describing: error))")
        continue
      }
      #expect(failure.path.hasPrefix(folder.path))
      #expect(failure.exitStatus == .cannotCreate)
    }
    #expect(try folder.names() == ["file", "link"])
  }
}
